"""The checkpoint's own ONNX file in ONNX Runtime."""

import numpy as np

from vectord.core import Batch, Bid, Foreign, ModelCard

from ..cpu import PAD_TO
from ..onnx import open_session
from .feed import feed
from .fit import output_of, unreadable
from .session import ForeignSession
from .ways import Rows, by_length, padded


def load(card: ModelCard, network: Foreign, bid: Bid) -> ForeignSession:
    """Open the file, which any number of threads may run at once."""
    file = network.onnx
    assert file is not None  # the bid said so
    output = output_of(file, card)
    try:
        session = open_session(str(file.path), {}, bid.threads)
    except Exception as error:
        raise unreadable(file, error) from None

    def forward(batch: Batch, width: int) -> Rows:
        rows: Rows = session.run([output], feed(batch, width, file, card))[0].astype(np.float32, copy=False)
        return rows

    ways = {"padded": padded(forward, card, PAD_TO), "one length at a time": by_length(forward)}
    return ForeignSession(card, bid.dtype, ways)
