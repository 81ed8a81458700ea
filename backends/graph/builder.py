"""A thin hand on onnx.helper: nodes name themselves, constants are shared, weights are only declared."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from vectord.core import StoredTensor
from vectord.models.weights import part

from .form import OPSET, Form, Graph

Value = str  # the name of a tensor in the graph
IR_VERSION = 10  # the oldest that opset 20 allows


class Branch:
    """A graph inside a node; its names are the outer graph's too."""

    def __init__(self, name: str, nodes: list[onnx.NodeProto]) -> None:
        self._name, self._nodes = name, nodes
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, kind: int, shape: Sequence[int] | None) -> Value:
        """Declare an input; a shape of None is unknown."""
        name = f"{self._name}_{name}"
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, value: Value, kind: int = TensorProto.FLOAT, shape: Sequence[int] | None = None) -> None:
        """Declare an output."""
        self._outputs.append(helper.make_tensor_value_info(value, kind, shape))

    def graph(self) -> onnx.GraphProto:
        """Return the graph."""
        return helper.make_graph(self._nodes, self._name, self._inputs, self._outputs)


class Builder:
    """Collects the nodes of one graph."""

    def __init__(self, form: Form, tensors: Mapping[str, StoredTensor]) -> None:
        self.form = form
        self._tensors = tensors
        self._nodes: list[onnx.NodeProto] = []
        self._made = 0
        self._constants: dict[tuple[Any, ...], onnx.TensorProto] = {}
        self._weights: dict[str, tuple[StoredTensor, ...]] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def op(self, kind: str, *inputs: Value, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; return the name of its output, or a list of names where it has several."""
        self._made += 1
        names = [f"{kind}_{self._made}_{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def input(self, name: str, shape: Sequence[str | int], kind: int = TensorProto.INT32) -> Value:
        """Declare an input of the graph."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def ints(self, *values: int) -> Value:
        """Return an int64 constant of one axis: a shape, axes, bounds."""
        return self.constant(np.array(values, np.int64))

    def constant_index(self, value: int) -> Value:
        """Return an int64 constant without axes."""
        return self.constant(np.array(value, np.int64))

    def scalar(self, value: float) -> Value:
        """Return a float32 constant without axes."""
        return self.constant(np.array(value, np.float32))

    def floats(self, values: NDArray[np.float64]) -> Value:
        """Return a float32 constant."""
        return self.constant(values.astype(np.float32))

    def constant(self, array: NDArray[Any]) -> Value:
        """Return a constant held in the graph itself; equal ones are shared."""
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = numpy_helper.from_array(array, f"constant_{len(self._constants)}")
        return str(self._constants[key].name)

    def constant_true(self) -> Value:
        """Return the truth, without axes."""
        return self.constant(np.array(True))

    @contextmanager
    def branch(self, name: str) -> Iterator["Branch"]:
        """Collect the nodes that are added meanwhile into a graph of their own, for If and Loop."""
        outer, self._nodes = self._nodes, []
        self._made += 1
        try:
            yield Branch(f"{name}_{self._made}", self._nodes)
        finally:
            self._nodes = outer

    def has(self, *names: str) -> bool:
        """Whether the checkpoint has these parameters."""
        return all(name in self._tensors for name in names)

    def weight(self, *names: str) -> Value:
        """Declare a parameter, or several stacked by rows; its data never enters the graph."""
        key = "+".join(names)
        self._weights[key] = tuple(self._tensors[name] for name in names)
        return key

    def part(self, name: str, index: int, of: int) -> Value:
        """Declare one of `of` equal runs of a parameter's rows."""
        key = f"{name}[{index}]"
        self._weights[key] = (part(self._tensors[name], index, of),)
        return key

    def linear(self, x: Value, *names: str) -> Value:
        """Return x @ weight.T + bias for x (tokens, in); several names give their outputs side by side.

        Gemm takes the weight as it is stored, so no transposed copy is made.
        """
        weight = self.weight(*(f"{name}.weight" for name in names))
        biases = [f"{name}.bias" for name in names]
        bias = [self.weight(*biases)] if self.has(*biases) else []
        return str(self.op("Gemm", x, weight, *bias, transB=1))

    def output(self, name: str, value: Value, shape: Sequence[str | int]) -> None:
        """Make a value a float32 output of the graph."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def finish(self) -> Graph:
        """Close the graph."""
        given = [self._declared(key) for key in self._weights]
        as_inputs = self.form.weights_as_inputs
        inputs = [helper.make_tensor_value_info(one.name, one.data_type, one.dims) for one in given]
        graph = helper.make_graph(
            self._nodes,
            "vectord",
            self._inputs + (inputs if as_inputs else []),
            self._outputs,
            [*self._constants.values(), *([] if as_inputs else given)],
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="vectord",
        )
        return Graph(model, self._weights)

    def _declared(self, key: str) -> onnx.TensorProto:
        """Return a tensor that says name, type and shape, and that its data comes from elsewhere."""
        parts = self._weights[key]
        rows = sum(part.shape[0] for part in parts)
        tensor = TensorProto(
            name=key,
            data_type=TensorProto.FLOAT,
            dims=(rows, *parts[0].shape[1:]),
            data_location=TensorProto.EXTERNAL,
        )
        tensor.external_data.add(key="location", value="in-memory")
        return tensor
