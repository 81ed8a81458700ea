"""Log lines for people or for machines; never a text, a vector or a key."""

import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from .config import LogFormat, LogLevel

OURS = "vectord"


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        import orjson

        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        # names of files may hold bytes that are no text
        clean = {key: value.encode(errors="replace").decode() for key, value in line.items()}
        return orjson.dumps(clean).decode()


def set_up_logs(style: LogFormat, level: LogLevel) -> None:
    """Log to standard error in the asked form.

    Below warnings only our own loggers speak: libraries' detail quotes keys and texts.
    """
    ours = logging.getLevelNamesMapping()[level.upper()]
    others = max(logging.WARNING, ours)
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonFormatter() if style == "json" else text)
    # beside the levels, since a library may set its own logger's
    handler.addFilter(lambda record: record.levelno >= others or is_ours(record.name))
    logging.basicConfig(level=others, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(ours)
    log_what_is_printed()


def log_what_is_printed() -> None:
    """Log what Python would print to standard error by itself: warnings, and errors that nobody caught."""
    log = logging.getLogger(OURS)

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("ended by an error that nobody foresaw", exc_info=(kind, error, trace))

    def in_thread(told: threading.ExceptHookArgs) -> None:
        name = told.thread.name if told.thread else "unnamed"
        log.error("thread %s failed: %s", name, describe(told.exc_value or told.exc_type()))

    def unraisable(told: Any) -> None:
        log.error("%s: %s", told.err_msg or "ignored", describe(told.exc_value or told.exc_type()))

    logging.captureWarnings(True)
    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, unraisable


def describe(error: BaseException) -> str:
    """Return type and stack of an exception and of its causes, without their texts.

    The text of a foreign exception may quote what the user sent.
    """
    parts = []
    cause: BaseException | None = error
    while cause is not None:
        frames = "".join(traceback.format_list(traceback.extract_tb(cause.__traceback__)))
        parts.append(f"{type(cause).__module__}.{type(cause).__qualname__}\n{frames}")
        cause = cause.__cause__ or cause.__context__
    return "caused by ".join(parts)


def complain(message: str) -> None:
    """Say on one line why the process ends: in the logs' form where they are JSON, else as a command does."""
    if any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers):
        logging.getLogger(OURS).critical(message)
    else:
        print(f"vectord: {message}", file=sys.stderr)


def is_ours(name: str) -> bool:
    """Whether a logger is vectord's or one below it."""
    return name.split(".")[0] == OURS


def announce(log: logging.Logger, message: str) -> None:
    """Log a line whatever the level: without the port that the system chose a server is of no use."""
    log.handle(log.makeRecord(log.name, logging.INFO, "", 0, message, (), None))
