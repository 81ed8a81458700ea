"""What torch offers for a card: decided from plain values, without importing torch."""

from collections.abc import Sequence
from importlib import util

from vectord.core import Arch, Bid, CudaDevice, Dtype, Hardware, ModelCard, Options, Output, Refusal

from . import devices
from .path import AMPERE, Capability, described

# while the device computes one batch, the next one is packed, uploaded and queued behind it
RUNNERS = 2
SOFT: frozenset[Output] = frozenset({"embedding", "vectors"})


def offer(card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
    """Return the offer for the devices asked for, else for the best that can hold the card."""
    if not has_torch():
        return Refusal(
            "torch is not installed: pip install 'vectord[torch]' (in the repository: make install-torch)"
        )
    if options.dtype == "int8":
        return Refusal("does not compute in int8; onnx and openvino do, on CPUs")
    lacking = devices.missing(hardware)
    if options.devices is not None:
        if lacking:
            return Refusal(f"no CUDA: {lacking}")
        named = devices.asked_devices(card, hardware, options.devices)
        return Refusal(f"no CUDA: {named}") if isinstance(named, str) else on_cuda(card, named, options)
    found = [] if lacking else devices.like_devices(card, hardware)
    if found:
        return on_cuda(card, found, options)
    wrong = lacking or "; ".join(filter(None, (devices.misfit(one, card) for one in hardware.cuda)))
    return on_cpu(card, hardware, options, wrong)


def has_torch() -> bool:
    """Whether torch is installed."""
    return util.find_spec("torch") is not None


def on_cuda(card: ModelCard, found: Sequence[CudaDevice], options: Options) -> Bid | Refusal:
    """Offer CUDA devices: bfloat16 for embeddings where they have the units, float32 for scores."""
    weakest = min(found, key=lambda one: one.capability)
    where = f"{weakest.name}, compute capability {devices.dotted(weakest.capability)}"
    fast = weakest.capability >= AMPERE
    if options.dtype == "bfloat16" and not fast:
        return Refusal(f"{where} has no bfloat16 units, and vectord never emulates a precision")
    best: Dtype = "bfloat16" if fast and card.head.output in SOFT else "float32"
    dtype = best if options.dtype == "auto" else options.dtype
    names = tuple(f"cuda:{one.index}" for one in found)
    return Bid(
        score=100,
        dtype=dtype,
        reason=f"{where}{attention(card, dtype, weakest.capability)}",
        runners=RUNNERS,
        threads=1,
        batch_tokens=16384,
        padding=0.0,
        device=names[0],
        devices=names,
    )


def attention(card: ModelCard, dtype: Dtype, capability: Capability | None) -> str:
    """Return which way attention takes, for a reason; nothing where transformers decides."""
    if not isinstance(card.network, Arch):
        return ""
    return f"; attention: {described(card.network, dtype, capability)}"


def on_cpu(card: ModelCard, hardware: Hardware, options: Options, no_cuda: str) -> Bid | Refusal:
    """Offer the CPU, which other backends use better, and say why it is not CUDA."""
    dtype: Dtype = "float32" if options.dtype == "auto" else options.dtype
    native = {"float32": True, "bfloat16": hardware.native_bfloat16, "float16": hardware.native_float16}
    if not native[dtype]:
        return Refusal(
            f"this CPU does not multiply {dtype} matrices itself, and vectord never emulates a precision"
        )
    return Bid(
        score=10,
        dtype=dtype,
        reason=f"runs on any CPU, slower than ONNX Runtime{attention(card, dtype, None)}; no CUDA: {no_cuda}",
        threads=options.threads,
        padding=0.0,
    )
