"""What the CPU backends share: which precision is right, and how cores become runners."""

from vectord.core import Dtype, Hardware, ModelCard, Options, Refusal

PADDING = 0.2  # of a token's cost: only attention sees it (docs/performance.md)
PAD_TO = 16  # finer up to 32 tokens; measured (docs/performance.md)
BATCH_TOKENS = 512  # larger batches are no faster on CPUs, answer later and take more memory


def choose_dtype(
    card: ModelCard, hardware: Hardware, options: Options, computes: tuple[Dtype, ...]
) -> Dtype | Refusal:
    """Return the precision to compute in; one that is not native is refused, never emulated.

    `auto` takes bfloat16 for vectors where the CPU multiplies it itself and the family was measured to
    keep them right; scores and weights stay in float32, since they show what a cosine forgives. It never
    takes int8, which is checked against float32 when a model is first loaded.
    """
    native: dict[Dtype, bool] = {
        "float32": True,
        "bfloat16": hardware.native_bfloat16,
        "float16": hardware.native_float16,
        "int8": hardware.native_int8,
    }
    if options.dtype == "auto":
        fast = "bfloat16" in computes and native["bfloat16"] and card.keeps_bfloat16
        return "bfloat16" if fast else "float32"
    if options.dtype not in computes:
        return Refusal(f"does not compute in {options.dtype}; it does in {', '.join(computes)}")
    if not native[options.dtype]:
        return Refusal(f"this CPU does not compute in {options.dtype} natively: {NEEDS[options.dtype]}")
    return options.dtype


NEEDS: dict[Dtype, str] = {
    "bfloat16": "AVX512_BF16, AMX or SVE bf16 is needed",
    "float16": "AVX512_FP16, AMX-FP16 or NEON fp16 is needed",
    "int8": "AVX512_VNNI, AVX_VNNI, AMX-INT8 or NEON i8mm is needed",
}


def partition(cores: int) -> tuple[int, int]:
    """Return (runners, threads of each): one thread each up to eight runners, then wider ones.

    Two sessions of one thread answer more than one of two threads when the cores are also wanted by
    the server itself (docs/performance.md).
    """
    threads = -(-cores // 8)
    return max(1, cores // threads), threads
