"""Emits an ONNX graph from an `Arch`, without torch; ONNX Runtime and OpenVINO load the same graph."""

from ..form import Form
from .emit import emit
from .form import Graph
from .weights import arrays

__all__ = ["Form", "Graph", "arrays", "emit"]
