"""Each runtime's own way of saying that memory is short, made to say it."""

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import helper

from vectord.backends.allocation import telling_memory
from vectord.backends.torch import trouble
from vectord.core import DeviceLost, OutOfMemory

CPU = torch.device("cpu")
HUGE = 10**15


def by_onnx() -> None:
    ports = [
        helper.make_tensor_value_info(name, kind, shape)
        for name, kind, shape in (("s", onnx.TensorProto.INT64, [1]), ("y", onnx.TensorProto.FLOAT, None))
    ]
    node = helper.make_node("ConstantOfShape", ["s"], ["y"])
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(helper.make_graph([node], "huge", ports[:1], ports[1:]), opset_imports=opset)
    model.ir_version = 9
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    session.run(None, {"s": np.array([HUGE])})


@pytest.mark.parametrize("ask", [by_onnx, lambda: torch.empty(HUGE), lambda: np.empty(HUGE)])
def test_memory_that_cannot_be_had_is_told(ask: Callable[[], object]) -> None:
    with pytest.raises(OutOfMemory), telling_memory():
        ask()


def test_torch_tells_too() -> None:
    with pytest.raises(OutOfMemory, match="4000000000000000 bytes"), trouble.telling(CPU):
        torch.empty(HUGE)
    with pytest.raises(OutOfMemory, match="CUDA out of memory"), trouble.telling(CPU):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nmore")


def test_what_a_failed_run_held_is_free_before_the_next() -> None:
    freed: list[bool] = []

    class Held:
        def __del__(self) -> None:
            freed.append(True)

    def run() -> None:
        held = Held()
        torch.empty(HUGE)
        del held

    with pytest.raises(OutOfMemory) as kept, trouble.telling(CPU):
        run()
    assert freed
    assert kept.value.__suppress_context__


def test_an_error_of_the_device_is_its_loss_only_if_it_answers_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(torch.AcceleratorError), trouble.telling(CPU):
        raise torch.AcceleratorError("CUDA error: invalid configuration argument")
    with pytest.raises(ValueError, match="mine"), trouble.telling(CPU):
        raise ValueError("mine")
    assert trouble.answers(CPU)
    monkeypatch.setattr(trouble, "answers", lambda device: False)
    with pytest.raises(DeviceLost, match="cpu: CUDA error: device-side assert"), trouble.telling(CPU):
        raise torch.AcceleratorError("CUDA error: device-side assert triggered\nCompile with")
    with pytest.raises(ValueError, match="mine"), trouble.telling(CPU):
        raise ValueError("mine")
