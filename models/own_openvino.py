"""The checkpoint's own OpenVINO file: what it takes and gives, read off its XML."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from vectord.core import OwnFile, Port
from vectord.errors import CheckpointError

from .config import brief

# in the order in which they are looked for; other files there are other precisions
PLACES = ("openvino/openvino_model.xml", "openvino_model.xml")
# OpenVINO's words for element types, and numpy's
DTYPES = {"I64": "int64", "I32": "int32", "FP32": "float32", "FP16": "float16", "BF16": "bfloat16"}


def read(path: Path) -> OwnFile | None:
    """Return the checkpoint's OpenVINO file; None where there is none. Raises `CheckpointError`."""
    file = next((path / place for place in PLACES if (path / place).is_file()), None)
    if file is None:
        return None
    weights = file.with_suffix(".bin")
    if not weights.is_file():
        raise CheckpointError(f"{weights} is missing; {file.name} needs it: fetch it too")
    network = read_network(file)
    inputs = tuple(port(one) for one in network.iterfind("layers/layer[@type='Parameter']/output/port"))
    return OwnFile(file, (weights,), inputs, tuple(outputs(network)))


def read_network(file: Path) -> Element:
    """Return the root of the XML, which names layers and the edges between them."""
    try:
        network = ElementTree.parse(file).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise unsound(file, brief(error)) from None
    if network.tag != "net" or network.find("layers/layer[@type='Result']") is None:
        raise unsound(file, "it has no outputs")
    return network


def unsound(file: Path, why: str) -> CheckpointError:
    """Return the error for a file that cannot be used."""
    return CheckpointError(f"{file} is not a sound OpenVINO file: {why}; fetch it again")


def outputs(network: Element) -> Iterator[Port]:
    """Yield what is given: a result has no name, but the port that leads to it has."""
    ports = {
        (layer.get("id"), found.get("id")): found
        for layer in network.iterfind("layers/layer")
        for found in layer.iterfind("output/port")
    }
    results = {layer.get("id") for layer in network.iterfind("layers/layer[@type='Result']")}
    for edge in network.iterfind("edges/edge"):
        source = ports.get((edge.get("from-layer"), edge.get("from-port")))
        if edge.get("to-layer") in results and source is not None:
            yield port(source)


def port(found: Element) -> Port:
    """Return an input or an output as the file declares it; a size of -1 may vary."""
    names = tuple(name for name in (found.get("names") or "").split(",") if name)
    precision = found.get("precision") or "unknown"
    sizes = [(dim.text or "").strip() for dim in found.iterfind("dim")]
    shape = tuple(int(size) if size.isdigit() else None for size in sizes)
    return Port(names, DTYPES.get(precision, precision.lower()), shape or None)
