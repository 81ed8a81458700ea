"""Log lines for people or for machines; never a text, a vector or a key."""

import logging
import sys
from datetime import UTC, datetime

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
        return orjson.dumps(line).decode()


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


def is_ours(name: str) -> bool:
    """Whether a logger is vectord's or one below it."""
    return name.split(".")[0] == OURS


def announce(log: logging.Logger, message: str) -> None:
    """Log a line whatever the level: without the port that the system chose a server is of no use."""
    log.handle(log.makeRecord(log.name, logging.INFO, "", 0, message, (), None))
