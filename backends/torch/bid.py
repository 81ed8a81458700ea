"""What torch offers for a card: decided from plain values, without importing torch."""

from collections.abc import Sequence
from importlib import metadata, util

from vectord.core import Bid, CudaDevice, Dtype, Hardware, ModelCard, Options, Output, Refusal

SOFT: frozenset[Output] = frozenset({"embedding", "vectors"})

ITEM_BYTES: dict[Dtype, int] = {"float32": 4, "bfloat16": 2, "float16": 2}
# the oldest devices that torch's wheels are built for, and the oldest with bfloat16 units
OLDEST, AMPERE = (7, 5), (8, 0)


def offer(card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
    """Return the offer for the best device that can hold the card."""
    if not has_torch():
        return Refusal(
            "torch is not installed: pip install 'vectord[torch]' (in the repository: make install-torch)"
        )
    if options.dtype == "int8":
        return Refusal("does not compute in int8; onnx and openvino do, on CPUs")
    devices = like_devices(card, hardware)
    if devices and has_cuda():
        return on_cuda(card, devices, options)
    return on_cpu(hardware, options)


def has_torch() -> bool:
    """Whether torch is installed."""
    return util.find_spec("torch") is not None


def has_cuda() -> bool:
    """Whether the installed torch is built with CUDA; its version says so."""
    return not metadata.version("torch").endswith("+cpu")


def like_devices(card: ModelCard, hardware: Hardware) -> list[CudaDevice]:
    """Return the device with the most free memory and those of its name, if weights and a batch fit there.

    Others are left alone: they may lack its precision, and a batch on a slow one keeps requests waiting.
    """
    fit = [
        one for one in hardware.cuda if one.capability >= OLDEST and one.free_bytes > 1.2 * card.weight_bytes
    ]
    fit.sort(key=lambda one: -one.free_bytes)
    return [one for one in fit if one.name == fit[0].name]


def on_cuda(card: ModelCard, devices: Sequence[CudaDevice], options: Options) -> Bid | Refusal:
    """Offer CUDA devices: bfloat16 for embeddings where they have the units, float32 for scores."""
    device = devices[0]
    major, minor = device.capability
    where = f"{device.name}, compute capability {major}.{minor}"
    fast = device.capability >= AMPERE
    if options.dtype == "bfloat16" and not fast:
        return Refusal(f"{where} has no bfloat16 units, and vectord never emulates a precision")
    best: Dtype = "bfloat16" if fast and card.head.output in SOFT else "float32"
    dtype = best if options.dtype == "auto" else options.dtype
    names = tuple(f"cuda:{one.index}" for one in devices)
    return Bid(
        score=100, dtype=dtype, reason=where, threads=1, batch_tokens=16384, device=names[0], devices=names
    )


def on_cpu(hardware: Hardware, options: Options) -> Bid | Refusal:
    """Offer the CPU, which other backends use better."""
    dtype: Dtype = "float32" if options.dtype == "auto" else options.dtype
    native = {"float32": True, "bfloat16": hardware.native_bfloat16, "float16": hardware.native_float16}
    if not native[dtype]:
        return Refusal(
            f"this CPU does not multiply {dtype} matrices itself, and vectord never emulates a precision"
        )
    return Bid(
        score=10, dtype=dtype, reason="runs on any CPU, slower than ONNX Runtime", threads=options.threads
    )
