"""The checkpoint's own OpenVINO file, or its ONNX file, in OpenVINO."""

from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from vectord.core import Batch, Bid, Foreign, ModelCard

from ..cpu import PAD_TO
from ..openvino import compile_model
from .feed import feed
from .fit import output_of, unreadable
from .session import ForeignSession
from .ways import Rows, by_length, padded

if TYPE_CHECKING:
    import openvino


def load(card: ModelCard, network: Foreign, bid: Bid) -> ForeignSession:
    """Compile the file, with one infer request for each runner."""
    file = network.openvino or network.onnx
    assert file is not None  # the bid said so
    output = output_of(file, card)
    try:
        model = compile_model(str(file.path), {}, bid)
    except Exception as error:
        raise unreadable(file, error) from None
    idle: SimpleQueue[openvino.InferRequest] = SimpleQueue()
    for _ in range(bid.runners):
        idle.put(model.create_infer_request())

    def forward(batch: Batch, width: int) -> Rows:
        request = idle.get()
        try:
            rows: Rows = request.infer(feed(batch, width, file, card))[output].astype(np.float32, copy=False)
            return rows
        finally:
            idle.put(request)

    ways = {"padded": padded(forward, card, PAD_TO), "one length at a time": by_length(forward)}
    return ForeignSession(card, bid.dtype, ways)
