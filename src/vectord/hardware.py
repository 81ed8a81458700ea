"""A look at the machine: what the container grants, not what the host has."""

import os
import platform
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from .core import CudaDevice, Hardware

# Linux's words in /proc/cpuinfo for the instruction sets that decide precision and speed
ISA = {
    "avx2": "avx2",
    "avx512f": "avx512",
    "avx512_vnni": "avx512_vnni",
    "avx_vnni": "avx_vnni",
    "avx512_bf16": "avx512_bf16",
    "avx512_fp16": "avx512_fp16",
    "amx_bf16": "amx_bf16",
    "amx_int8": "amx_int8",
    "amx_fp16": "amx_fp16",
    "asimd": "neon",
    "asimdhp": "neon_fp16",
    "bf16": "sve_bf16",
    "sve": "sve",
    "i8mm": "i8mm",
}
CGROUP = Path("/sys/fs/cgroup")
CPUINFO = Path("/proc/cpuinfo")


def detect() -> Hardware:
    """Look once at cores, instruction sets and CUDA devices."""
    fields = cpu_fields(CPUINFO.read_text()) if CPUINFO.exists() else {}
    flags = (fields.get("flags") or fields.get("Features") or "").split()
    return Hardware(
        machine=platform.machine(),
        cpu=fields.get("model name") or platform.processor() or platform.machine(),
        cores=usable_cores(),
        isa=frozenset(ISA[flag] for flag in flags if flag in ISA),
        cuda=cuda_devices(),
        memory=usable_memory(),
    )


def cpu_fields(text: str) -> dict[str, str]:
    """Return the fields of the first processor in /proc/cpuinfo."""
    first = text.split("\n\n", 1)[0]
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def usable_cores(cgroup: Path = CGROUP) -> int:
    """Return min(affinity, cgroup quota), at least one."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cgroup_quota(cgroup)
    return max(1, min(affinity, int(quota) if quota is not None else affinity))


def cgroup_quota(root: Path) -> float | None:
    """Return the cores that the container's cgroup grants (version 2, then 1); None where unlimited."""
    unified, period = root / "cpu.max", root / "cpu/cpu.cfs_period_us"
    try:
        if unified.exists():
            allowed, per = unified.read_text().split()
        else:
            allowed, per = (root / "cpu/cpu.cfs_quota_us").read_text(), period.read_text()
        return int(allowed) / int(per) if int(allowed) > 0 else None
    except (OSError, ValueError):  # no such file, or the word "max"
        return None


def usable_memory(cgroup: Path = CGROUP) -> int:
    """Return the bytes of memory that the machine has, or that its cgroup (2, then 1) grants if fewer."""
    limits = [cgroup / "memory.max", cgroup / "memory/memory.limit_in_bytes"]
    granted = [int(text) for text in map(first_word, limits) if text.isdigit()]
    with suppress(AttributeError, OSError, ValueError):  # not of every system
        granted.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return min(granted, default=0)


def first_word(path: Path) -> str:
    """Return the first word of a file; nothing where there is none to read."""
    try:
        return next(iter(path.read_text().split()), "")
    except OSError:
        return ""


def cuda_devices() -> tuple[CudaDevice, ...]:
    """Ask nvidia-smi, which answers without loading a CUDA library into this process."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return ()
    query = "--query-gpu=index,name,compute_cap,memory.free"
    try:
        answer = subprocess.run(
            [command, query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        found = tuple(cuda_device(line) for line in answer.stdout.splitlines() if line.strip())
        return visible(found, os.environ.get("CUDA_VISIBLE_DEVICES"))
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()


def visible(devices: tuple[CudaDevice, ...], said: str | None) -> tuple[CudaDevice, ...]:
    """Return the devices that CUDA_VISIBLE_DEVICES leaves, counted as CUDA then counts them.

    nvidia-smi heeds no such variable. What names devices otherwise than by index is left to CUDA.
    """
    words = [word.strip() for word in (said or "").split(",")]
    if said is None or not all(word.lstrip("-").isdigit() for word in words if word):
        return devices
    kept: list[CudaDevice] = []
    for word in words:
        device = next((one for one in devices if str(one.index) == word), None)
        if device is None:  # CUDA stops at the first that is none
            break
        kept.append(replace(device, index=len(kept)))
    return tuple(kept)


def cuda_device(line: str) -> CudaDevice:
    """Read one line of nvidia-smi: index, name, capability, free MiB."""
    index, name, capability, free = (part.strip() for part in line.split(","))
    major, minor = capability.split(".")
    return CudaDevice(int(index), name, (int(major), int(minor)), int(free) * 1024 * 1024)
