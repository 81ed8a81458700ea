"""Who is heard at which level, in a process of its own: the root logger is everybody's."""

import json
import subprocess
import sys

import pytest

from .server import environment

SCRIPT = """
import logging, sys
from vectord.logs import set_up_logs

set_up_logs("text", sys.argv[1])
logging.getLogger("library.loud").setLevel(logging.DEBUG)
for name in ("vectord", "vectord.part", "vectordish", "library", "library.loud"):
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logging.getLogger(name).log(level, "said")
"""
OURS = {"vectord", "vectord.part"}
OTHERS = {"vectordish", "library", "library.loud"}
HEARD = {
    "debug": {"DEBUG": OURS, "INFO": OURS, "WARNING": OURS | OTHERS, "ERROR": OURS | OTHERS},
    "info": {"INFO": OURS, "WARNING": OURS | OTHERS, "ERROR": OURS | OTHERS},
    "error": {"ERROR": OURS | OTHERS},
}


@pytest.mark.parametrize("level", HEARD)
def test_below_warnings_only_our_own_loggers_are_heard(level: str) -> None:
    command = [sys.executable, "-c", SCRIPT, level]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    heard: dict[str, set[str]] = {}
    for line in done.stderr.splitlines():
        _, said_at, name, _ = line.split()
        heard.setdefault(said_at, set()).add(name.rstrip(":"))
    assert heard == HEARD[level]


JSON_SCRIPT = """
import logging
from vectord.logs import set_up_logs

set_up_logs("json", "info")
log = logging.getLogger("vectord.part")
log.info("two\\nlines with \\"quotes\\" and %s", "\u00e9")
try:
    raise ValueError("a cause")
except ValueError:
    log.exception("it failed")
"""


def test_a_json_line_is_one_object_whatever_it_says() -> None:
    command = [sys.executable, "-c", JSON_SCRIPT]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    told, failed = map(json.loads, done.stderr.splitlines())
    assert (told["level"], told["logger"]) == ("info", "vectord.part")
    assert told["message"] == 'two\nlines with "quotes" and \u00e9'
    assert told["time"].endswith("+00:00")
    assert failed["level"] == "error"
    assert "ValueError: a cause" in failed["traceback"]


PRINTING_SCRIPT = """
import gc, logging, threading, warnings
from vectord.logs import set_up_logs

set_up_logs("json", "info")
class Bad:
    def __del__(self):
        raise ValueError("in a finaliser")

def fail():
    raise RuntimeError("in a thread\\nof two lines")

warnings.warn("a warning\\nof two lines")
thread = threading.Thread(target=fail, name="worker")
thread.start()
thread.join()
Bad()
gc.collect()
logging.getLogger("vectord").error("a file called %s", "\\udcff")
logging.getLogger("hypercorn.error").error("from the server's library")
raise OSError("at the end")
"""


def test_what_python_would_print_by_itself_is_json_too() -> None:
    command = [sys.executable, "-c", PRINTING_SCRIPT]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    said = [(one["logger"], one["level"], one["message"]) for one in lines]
    assert said[0][:2] == ("py.warnings", "warning")
    assert "UserWarning: a warning\nof two lines" in said[0][2]
    # a message may quote what a client sent
    assert said[1][:2] == said[2][:2] == ("vectord", "error")
    assert said[1][2].startswith("thread worker failed: builtins.RuntimeError\n  File")
    assert said[2][2].startswith("ignored: builtins.ValueError\n  File")
    assert "in a thread" not in said[1][2] + said[2][2]
    assert said[3:] == [
        ("vectord", "error", "a file called ?"),
        ("hypercorn.error", "error", "from the server's library"),
        ("vectord", "critical", "ended by an error that nobody foresaw"),
    ]
    assert "OSError: at the end" in lines[-1]["traceback"]
