"""Random weights large enough that a wrong mask, position, norm or bias moves the answer."""

import hashlib
import math
from collections.abc import Mapping

import torch
import transformers

from .recipe import Json


def network(name: str, config: Json, seed: str) -> transformers.PreTrainedModel:
    """Return the transformers class `name` with seeded weights in float32."""
    made = getattr(transformers, name)
    model = made(made.config_class.from_dict(config)).eval().float()
    generator = _generator(seed)
    with torch.no_grad():
        for key, weight in sorted(model.named_parameters()):
            weight.copy_(_drawn(key, weight, generator))
    return model


def tensors(shapes: Mapping[str, tuple[int, ...]], seed: str) -> dict[str, torch.Tensor]:
    """Return seeded weights of these shapes."""
    generator = _generator(seed)
    start = {True: torch.ones, False: torch.zeros}
    return {
        key: _drawn(key, start[key.endswith("weight")](shape), generator)
        for key, shape in sorted(shapes.items())
    }


def _generator(seed: str) -> torch.Generator:
    digest = hashlib.sha256(seed.encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:4], "little"))


def _drawn(key: str, weight: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    noise = torch.randn(weight.shape, generator=generator)
    if weight.ndim == 1:
        # norms start at one, biases at zero
        return weight + 0.2 * noise
    if "embed" in key:
        return 0.6 * noise
    return noise * 1.3 / math.sqrt(weight.shape[-1])
