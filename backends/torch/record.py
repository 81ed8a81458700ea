"""Recording what CUDA is told to do, so that it can be told again in one call."""

from collections.abc import Callable
from typing import Protocol

import torch

Replay = Callable[[], None]
MOST_MEMORY = 0.05  # of the device, for the graphs of one network together


class Recorder(Protocol):
    """Makes graphs; `has_room` is whether there is memory for another."""

    @property
    def has_room(self) -> bool:
        """Whether the graphs so far leave memory for more."""
        ...

    def record(self, run: Callable[[], torch.Tensor]) -> tuple[torch.Tensor, Replay]:
        """Return the tensor that `run` fills, and what fills it anew from the same inputs."""
        ...


class CudaRecorder:
    """Captures streams; all graphs of a network share one pool of memory, since they run in turn."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        with torch.cuda.device(device):
            self._pool = torch.cuda.graph_pool_handle()
            self._side = torch.cuda.Stream()
            self._free, total = torch.cuda.mem_get_info()
        self._most = MOST_MEMORY * total

    @property
    def has_room(self) -> bool:
        """Whether the graphs so far leave memory for more."""
        free, _ = torch.cuda.mem_get_info(self._device)
        return bool(self._free - free < self._most)

    def record(self, run: Callable[[], torch.Tensor]) -> tuple[torch.Tensor, Replay]:
        """Capture a run, after one that lets libraries set themselves up; see `Recorder`."""
        with torch.cuda.device(self._device):
            self._side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self._side):
                run()
            torch.cuda.current_stream().wait_stream(self._side)
            graph = torch.cuda.CUDAGraph()
            # other threads may allocate meanwhile: their models are already in service
            with torch.cuda.graph(
                graph, pool=self._pool, stream=self._side, capture_error_mode="thread_local"
            ):
                answers = run()
        return answers, graph.replay
