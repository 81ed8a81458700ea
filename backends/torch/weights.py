"""A card's parameters as torch tensors, read one at a time straight to the device."""

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
        parts = [self._read(name).to(self.device, self.dtype) for name in names]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def exact(self, name: str) -> torch.Tensor:
        """Return a parameter in float32."""
        return self._read(name).to(self.device, torch.float32)

    def _read(self, name: str) -> torch.Tensor:
        # a copy, because torch takes no read-only memory
        array = np.array(view(self._tensors[f"{self._prefix}{name}"]))
        if array.dtype.kind == "f":
            return torch.from_numpy(array)
        # torch does not know ml_dtypes' bfloat16
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
