"""Where apps write what went wrong: on the server, never on the visitor's screen."""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path

LINE = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
# Whoever knows the identifier of a kernel or a draft has half a key to it.
_IDENTIFIER = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)


def log_to_file(home: Path, *, is_json: bool = False) -> Path:
    """Send the package's log to ``logs/apps.log`` under ``home`` and nowhere else.

    What a kernel prints would travel to the visitor's browser.

    Parameters
    ----------
    home
        The folder of the house.
    is_json
        Whether each entry is a JSON object (`JsonLines`) rather than a line for people.

    Returns
    -------
    Path
        The log file.
    """
    path = home / "logs" / "apps.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines() if is_json else logging.Formatter(LINE))
    logger = logging.getLogger("pk_research")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return path


def log_to_stderr_as_json() -> None:
    """Send whatever this process logs to its standard error, as `JsonLines`."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


class JsonLines(logging.Formatter):
    """Writes a log of one JSON object a line, for machines that gather logs.

    Notes
    -----
    Of an exception its kind and the places in the code are kept; what it says is left out, since it may
    quote an answer, a code or a token. Of identifiers the first eight characters are kept.

    Examples
    --------
    >>> record = logging.LogRecord("pk", logging.INFO, "x.py", 1, "kernel %s", ("5e88a0c1-" + "0" * 4 + "-4000-8000-" + "0" * 12,), None)
    >>> json.loads(JsonLines().format(record))["message"]
    'kernel 5e88a0c1'
    """  # noqa: E501 - an example

    def format(self, record: logging.LogRecord) -> str:
        """Return an entry as a JSON object on one line."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
        }
        entry |= getattr(record, "facts", None) or {"message": shortened(record.getMessage())}
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            entry["trace"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(entry, ensure_ascii=False)


class Shortened(logging.Filter):
    """Shortens the identifiers in what is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every entry pass."""
        record.msg, record.args = shortened(record.getMessage()), ()
        return True


def shortened(text: str) -> str:
    """Return a text in which identifiers have their first eight characters.

    Examples
    --------
    >>> shortened("Kernel started: 0f9cf6bb-44d6-4b9a-9a4c-0dfb6a2d3c11")
    'Kernel started: 0f9cf6bb'
    """
    return _IDENTIFIER.sub(r"\1", text)
