"""A signal that Python handles does not meet the stack of a session that is gone."""

import subprocess
import sys

import pytest

from tests.shared import Checkpoints

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="stacks for signals are read from Linux")
# sessions go in the order in which they came, the last one on another thread; then a signal comes
SCRIPT = """
import gc, os, signal, sys
from pathlib import Path
from threading import Thread

from vectord.backends.openvino import OpenVinoBackend
from vectord.backends.signal_stack import signal_stack
from vectord.core import Options
from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import Place

card = read_card("a", Place("a", Path(sys.argv[1]), None))
backend = OpenVinoBackend()
bid = backend.bid(card, detect(), Options())
before = signal_stack().ss_sp
sessions = [backend.load(card, bid) for _ in range(3)]
assert signal_stack().ss_sp == before

def leave():
    sessions.pop(0).close()
    gc.collect()

leave()
leave()
thread = Thread(target=leave)
thread.start()
thread.join()
signal.signal(signal.SIGTERM, lambda *_: print("handled"))
os.kill(os.getpid(), signal.SIGTERM)
"""


def test_sessions_that_left_leave_signals_alone(checkpoint: Checkpoints) -> None:
    command = [sys.executable, "-c", SCRIPT, str(checkpoint("bert"))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert (ended.returncode, ended.stdout) == (0, "handled\n"), ended.stderr
