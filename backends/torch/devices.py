"""Which CUDA devices a card may have, and what is missing where it may have none; torch is not imported."""

from collections.abc import Sequence
from importlib import metadata

from vectord.core import CudaDevice, Hardware, ModelCard

OLDEST = (7, 5)  # that torch's wheels are built for


def has_cuda() -> bool:
    """Whether the installed torch is built with CUDA; its version says so."""
    return not metadata.version("torch").endswith("+cpu")


def like_devices(card: ModelCard, hardware: Hardware) -> list[CudaDevice]:
    """Return the device with the most free memory and those of its name, if weights and a batch fit there.

    Others are left alone: they may lack its precision, and a batch on a slow one keeps requests waiting.
    """
    fit = [one for one in hardware.cuda if misfit(one, card) is None]
    fit.sort(key=lambda one: -one.free_bytes)
    return [one for one in fit if one.name == fit[0].name]


def asked_devices(card: ModelCard, hardware: Hardware, asked: Sequence[int]) -> list[CudaDevice] | str:
    """Return the devices of these indices in their order, or what is wrong with the first wrong one."""
    known = {one.index: one for one in hardware.cuda}
    for index in asked:
        if index not in known:
            there = ", ".join(f"{one.index} ({one.name})" for one in hardware.cuda)
            return f"there is no CUDA device {index}; there are {there}"
        wrong = misfit(known[index], card)
        if wrong is not None:
            return wrong
    return [known[index] for index in asked]


def misfit(device: CudaDevice, card: ModelCard) -> str | None:
    """Return why a device cannot have a card; None if it can."""
    where = f"cuda:{device.index} ({device.name})"
    if device.capability < OLDEST:
        return f"{where} has compute capability {dotted(device.capability)}, and torch needs {dotted(OLDEST)}"
    if device.free_bytes <= 1.2 * card.weight_bytes:
        free, needed = device.free_bytes / 2**30, 1.2 * card.weight_bytes / 2**30
        return f"{where} has {free:.1f} GiB free, and the model may need {needed:.1f}"
    return None


def missing(hardware: Hardware) -> str | None:
    """Return what no CUDA device can do without; None where it is all there."""
    if not hardware.cuda:
        return "nvidia-smi finds no device"
    if not has_cuda():
        return f"torch {metadata.version('torch')} is built without it; install a build with CUDA"
    return None


def dotted(capability: tuple[int, int]) -> str:
    """Return a compute capability as people write it."""
    return ".".join(map(str, capability))
