"""Parameters that a graph declares: names, types and shapes; their data never enters it."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper

from vectord.core import StoredTensor
from vectord.models.weights import part

from ..quantise import PARTS, Part, part_name
from ..weights import element

ELEMENTS = {"F32": TensorProto.FLOAT, "F16": TensorProto.FLOAT16, "BF16": TensorProto.BFLOAT16}


class Parameters:
    """What has been declared so far: `stored` as it lies in files, `quantised` as `quantise` makes it."""

    def __init__(self, tensors: Mapping[str, StoredTensor]) -> None:
        self.stored: dict[str, tuple[StoredTensor, ...]] = {}
        self.quantised: dict[str, tuple[StoredTensor, ...]] = {}
        self._tensors = tensors
        self._declared: dict[str, onnx.TensorProto] = {}

    def has(self, *names: str) -> bool:
        """Whether the checkpoint has these parameters."""
        return all(name in self._tensors for name in names)

    def shape(self, *names: str) -> tuple[int, ...]:
        """Return the shape of parameters stacked by rows."""
        parts = [self._tensors[name] for name in names]
        return (sum(one.shape[0] for one in parts), *parts[0].shape[1:])

    def declare(self, *names: str) -> str:
        """Declare a parameter, or several stacked by rows, in the type that they are stored in."""
        return self._declare("+".join(names), tuple(self._tensors[name] for name in names))

    def declare_run(self, name: str, index: int, of: int) -> str:
        """Declare one of `of` equal runs of a parameter's rows."""
        return self._declare(f"{name}[{index}]", (part(self._tensors[name], index, of),))

    def declare_quantised(self, what: Part, *names: str) -> str:
        """Declare a part of a matrix, or of several stacked by rows, as `quantise` makes it."""
        name, kind = part_name("+".join(names), what), PARTS[what]
        self.quantised[name] = tuple(self._tensors[name] for name in names)
        element_type = helper.np_dtype_to_tensor_dtype(np.dtype(kind.kind))
        self._declared[name] = declared(name, element_type, kind.shape(*self.shape(*names)))
        return name

    def is_narrow(self, key: str) -> bool:
        """Whether a declared parameter is stored in 16 bits."""
        return element(self.stored[key]) != "F32"

    def all(self) -> list[onnx.TensorProto]:
        """Return all declarations."""
        return list(self._declared.values())

    def _declare(self, key: str, parts: tuple[StoredTensor, ...]) -> str:
        self.stored[key] = parts
        shape = (sum(one.shape[0] for one in parts), *parts[0].shape[1:])
        self._declared[key] = declared(key, ELEMENTS[element(parts)], shape)
        return key


def declared(name: str, kind: int, shape: Sequence[int]) -> onnx.TensorProto:
    """Return a tensor that says name, type and shape, and that its data comes from elsewhere."""
    tensor = TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="in-memory")
    return tensor
