"""Emits an ONNX graph from an `Arch`, without torch; ONNX Runtime and OpenVINO load the same graph."""

from .emit import emit
from .form import Form, Graph
from .weights import arrays

__all__ = ["Form", "Graph", "arrays", "emit"]
