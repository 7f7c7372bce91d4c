"""Where apps write what went wrong: on the server, never on the visitor's screen."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import indent
from types import TracebackType
from typing import Any

LINE = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
LONGEST = 1000
# Who complains in a kernel of what a page sent it; by itself that goes where the page can read it.
KERNEL = ("Comm", "ipykernel", "IPKernelApp", "traitlets")
# Whoever knows the identifier of a kernel or a draft has half a key to it.
_IDENTIFIER = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)


def log_to_file(home: Path, *, is_json: bool = False) -> Path:
    """Send the log of the package, and of its kernel, to ``logs/apps.log`` under ``home`` and nowhere else.

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
    form = JsonLines() if is_json else TextLines(LINE)
    _send(("pk_research",), path, form, logging.INFO)
    _send(KERNEL, path, form, logging.WARNING).addFilter(_without_what_was_sent)
    logging.getLogger("pk_research").setLevel(logging.INFO)
    return path


def _send(loggers: Iterable[str], path: Path, form: logging.Formatter, level: int) -> logging.Handler:
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(form)
    handler.setLevel(level)
    for name in loggers:
        logging.getLogger(name).handlers = [handler]
        logging.getLogger(name).propagate = False
    return handler


def _without_what_was_sent(record: logging.LogRecord) -> bool:
    """Keep what a kernel complains of, the kind of what went wrong and where, but not what a page sent it."""
    record.msg, record.args = str(record.msg), ()
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = "\n".join([record.exc_info[0].__name__, *_places(record.exc_info[2])])
    return True


def log_to_stderr_as_json() -> None:
    """Send whatever this process logs to its standard error, as `JsonLines`."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


class TextLines(logging.Formatter):
    r"""Writes an entry for people: a line, and below it, moved to the right, what went wrong.

    So nothing that a visitor sent looks like an entry, wherever it is quoted.

    Examples
    --------
    >>> record = logging.LogRecord("pk", logging.INFO, "x.py", 1, "no %s", ("a\n200 GET /",), None)
    >>> TextLines("%(message)s").format(record)
    'no a\\n200 GET /'
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's
        """Return the line."""
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - logging's
        """Return what stands below it."""
        return indent("\n".join(map(one_line, super().formatException(ei).splitlines())), "    ")


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
        entry |= getattr(record, "facts", None) or {"message": one_line(shortened(record.getMessage()))}
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            entry["trace"] = _places(record.exc_info[2])
        return json.dumps(entry, ensure_ascii=False)


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


class Shortened(logging.Filter):
    """Shortens the identifiers in what is logged, and keeps each message to one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every entry pass."""
        record.msg, record.args = one_line(shortened(record.getMessage())), ()
        return True


def shortened(text: str) -> str:
    """Return a text in which identifiers have their first eight characters.

    Examples
    --------
    >>> shortened("Kernel started: 0f9cf6bb-44d6-4b9a-9a4c-0dfb6a2d3c11")
    'Kernel started: 0f9cf6bb'
    """
    return _IDENTIFIER.sub(r"\1", text)


def one_line(text: str) -> str:
    r"""Return a text on one line, cut where it is long: what visitors send may stand in it.

    Examples
    --------
    >>> one_line("No such channel: shell\n200 GET /"), len(one_line("x" * 10_000))
    ('No such channel: shell\\n200 GET /', 1001)
    """
    kept = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in kept)
