"""What torch offers for a card: decided from plain values, without importing torch."""

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
    device = best_device(card, hardware)
    if device is not None and has_cuda():
        return on_cuda(card, device, options)
    return on_cpu(hardware, options)


def has_torch() -> bool:
    """Whether torch is installed."""
    return util.find_spec("torch") is not None


def has_cuda() -> bool:
    """Whether the installed torch is built with CUDA; its version says so."""
    return not metadata.version("torch").endswith("+cpu")


def best_device(card: ModelCard, hardware: Hardware) -> CudaDevice | None:
    """Return the device with the most free memory, if the weights and a batch fit there."""
    fit = [
        one for one in hardware.cuda if one.capability >= OLDEST and one.free_bytes > 1.2 * card.weight_bytes
    ]
    return max(fit, key=lambda one: one.free_bytes, default=None)


def on_cuda(card: ModelCard, device: CudaDevice, options: Options) -> Bid | Refusal:
    """Offer a CUDA device: bfloat16 for embeddings where it has the units, float32 for scores."""
    major, minor = device.capability
    where = f"{device.name}, compute capability {major}.{minor}"
    fast = device.capability >= AMPERE
    if options.dtype == "bfloat16" and not fast:
        return Refusal(f"{where} has no bfloat16 units, and vectord never emulates a precision")
    best: Dtype = "bfloat16" if fast and card.head.output in SOFT else "float32"
    dtype = best if options.dtype == "auto" else options.dtype
    return Bid(
        score=100,
        dtype=dtype,
        reason=where,
        threads=1,
        batch_tokens=16384,
        padding=0.0,
        device=f"cuda:{device.index}",
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
        score=10,
        dtype=dtype,
        reason="runs on any CPU, slower than ONNX Runtime",
        threads=options.threads,
        padding=0.0,
    )
