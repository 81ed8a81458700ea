"""Whether a network in a file can run a card: its inputs and outputs are matched by name, never guessed."""

from vectord.core import ModelCard, OwnFile, Port
from vectord.errors import CheckpointError
from vectord.models.config import brief

INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
STATES = ("last_hidden_state", "token_embeddings")
WHOLE = ("int64", "int32")


def misfit(file: OwnFile, card: ModelCard) -> str | None:
    """Return why a file cannot run a card; None where it can."""
    return wrong_inputs(file) or wrong_outputs(file, card)


def wrong_inputs(file: OwnFile) -> str | None:
    """Return what is wrong with the inputs."""
    name = file.path.name
    strange = [shown(port) for port in file.inputs if called(port, INPUTS) is None]
    if strange:
        more = " and others" if len(strange) > 3 else ""  # decoders may have dozens for what came before
        return f"{name} asks for {', '.join(strange[:3])}{more}; only {', '.join(INPUTS)} can be given"
    if "input_ids" not in [called(port, INPUTS) for port in file.inputs]:
        return f"{name} has no input input_ids"
    for port in file.inputs:
        if port.dtype not in WHOLE:
            return f"{name}: input {shown(port)} is {port.dtype}, not {' or '.join(WHOLE)}"
        if port.shape is not None and port.shape != (None, None):
            return f"{name}: input {shown(port)} has the fixed shape {sizes(port)}"
    return None


def wrong_outputs(file: OwnFile, card: ModelCard) -> str | None:
    """Return what is wrong with the outputs."""
    names, wanted = output_names(card), (None, *asked_shape(card))
    found = [port for port in file.outputs if called(port, names) is not None]
    if not found:
        given = ", ".join(shown(port) for port in file.outputs)
        return f"{file.path.name} gives {given}, not {' or '.join(names)}"
    shape = found[0].shape
    if shape is None or (len(shape) == len(wanted) and shape[-1] in (None, wanted[-1])):
        return None
    where = f"{file.path.name}: output {shown(found[0])}"
    return f"{where} has the shape {sizes(found[0])}, not rows of {wanted[-1]}"


def output_of(file: OwnFile, card: ModelCard) -> str:
    """Return the name of the output to ask for."""
    names = output_names(card)
    return next(name for name in (called(port, names) for port in file.outputs) if name is not None)


def output_names(card: ModelCard) -> tuple[str, ...]:
    """Return what the output may be called: labels' scores where a head is given, else states."""
    return STATES if card.head.given is None else ("logits",)


def asked_shape(card: ModelCard) -> tuple[int | None, ...]:
    """Return the shape of the output for one input."""
    if card.head.output == "logits":
        return (card.width,)
    return (None, card.network.hidden_size if card.head.given is None else card.head.given)


def called(port: Port, names: tuple[str, ...]) -> str | None:
    """Return the first of these names that a port goes by."""
    return next((name for name in names if name in port.names), None)


def shown(port: Port) -> str:
    """Return a port's name for people."""
    return port.names[0] if port.names else "what has no name"


def unreadable(file: OwnFile, error: Exception) -> CheckpointError:
    """Return the error for a file that a runtime does not take."""
    return CheckpointError(f"{file.path} cannot be loaded: {brief(error)}; fetch it again")


def sizes(port: Port) -> str:
    """Return a port's shape for people."""
    return "[" + ", ".join("any" if size is None else str(size) for size in port.shape or ()) + "]"
