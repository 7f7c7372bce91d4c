"""Where apps write what went wrong: on the server, never on the visitor's screen."""

from __future__ import annotations

import logging
from pathlib import Path


def log_to_file(home: Path) -> Path:
    """Send the package's log to ``logs/apps.log`` under ``home`` and nowhere else.

    What a kernel prints would travel to the visitor's browser.

    Returns
    -------
    Path
        The log file.
    """
    path = home / "logs" / "apps.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("pk_research")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return path
