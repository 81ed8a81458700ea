"""Three servers for all clients, and the check that each client asks just the routes it is said to."""

import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from .plain import ALIAS, KEY, MODEL, Target
from .relay import Relay
from .serving import build, serving

MODEL_BY_ID = re.compile(r"(?<=^GET /v1/models/).+")
RELAYS: list[Relay] = []
PRECISE = ("--backend", "onnx", "--dtype", "float32", "--threads", "1")
TINY = {
    "cross": "bert_rerank",
    "labels": "bert_classify",
    "entities": "bert_ner",
    "splade": "bert_splade",
    "colbert": "bert_colbert",
}


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def tiktoken_files() -> dict[str, str]:
    """Return where cl100k_base lies, for tiktoken to ask no network: two of the clients carry the file."""
    carriers = {"litellm": "litellm_core_utils/tokenizers", "llama_index.core": "_static/tiktoken_cache"}
    for package, folder in carriers.items():
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            return {"TIKTOKEN_CACHE_DIR": str(Path(spec.origin).parent / folder)}
    return {}


os.environ.update(tiktoken_files())
os.environ.update(HAYSTACK_TELEMETRY_ENABLED="False", LITELLM_LOCAL_MODEL_COST_MAP="True")


def target(*arguments: str, cache: Path) -> Iterator[Target]:
    with (
        serving(*PRECISE, *arguments, cache=cache, env=tiktoken_files()) as process,
        Relay(process.port) as relay,
    ):
        RELAYS.append(relay)
        yield Target(relay.url, f"http://127.0.0.1:{process.port}")


@pytest.fixture(scope="session")
def server(cache: Path) -> Iterator[Target]:
    """One embedder under two names; token ids are OpenAI's."""
    names = (MODEL, f"{ALIAS}={MODEL}")
    yield from target(*names, "--token-ids", "tiktoken:cl100k_base", cache=cache)


@pytest.fixture(scope="session")
def guarded(cache: Path) -> Iterator[Target]:
    """It asks for a key, and takes few inputs and short bodies."""
    limits = ("--max-client-batch-size", "300", "--payload-limit", "1000000")
    yield from target(MODEL, "--api-key", KEY, *limits, cache=cache)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tiny checkpoints by the name that they are served under."""
    built = build(list(TINY.values()), tmp_path_factory.mktemp("checkpoints"))
    return {name: built[family] for name, family in TINY.items()}


@pytest.fixture(scope="session")
def several(cache: Path, tiny: dict[str, Path]) -> Iterator[Target]:
    """A cross-encoder, classifiers of texts and tokens, SPLADE, ColBERT, and an embedder."""
    yield from target(*(f"{name}={path}" for name, path in tiny.items()), MODEL, cache=cache)


@pytest.fixture(scope="session")
def labels(cache: Path, tiny: dict[str, Path]) -> Iterator[Target]:
    """A classifier alone."""
    yield from target(f"labels={tiny['labels']}", cache=cache)


@pytest.fixture(scope="module", autouse=True)
def asked(request: pytest.FixtureRequest) -> Iterator[None]:
    """A module's client asks no route that its ROUTES lacks, and all of them when the whole module runs."""
    for relay in RELAYS:
        relay.seen.clear()
    failed = request.session.testsfailed
    yield
    seen = {MODEL_BY_ID.sub("{id}", one) for relay in RELAYS for one in relay.seen}
    declared = set(request.module.ROUTES)
    assert seen <= declared, f"not in ROUTES: {sorted(seen - declared)}"
    config = request.config
    whole = not config.option.keyword and not any("::" in one for one in config.args)
    if whole and request.session.testsfailed == failed:
        assert seen == declared, f"in ROUTES but not asked: {sorted(declared - seen)}"
