"""The checkpoint's own ONNX file: what it takes and gives, read without running it or reading its weights."""

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from vectord.core import OwnFile, Port
from vectord.errors import CheckpointError

from .config import brief

if TYPE_CHECKING:
    import onnx

# in the order in which they are looked for; other files there are other precisions
PLACES = ("onnx/model.onnx", "model.onnx")
EXTERNAL = 1  # a tensor whose data is in another file, as the format counts


def read(path: Path) -> OwnFile | None:
    """Return the checkpoint's ONNX file; None where there is none. Raises `CheckpointError`."""
    file = next((path / place for place in PLACES if (path / place).is_file()), None)
    if file is None:
        return None
    graph = read_model(file).graph
    weights = {tensor.name for tensor in graph.initializer}
    return OwnFile(
        path=file,
        beside=tuple(beside(file, locations(graph))),
        inputs=tuple(port(value) for value in graph.input if value.name not in weights),
        outputs=tuple(port(value) for value in graph.output),
    )


def read_model(file: Path) -> "onnx.ModelProto":
    """Return the graph of a file, without weights that lie beside it."""
    import onnx  # not above: few checkpoints need it

    try:
        model = onnx.load(file, load_external_data=False)
    except Exception as error:  # whatever protobuf raises
        raise CheckpointError(f"{file} is not a sound ONNX file: {brief(error)}; fetch it again") from None
    if not model.graph.output:
        raise CheckpointError(f"{file} is not a sound ONNX file: it has no outputs; fetch it again")
    return model


def port(value: "onnx.ValueInfoProto") -> Port:
    """Return an input or an output as the file declares it."""
    from onnx.helper import tensor_dtype_to_np_dtype

    declared = value.type.tensor_type
    dtype = str(tensor_dtype_to_np_dtype(declared.elem_type)) if declared.elem_type else "unknown"
    if not declared.HasField("shape"):
        return Port((value.name,), dtype, None)
    sizes = (dim.dim_value if dim.HasField("dim_value") else None for dim in declared.shape.dim)
    return Port((value.name,), dtype, tuple(sizes))


def locations(graph: "onnx.GraphProto") -> set[str]:
    """Return the names of the files that hold tensors of a graph."""
    outside = (tensor for tensor in tensors(graph) if tensor.data_location == EXTERNAL)
    return {entry.value for tensor in outside for entry in tensor.external_data if entry.key == "location"}


def tensors(graph: "onnx.GraphProto") -> Iterator["onnx.TensorProto"]:
    """Yield every tensor of a graph and of the graphs in it."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for attribute in (attribute for node in graph.node for attribute in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        for inner in (attribute.g, *attribute.graphs):
            yield from tensors(inner)


def beside(file: Path, names: Iterable[str]) -> Iterator[Path]:
    """Yield the files that hold a file's tensors; they must lie with it."""
    for name in sorted(names):
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts:
            raise CheckpointError(
                f"{file}: weights in {brief(name)[:80]!r} leave the checkpoint, which is never followed"
            )
        if not (file.parent / name).is_file():
            raise CheckpointError(f"{file.parent / name} is missing; {file.name} names it: fetch it too")
        yield file.parent / name
