"""What the container grants counts, not what the host has."""

import os
from pathlib import Path

import pytest

from vectord import hardware
from vectord.core import CudaDevice, Hardware

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
AFFINITY = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"memory.max": "1073741824\n"}, 2**30),
        ({"memory.max": "max\n"}, MACHINE),
        ({"memory/memory.limit_in_bytes": "536870912\n"}, 2**29),
        ({"memory/memory.limit_in_bytes": "9223372036854771712\n"}, MACHINE),
        ({"memory.max": ""}, MACHINE),
        ({}, MACHINE),
    ],
)
def test_memory_is_what_the_cgroup_grants(tmp_path: Path, files: dict[str, str], found: int) -> None:
    assert hardware.usable_memory(write(tmp_path, files)) == found


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4.0),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({"cpu.max": "garbage"}, None),
        ({}, None),
    ],
)
def test_both_cgroup_versions_are_read(tmp_path: Path, files: dict[str, str], quota: float | None) -> None:
    assert hardware.cgroup_quota(write(tmp_path, files)) == quota


def test_a_quota_below_one_core_still_gives_one(tmp_path: Path) -> None:
    assert hardware.usable_cores(write(tmp_path, {"cpu.max": "20000 100000"})) == 1


def test_affinity_bounds_a_generous_quota(tmp_path: Path) -> None:
    assert hardware.usable_cores(write(tmp_path, {"cpu.max": "9900000 100000"})) == AFFINITY


def test_instruction_sets_come_from_cpuinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("model name\t: Some CPU\nflags\t\t: fpu avx2 avx512f amx_bf16\n\nmodel name\t: other\n")
    monkeypatch.setattr(hardware, "CPUINFO", info)
    found = hardware.detect()
    assert found.cpu == "Some CPU"
    assert found.isa == {"avx2", "avx512", "amx_bf16"}
    assert found.native_bfloat16
    assert not found.native_float16


def test_a_machine_without_proc_or_nvidia_smi_is_described_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "CPUINFO", tmp_path / "nothing")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = hardware.detect()
    assert (found.isa, found.cuda) == (frozenset(), ())
    assert found.cores >= 1


def test_cuda_devices_are_read_from_nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\necho '0, NVIDIA H200, 9.0, 143000'\necho '1, Tesla T4, 7.5, 15000'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert hardware.cuda_devices() == (
        CudaDevice(0, "NVIDIA H200", (9, 0), 143_000 * 2**20),
        CudaDevice(1, "Tesla T4", (7, 5), 15_000 * 2**20),
    )


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (None, ["a", "b", "c"]),
        ("", []),
        ("2,0", ["c", "a"]),
        ("1,-1,0", ["b"]),
        ("7,0", []),
        ("GPU-8932f937", ["a", "b", "c"]),
    ],
)
def test_devices_are_counted_as_cuda_counts_those_that_it_may_see(said: str | None, left: list[str]) -> None:
    every = tuple(CudaDevice(index, name, (9, 0), 1) for index, name in enumerate("abc"))
    seen = hardware.visible(every, said)
    assert [(one.index, one.name) for one in seen] == list(enumerate(left))


def test_hardware_is_plain_values() -> None:
    assert Hardware("x86_64", "cpu", 2, frozenset()) == Hardware("x86_64", "cpu", 2, frozenset())
