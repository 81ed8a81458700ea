"""A batch on the device: the tokens of all inputs in one row, without padding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import torch

from vectord.core import Batch
from vectord.models.rotary import Kind

from .layout import Layout
from .rotary import Angles, Tables
from .staging import upload


@dataclass(frozen=True, slots=True)
class Packed:
    """The inputs of a batch as `layout` lays them out.

    `token_ids`, `type_ids` and `positions` are (tokens,); `bounds` is (inputs + 1,): where each input begins
    and the last one ends. All int32. `keys` are the tokens that are attended to and `key_bounds` where those
    of each input begin; `keys` is None where all are. `own` (tokens, count * rank) masks the products of all
    adapters but each token's own; None where the network has none.
    """

    layout: Layout
    token_ids: torch.Tensor
    type_ids: torch.Tensor
    positions: torch.Tensor
    bounds: torch.Tensor
    keys: torch.Tensor | None
    key_bounds: torch.Tensor
    angles: Mapping[Kind, Angles]
    own: torch.Tensor | None

    @classmethod
    def of(
        cls, batch: Batch, tables: Tables, device: torch.device, masks: torch.Tensor | None = None
    ) -> Self:
        """Sort a batch by length and bring it to the device."""
        layout = Layout.of(batch)
        return cls.at(layout, upload(layout.rows, device), tables, masks)

    @classmethod
    def at(
        cls,
        layout: Layout,
        rows: Mapping[str, torch.Tensor],
        tables: Tables,
        masks: torch.Tensor | None = None,
    ) -> Self:
        """Take the rows of a layout that are on the device already."""
        positions = rows["positions"]
        return cls(
            layout=layout,
            token_ids=rows["token_ids"],
            type_ids=rows["type_ids"],
            positions=positions,
            bounds=rows["bounds"],
            keys=rows.get("keys"),
            key_bounds=rows["key_bounds"],
            angles={kind: table(positions, layout.lengths) for kind, table in tables.items()},
            own=None if masks is None else masks[rows["adapters"]],
        )
