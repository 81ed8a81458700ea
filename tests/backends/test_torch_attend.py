"""Both ways to attend inside a packed row, against attention written out token by token."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from vectord.backends.torch import attend
from vectord.backends.torch.capped import capped
from vectord.backends.torch.packed import Packed
from vectord.core import Batch, Causal, Encoding, Full, Mask, Window

from .kernel import VARLEN, stand_in

CPU = torch.device("cpu")
LENGTHS = (5, 300, 1, 5, 17, 300)
MASKS = [
    Full(),
    Causal(),
    Window(0, 0),
    Window(3, 3),
    Window(130, 130),
    Window(1000, 1000),
    Window(3, 0),
    Window(200, 0),
    Window(0, 150),
]


@pytest.fixture
def packed() -> Packed:
    rows = [np.zeros(length, np.int32) for length in LENGTHS]
    return Packed.of(Batch.of([Encoding(row, row) for row in rows]), {}, CPU)


def sees(mask: Mask, distance: torch.Tensor) -> torch.Tensor:
    match mask:
        case Full():
            return distance == distance
        case Causal():
            return distance <= 0
        case Window(before, after):
            return (distance >= -before) & (distance <= after)


def plain(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    seen: torch.Tensor,
    scale: float = 8**-0.5,
    softcap: float = torch.inf,
    bias: torch.Tensor | float = 0.0,
) -> torch.Tensor:
    """Attention with one mask for the whole row; every head has its own keys."""
    scores = torch.einsum("qhd,khd->hqk", q, k) * scale
    scores = (scores if softcap == torch.inf else softcap * torch.tanh(scores / softcap)) + bias
    weights = scores.masked_fill(~seen, -torch.inf).softmax(-1)
    return torch.einsum("hqk,khd->qhd", weights, v)


def drawn(tokens: int, heads: int = 6, kv_heads: int = 2) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    made = torch.Generator().manual_seed(0)
    row = torch.randn(tokens, heads + 2 * kv_heads, 8, generator=made)
    q, k, v = row.split((heads, kv_heads, kv_heads), dim=1)
    return q, k, v


def row_mask(mask: Mask, packed: Packed) -> torch.Tensor:
    """Return who sees whom in the whole row."""
    owner = torch.repeat_interleave(torch.arange(len(LENGTHS)), packed.bounds.diff())
    places = packed.positions
    return (owner[:, None] == owner) & sees(mask, places - places[:, None])


@pytest.mark.parametrize("scale", [None, 0.8])
@pytest.mark.parametrize("mask", MASKS, ids=str)
def test_by_length(mask: Mask, scale: float | None, packed: Packed) -> None:
    q, k, v = drawn(sum(LENGTHS))
    each = k.repeat_interleave(3, 1), v.repeat_interleave(3, 1)
    wanted = plain(q, *each, row_mask(mask, packed), scale or 8**-0.5)
    torch.testing.assert_close(
        attend.by_length(mask, scale=scale)(q, k, v, packed), wanted, rtol=0, atol=1e-5
    )


@pytest.mark.parametrize("mask", MASKS, ids=str)
def test_capped(mask: Mask, packed: Packed) -> None:
    q, k, v = drawn(sum(LENGTHS))
    each = k.repeat_interleave(3, 1), v.repeat_interleave(3, 1)
    wanted = plain(q, *each, row_mask(mask, packed), 0.8, 1.5)
    found = attend.in_runs(capped(mask, 0.8, 1.5))(q, k, v, packed)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("scale", [None, 0.8])
@pytest.mark.parametrize("mask", MASKS, ids=str)
def test_by_length_with_a_bias(mask: Mask, scale: float | None, packed: Packed) -> None:
    q, k, v = drawn(sum(LENGTHS))
    each = k.repeat_interleave(3, 1), v.repeat_interleave(3, 1)
    table = torch.randn(6, 2 * 320 - 1, generator=torch.Generator().manual_seed(1))
    bias = table[:, 319 + packed.positions - packed.positions[:, None]]
    wanted = plain(q, *each, row_mask(mask, packed), scale or 8**-0.5, bias=bias)
    found = attend.by_length(mask, table, scale)(q, k, v, packed)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


def test_a_bias_is_made_for_a_block_of_queries_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """For all queries of a long text at once it would take gigabytes."""
    sizes, inner = [], F.scaled_dot_product_attention

    def noted(*heads: torch.Tensor, **given: Any) -> torch.Tensor:
        sizes.append(given["attn_mask"].numel())
        return inner(*heads, **given)

    monkeypatch.setattr(F, "scaled_dot_product_attention", noted)
    tokens = 1000
    packed = Packed.of(Batch.of([Encoding(*np.zeros((2, tokens), np.int32))]), {}, CPU)
    attend.by_length(Full(), torch.zeros(6, 2 * tokens - 1))(*drawn(tokens), packed)
    assert sum(sizes) == 6 * tokens * tokens
    assert max(sizes) == 6 * attend.BLOCK * tokens


@pytest.mark.parametrize("mask", MASKS, ids=str)
def test_varlen_asks_for_the_same(mask: Mask, packed: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attend, "varlen_attn", stand_in)
    row = drawn(sum(LENGTHS))
    wanted = attend.by_length(mask, scale=0.8)(*row, packed)
    torch.testing.assert_close(attend.varlen(mask, 0.8)(*row, packed), wanted, rtol=0, atol=1e-5)


def test_heads_are_repeated_where_varlen_knows_no_groups(
    packed: Packed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in torch 2.11."""

    def older(**given: Any) -> torch.Tensor:
        return stand_in(**given, enable_gqa=False)

    takes = [one for name, one in VARLEN.parameters.items() if name != "enable_gqa"]
    vars(older)["__signature__"] = VARLEN.replace(parameters=takes)
    monkeypatch.setattr(attend, "varlen_attn", older)
    row = drawn(sum(LENGTHS))
    wanted = attend.by_length(Causal())(*row, packed)
    torch.testing.assert_close(attend.varlen(Causal())(*row, packed), wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("given", [None, lambda query, key, value: query], ids=["none", "too old"])
def test_without_a_varlen_that_fits_it_goes_by_length(given: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (9, 0))
    cuda = torch.device("cuda")
    assert attend.varlen_fits(cuda, torch.bfloat16, 64)
    monkeypatch.setattr(attend, "varlen_attn", given)
    assert not attend.varlen_fits(cuda, torch.bfloat16, 64)


def test_inputs_lie_by_rising_length(packed: Packed) -> None:
    assert packed.layout.order.tolist() == [2, 0, 3, 4, 1, 5]
    assert [(run.start, run.count, run.length) for run in packed.layout.runs] == [
        (0, 1, 1),
        (1, 2, 5),
        (11, 1, 17),
        (28, 2, 300),
    ]


def test_varlen_is_for_halves_on_cuda() -> None:
    assert not attend.varlen_fits(CPU, torch.bfloat16, 64)
    assert not attend.varlen_fits(torch.device("cuda"), torch.float32, 64)
