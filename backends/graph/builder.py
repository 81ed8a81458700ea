"""A thin hand on onnx.helper: nodes name themselves, constants are shared, weights are only declared."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from vectord.core import StoredTensor

from ..form import Form
from .form import OPSET, Graph
from .linear import MICROSOFT, emit_float, emit_linear
from .parameters import Parameters

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
        self.parameters = Parameters(tensors)
        self._nodes: list[onnx.NodeProto] = []
        self._made = 0
        self._constants: dict[tuple[Any, ...], onnx.TensorProto] = {}
        self._shared: dict[str, Any] = {}
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
        shared, self._shared = self._shared, dict(self._shared)
        self._made += 1
        try:
            yield Branch(f"{name}_{self._made}", self._nodes)
        finally:
            self._nodes, self._shared = outer, shared

    def weight(self, *names: str) -> Value:
        """Return a parameter, or several stacked by rows, as float32.

        One that is stored in 16 bits is widened in the graph, so that nobody holds it twice.
        """
        return self._widened(self.parameters.declare(*names))

    def run(self, name: str, index: int, of: int) -> Value:
        """Return one of `of` equal runs of a parameter's rows, as float32."""
        return self._widened(self.parameters.declare_run(name, index, of))

    def rows(self, name: str, indices: Value) -> Value:
        """Return rows of a parameter as float32; only they are widened."""
        read = self.op("Gather", self.parameters.declare(name), indices)
        return str(self.op("Cast", read, to=TensorProto.FLOAT) if self.parameters.is_narrow(name) else read)

    def shared(self, what: str, make: Callable[[], Any]) -> Any:
        """Return what was made under this name before, here or in an outer graph."""
        if what not in self._shared:
            self._shared[what] = make()
        return self._shared[what]

    def linear(self, x: Value, *names: str) -> Value:
        """Return x @ weight.T + bias for x (tokens, in); several names give their outputs side by side."""
        return emit_linear(self, x, names)

    def exact(self, x: Value, *names: str) -> Value:
        """Return the same, in float32 whatever the form says."""
        return emit_float(self, x, names)

    def bias(self, names: Sequence[str]) -> list[Value]:
        """Return the bias of linear maps side by side, in a list that is empty where they have none."""
        biases = [f"{name}.bias" for name in names]
        return [self.weight(*biases)] if self.parameters.has(*biases) else []

    def output(self, name: str, value: Value, shape: Sequence[str | int]) -> None:
        """Make a value a float32 output of the graph."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def finish(self) -> Graph:
        """Close the graph."""
        given = self.parameters.all()
        as_inputs = self.form.weights_as_inputs
        inputs = [helper.make_tensor_value_info(one.name, one.data_type, one.dims) for one in given]
        graph = helper.make_graph(
            self._nodes,
            "vectord",
            self._inputs + (inputs if as_inputs else []),
            self._outputs,
            [*self._constants.values(), *([] if as_inputs else given)],
        )
        own = [helper.make_opsetid(MICROSOFT, 1)] if self.form.linear == "integer" else []
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET), *own],
            ir_version=IR_VERSION,
            producer_name="vectord",
        )
        return Graph(model, self.parameters.stored, self.parameters.quantised)

    def _widened(self, key: str) -> Value:
        if not self.parameters.is_narrow(key):
            return key
        return str(self.shared(f"{key} in float32", lambda: self.op("Cast", key, to=TensorProto.FLOAT)))
