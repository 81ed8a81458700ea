"""transformers' own code on torch: packed where the model allows it, padded otherwise."""

import inspect

import torch
from transformers import PreTrainedModel

from vectord.core import Batch, Bid, Foreign, ModelCard

from ..torch.packed import Packed
from .feed import filled
from .native import open_model, quiet
from .packing import packing
from .session import ForeignSession
from .ways import Rows, Unfit, Way, by_length, padded


def load(card: ModelCard, network: Foreign, bid: Bid) -> ForeignSession:
    """Load the model; the session finds out how it may be run."""
    torch.set_num_threads(bid.threads)
    with quiet():
        return opened(card, network, bid)


def opened(card: ModelCard, network: Foreign, bid: Bid) -> ForeignSession:
    """Return a session of the model in each way that its head allows."""
    model = open_model(card, bid.dtype).to(bid.device)
    start = first_position(model)
    runner = Runner(card, model, start)
    ways: dict[str, Way] = {
        "packed": runner.packed,
        "padded": padded(runner.padded, card, bid.pad_to),
        "one length at a time": by_length(runner.padded),
    }
    if card.head.output == "logits":  # its head looks for the last token of each row
        del ways["packed"]
    return ForeignSession(card, bid.dtype, ways, network.max_positions - start)


def first_position(model: PreTrainedModel) -> int:
    """Return the position of an input's first token: RoBERTa and its kin count from after padding's.

    Their table of positions says so by having a row for padding.
    """
    rows = getattr(model.config, "max_position_embeddings", None)
    tables = (one for one in model.modules() if isinstance(one, torch.nn.Embedding))
    found = (one.padding_idx for one in tables if one.num_embeddings == rows)
    return next((row + 1 for row in found if row is not None), 0)


class Runner:
    """A model and what its forward pass takes."""

    def __init__(self, card: ModelCard, model: PreTrainedModel, start: int) -> None:
        self._card, self._model, self._start = card, model, start
        self._takes = frozenset(inspect.signature(model.forward).parameters)
        if card.network.token_types < 2:
            self._takes -= {"token_type_ids"}

    def packed(self, batch: Batch) -> Rows:
        """Return the rows of every token, from one row without padding."""
        packed = Packed.of(batch, {}, self._model.device)
        given = {
            "input_ids": packed.token_ids,
            "position_ids": packed.positions + self._start,
            "token_type_ids": packed.type_ids,
        }
        if "position_ids" not in self._takes:
            raise Unfit("it takes no positions")
        with packing(self._model, packed):
            rows = self._forward({name: row[None] for name, row in given.items()})
        return packed.layout.unsorted(rows[0], per_token=True)

    def padded(self, batch: Batch, width: int) -> Rows:
        """Return what the model gives for inputs padded on the right."""
        names = ("input_ids", "attention_mask", "token_type_ids")
        arrays = {name: filled(name, batch, width, self._card) for name in names}
        return self._forward({name: torch.from_numpy(array) for name, array in arrays.items()})

    def _forward(self, given: dict[str, torch.Tensor]) -> Rows:
        device = self._model.device
        inputs = {name: one.to(device, torch.long) for name, one in given.items() if name in self._takes}
        options = {"use_cache": False} if "use_cache" in self._takes else {}
        with torch.inference_mode():
            output = self._model(**inputs, **options, return_dict=True)
        found = output.last_hidden_state if self._card.head.given is None else output.logits
        rows: Rows = found.float().cpu().numpy()
        return rows
