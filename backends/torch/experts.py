"""A mixture of experts: every expert takes the tokens that chose it, so that no product is in vain."""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from vectord.core import Experts

from .weights import Weights


def experts(
    spec: Experts, weights: Weights, act: Callable[[torch.Tensor], torch.Tensor]
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the sublayer for x (tokens, hidden): float32, routed in float32 too."""
    router, bias = weights.exact("router.weight"), weights.exact("experts.bias")
    up, down = (weights.rows(f"experts_{name}.weight").chunk(spec.count) for name in ("up", "down"))

    def run(x: torch.Tensor) -> torch.Tensor:
        shares, chosen = F.linear(x.float(), router).softmax(-1).topk(spec.top)
        places = chosen.flatten().argsort(stable=True)  # expert by expert, in the order of the tokens
        counts = chosen.flatten().bincount(minlength=spec.count).tolist()
        rows = x.to(up[0].dtype)
        out = bias.repeat(len(x), 1)
        for w1, w2, mine in zip(up, down, places.split(counts), strict=True):
            tokens = mine // spec.top
            inner = act(F.linear(rows[tokens], w1)) @ w2
            out.index_add_(0, tokens, inner.float() * shares.flatten()[mine, None])
        return out

    return run
