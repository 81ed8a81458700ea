"""What torch offers for which hardware."""

from dataclasses import replace
from pathlib import Path

import pytest

from vectord.backends.torch import TorchBackend, bid
from vectord.core import (
    Arch,
    Bid,
    CudaDevice,
    Dtype,
    Embedding,
    Hardware,
    Head,
    ModelCard,
    Options,
    Refusal,
    StoredTensor,
)

GIB = 2**30
H200 = CudaDevice(index=1, name="H200", capability=(9, 0), free_bytes=100 * GIB)
T4 = CudaDevice(index=0, name="T4", capability=(7, 5), free_bytes=15 * GIB)
P100 = CudaDevice(index=0, name="P100", capability=(6, 0), free_bytes=15 * GIB)
PLAIN = Hardware(machine="x86_64", cpu="some CPU", cores=4, isa=frozenset({"avx2"}))
CARD = ModelCard(
    name="tiny",
    source="",
    path=Path(),
    revision=None,
    fingerprint="",
    family="any",
    network=Arch(8, Embedding(10), (), None, 16),
    heads=(Head("embedding", "mean"),),
    tasks=("embed",),
    normalize=True,
    prompts={},
    default_prompt=None,
    max_length=16,
    pad_id=0,
    labels=(),
    tensors={"embedding.word.weight": StoredTensor(Path(), 0, "F32", (GIB, 1))},
)
RERANKER = replace(CARD, heads=(Head("logits", "cls"),), tasks=("rerank",))


@pytest.fixture(autouse=True)
def cuda_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bid, "has_cuda", lambda: True)


def offered(hardware: Hardware, options: Options | None = None, card: ModelCard = CARD) -> Bid:
    offer = TorchBackend().bid(card, hardware, options or Options(threads=3))
    assert isinstance(offer, Bid), offer
    return offer


def refused(hardware: Hardware, options: Options | None = None) -> str:
    offer = TorchBackend().bid(CARD, hardware, options or Options())
    assert isinstance(offer, Refusal), offer
    return offer.reason


def test_a_cpu_runs_float32_on_the_threads_it_is_given() -> None:
    offer = offered(PLAIN)
    assert (offer.device, offer.dtype, offer.runners, offer.threads) == ("cpu", "float32", 1, 3)


@pytest.mark.parametrize(
    ("dtype", "isa"), [("bfloat16", "avx512_bf16"), ("float16", "avx512_fp16"), ("bfloat16", "amx_bf16")]
)
def test_a_cpu_runs_the_halves_that_it_has(dtype: Dtype, isa: str) -> None:
    options = Options(dtype=dtype)
    assert offered(replace(PLAIN, isa=frozenset({isa})), options).dtype == dtype
    assert "never emulates" in refused(PLAIN, options)


def test_cuda_outbids_the_cpu_by_far() -> None:
    assert offered(replace(PLAIN, cuda=(H200,))).score > 5 * offered(PLAIN).score


def test_cuda_takes_bfloat16_for_embeddings_and_float32_for_scores() -> None:
    hardware = replace(PLAIN, cuda=(T4, H200))
    offer = offered(hardware)
    assert (offer.device, offer.dtype) == ("cuda:1", "bfloat16")
    assert "H200" in offer.reason
    assert offered(hardware, card=RERANKER).dtype == "float32"


def test_devices_like_the_best_may_have_a_session_each() -> None:
    other = replace(H200, index=3, free_bytes=90 * GIB)
    full = replace(H200, index=4, free_bytes=GIB)
    offer = offered(replace(PLAIN, cuda=(T4, other, full, H200)))
    assert (offer.device, offer.devices) == ("cuda:1", ("cuda:1", "cuda:3"))


def test_a_device_without_bfloat16_units_runs_the_others() -> None:
    hardware = replace(PLAIN, cuda=(T4,))
    assert offered(hardware).dtype == "float32"
    assert offered(hardware, Options(dtype="float16")).dtype == "float16"
    assert "bfloat16" in refused(hardware, Options(dtype="bfloat16"))


@pytest.mark.parametrize("device", [P100, replace(H200, free_bytes=GIB)])
def test_a_device_that_is_too_old_or_too_full_is_left_alone(device: CudaDevice) -> None:
    assert offered(replace(PLAIN, cuda=(device,))).device == "cpu"


def test_a_cpu_build_of_torch_is_not_asked_for_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bid, "has_cuda", lambda: False)
    assert offered(replace(PLAIN, cuda=(H200,))).device == "cpu"


def test_without_torch_the_refusal_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bid, "has_torch", lambda: False)
    assert "make install-torch" in refused(PLAIN)
