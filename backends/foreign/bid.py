"""What each backend offers for a network that no family declares: decided without a heavy library."""

from dataclasses import dataclass, replace

from vectord.core import Bid, Dtype, Foreign, Hardware, ModelCard, Options, OwnFile, Refusal
from vectord.models import own_onnx, own_openvino
from vectord.models.undeclared import without_transformers

from ..cpu import BATCH_TOKENS, PAD_TO, choose_dtype, partition
from .fit import misfit


@dataclass(frozen=True, slots=True)
class Runtime:
    """Something that runs files: its name for people, its bid, and what it computes in."""

    name: str
    score: float
    computes: tuple[Dtype, ...]


ONNX = Runtime("ONNX Runtime", 40, ("float32",))
OPENVINO = Runtime("OpenVINO", 50, ("float32", "bfloat16", "float16"))


def by_onnx(card: ModelCard, network: Foreign, hardware: Hardware, options: Options) -> Bid | Refusal:
    """Offer ONNX Runtime for the checkpoint's own ONNX file."""
    if network.onnx is None:
        return nothing(network, own_onnx.PLACES[0])
    return own(card, network.onnx, hardware, options, ONNX)


def by_openvino(card: ModelCard, network: Foreign, hardware: Hardware, options: Options) -> Bid | Refusal:
    """Offer OpenVINO for the checkpoint's own file; for an ONNX file it bids below ONNX Runtime."""
    if network.openvino is not None:
        return own(card, network.openvino, hardware, options, OPENVINO)
    if network.onnx is None:
        return nothing(network, own_openvino.PLACES[0])
    if network.onnx.beside:
        # it follows no links from such a file, and the hub's cache is made of links
        return Refusal(f"{network.onnx.path.name} has its weights beside it; ONNX Runtime reads such files")
    return own(card, network.onnx, hardware, options, replace(OPENVINO, score=ONNX.score - 10))


def by_transformers(network: Foreign, offer: Bid | Refusal) -> Bid | Refusal:
    """Offer transformers for its own code, on the device that torch offers."""
    missing = without_transformers(network.name)
    if missing is not None:
        return Refusal(f"{network.why}, nor can transformers run it ({missing})")
    if not network.stored:
        return Refusal(f"{network.why}, and transformers needs its weights as safetensors")
    if isinstance(offer, Refusal):
        return offer
    # its attention is switched for the length of a run, which two runs at once would undo for each other
    return replace(offer, runners=1, reason=f"transformers runs it: {network.why} ({offer.reason})")


def exact(options: Options) -> Options:
    """Return the options with `auto` as float32: nobody has measured what less does to the network."""
    return replace(options, dtype="float32") if options.dtype == "auto" else options


def own(
    card: ModelCard, file: OwnFile, hardware: Hardware, options: Options, runtime: Runtime
) -> Bid | Refusal:
    """Offer a runtime for a file of the checkpoint's own."""
    wrong = misfit(file, card)
    if wrong is not None:
        return Refusal(wrong)
    dtype = choose_dtype(card, hardware, exact(options), runtime.computes)
    if isinstance(dtype, Refusal):
        return dtype
    runners, threads = partition(options.threads)
    reason = f"{runtime.name} runs the checkpoint's own {file.path.relative_to(card.path)}"
    return Bid(runtime.score, dtype, reason, runners, threads, BATCH_TOKENS, PAD_TO)


def nothing(network: Foreign, place: str) -> Refusal:
    """Return the refusal where there is no file to run."""
    return Refusal(f"{network.why}, and the checkpoint has no {place} of its own")
