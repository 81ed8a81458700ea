"""What torch offers for which hardware."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vectord.backends.choice import choose, offers
from vectord.backends.torch import TorchBackend, bid, devices
from vectord.core import (
    Alibi,
    Arch,
    Attention,
    Bid,
    CudaDevice,
    Dtype,
    Embedding,
    Full,
    Hardware,
    Head,
    Layer,
    ModelCard,
    Options,
    Plain,
    PreNorm,
    Refusal,
    Rotary,
    StoredTensor,
)
from vectord.errors import SettingError
from vectord.load import devices_of

from .running import installed

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
    monkeypatch.setattr(devices, "has_cuda", lambda: True)


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
    monkeypatch.setattr(devices, "has_cuda", lambda: False)
    offer = offered(replace(PLAIN, cuda=(H200,)))
    assert offer.device == "cpu"
    assert "built without it" in offer.reason
    assert "nvidia-smi finds no device" in offered(PLAIN).reason
    assert "built without it" in refused(replace(PLAIN, cuda=(H200,)), Options(devices=(1,)))
    assert "no device" in refused(PLAIN, Options(devices=(0,)))


def test_devices_are_those_asked_for_in_their_order() -> None:
    hardware = replace(PLAIN, cuda=(T4, H200, replace(H200, index=2)))
    offer = offered(hardware, Options(devices=(2, 1)))
    assert (offer.device, offer.devices, offer.dtype) == ("cuda:2", ("cuda:2", "cuda:1"), "bfloat16")
    assert offered(hardware, Options(devices=(1,))).devices == ("cuda:1",)
    both = offered(hardware, Options(devices=(1, 0)))  # the weaker one decides
    assert (both.devices, both.dtype) == (("cuda:1", "cuda:0"), "float32")
    assert "no bfloat16 units" in refused(hardware, Options("bfloat16", devices=(1, 0)))


@pytest.mark.parametrize(
    ("device", "asked", "why"),
    [
        (H200, 5, "there is no CUDA device 5; there are 1 (H200)"),
        (P100, 0, "cuda:0 (P100) has compute capability 6.0, and torch needs 7.5"),
        (replace(H200, free_bytes=GIB), 1, "cuda:1 (H200) has 1.0 GiB free, and the model may need 4.8"),
    ],
)
def test_a_wrong_device_is_refused_and_not_replaced(device: CudaDevice, asked: int, why: str) -> None:
    hardware = replace(PLAIN, cuda=(device,))
    assert why in refused(hardware, Options(devices=(asked,)))


def test_asked_for_devices_no_backend_of_cpus_is_chosen() -> None:
    found = offers(installed(), CARD, replace(PLAIN, cuda=(P100,)), Options(threads=2, devices=(0,)))
    assert all(isinstance(one.answer, Refusal) for one in found)
    with pytest.raises(SettingError, match=r"compute capability 6\.0") as error:
        choose(found, "auto")
    assert "\n" not in str(error.value)
    found = offers(installed(), CARD, replace(PLAIN, cuda=(H200,)), Options(threads=2, devices=(1,)))
    assert choose(found, "auto").bid.device == "cuda:1"


@pytest.mark.parametrize("text", ["", "0,", "a", "-1", "0,0", "cuda:0", "0 1"])
def test_devices_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(SettingError, match="--devices must be auto or"):
        devices_of(text)


def test_devices_are_read() -> None:
    assert devices_of("auto") is None
    assert devices_of("2, 0") == (2, 0)


ATTENTION = Attention(2, 2, 64, bias=True, out_bias=True, mask=Full(), position=Rotary(10_000.0))


@pytest.mark.parametrize(
    ("changes", "dtype", "hardware", "path"),
    [
        ({}, "bfloat16", H200, "varlen kernel"),
        ({}, "float16", H200, "varlen kernel"),
        ({}, "float32", H200, "by length"),
        ({}, "float16", T4, "by length"),
        ({"head_size": 260}, "bfloat16", H200, "by length"),
        ({"head_size": 20}, "bfloat16", H200, "by length"),
        ({"position": Alibi()}, "bfloat16", H200, "biased, by length"),
        ({"softcap": 50.0}, "bfloat16", H200, "capped, by length"),
    ],
)
def test_the_way_of_attention_is_told(
    changes: dict[str, Any], dtype: Dtype, hardware: CudaDevice, path: str
) -> None:
    attention = replace(ATTENTION, **changes)
    layer = Layer(attention, Plain(8, "gelu", bias=True), PreNorm(), None, None)
    card = replace(CARD, network=replace(CARD.arch, layers=(layer, layer)))
    offer = offered(replace(PLAIN, cuda=(hardware,)), Options(dtype), card)
    assert offer.reason.endswith(f"; attention: {path}")


def test_without_torch_the_refusal_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bid, "has_torch", lambda: False)
    assert "make install-torch" in refused(PLAIN)
