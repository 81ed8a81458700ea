"""A card's parameters as torch tensors: from the mapped file straight to the device, in the type wanted."""

from collections.abc import Mapping
from typing import Self

import numpy as np
import torch

from vectord.core import StoredTensor
from vectord.models.weights import view


class Weights:
    """The parameters whose names begin with `prefix`; matrices are cast to `dtype`."""

    def __init__(
        self,
        tensors: Mapping[str, StoredTensor],
        device: torch.device,
        dtype: torch.dtype,
        prefix: str = "",
    ) -> None:
        self.device, self.dtype = device, dtype
        self._tensors, self._prefix = tensors, prefix

    def under(self, prefix: str, dtype: torch.dtype | None = None) -> Self:
        """Return the parameters below one name."""
        return type(self)(self._tensors, self.device, dtype or self.dtype, f"{self._prefix}{prefix}")

    @property
    def root(self) -> Self:
        """All of the parameters."""
        return type(self)(self._tensors, self.device, self.dtype)

    def has(self, name: str) -> bool:
        """Whether there is such a parameter."""
        return f"{self._prefix}{name}" in self._tensors

    def rows(self, *names: str) -> torch.Tensor:
        """Return one or several parameters, one below the other, in `dtype`."""
        parts = [self._mapped(name) for name in names]
        shape = (sum(len(part) for part in parts), *parts[0].shape[1:])
        out = torch.empty(shape, device=self.device, dtype=self.dtype)
        for part, place in zip(parts, out.split([len(part) for part in parts]), strict=True):
            place.copy_(part)
        return out

    def exact(self, name: str) -> torch.Tensor:
        """Return a parameter in float32."""
        return self._mapped(name).to(self.device, torch.float32, copy=True)

    def _mapped(self, name: str) -> torch.Tensor:
        """Return a parameter as it is stored, in the file's own pages: to be copied and let go."""
        array = view(self._tensors[f"{self._prefix}{name}"])
        if array.dtype.kind == "f":
            return torch.from_numpy(array)
        # torch does not know ml_dtypes' bfloat16
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
