"""The hardware a process may use, as plain values; `vectord.hardware` reads them off the machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CudaDevice:
    """One CUDA device: compute capability as (major, minor), free memory in bytes."""

    index: int
    name: str
    capability: tuple[int, int]
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Hardware:
    """Cores and bytes of memory that the container grants, instruction sets that matter, CUDA devices.

    `memory` is 0 where it is not known.
    """

    machine: str
    cpu: str
    cores: int
    isa: frozenset[str]
    cuda: tuple[CudaDevice, ...] = ()
    memory: int = 0

    @property
    def native_bfloat16(self) -> bool:
        """Whether the CPU multiplies bfloat16 matrices itself."""
        return bool(self.isa & {"avx512_bf16", "amx_bf16", "sve_bf16"})

    @property
    def native_float16(self) -> bool:
        """Whether the CPU multiplies float16 matrices itself."""
        return bool(self.isa & {"avx512_fp16", "amx_fp16", "neon_fp16"})

    @property
    def native_int8(self) -> bool:
        """Whether the CPU multiplies 8-bit integers and adds the products in 32 bits itself."""
        return bool(self.isa & {"avx512_vnni", "avx_vnni", "amx_int8", "i8mm"})
