"""Serves the survey app alone, without Voila, in a process that can be killed and is back in a second.

``python survey_process.py HOME URL PORT [PACE=LIMIT ...]``: paces such as ``PAGES_BY_ORIGIN=12/second`` make
the house impatient, so that a test need not ask for minutes to be told to slow down.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tornado.web
from limits import parse

from pk_research.apps.survey.logs import log_request
from pk_research.apps.survey.paces import Pace
from pk_research.apps.survey.routes import handlers
from pk_research.store import open_store
from pk_research.store.access import read_secret

STARTS_WITHIN_S = 60


async def serve(home: Path, url: str, port: int) -> None:
    store = open_store(url, key=read_secret(home))
    app = tornado.web.Application(handlers(store), log_function=log_request)
    app.listen(port, address="127.0.0.1")
    await asyncio.Event().wait()


@dataclass
class SurveyProcess:
    """The process, whichever it is at the moment: its port stays."""

    home: Path
    url: str
    port: int
    paces: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.home / "survey.log"

    def start(self) -> None:
        paces = [f"{name}={limit}" for name, limit in self.paces.items()]
        command = [sys.executable, __file__, str(self.home), self.url, str(self.port), *paces]
        places = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env={**os.environ, "PYTHONPATH": places}, stdout=log, stderr=log
            )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log.read_text())
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.address}/survey", timeout=5).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


if __name__ == "__main__":
    for name, _, limit in (given.partition("=") for given in sys.argv[4:]):
        Pace[name]._value_ = parse(limit)
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
