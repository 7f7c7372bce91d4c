"""Fixtures every test may use."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from xdist.scheduler import LoadFileScheduling

sys.path.insert(0, str(Path(__file__).parent))

from postgresql import find_programs, run_postgresql

from pk_research.cli import main

Pk = Callable[..., tuple[int, str, str]]
PROJECT = Path(__file__).resolve().parents[1]
BROWSER = "tests/browser"


class OneBrowser(LoadFileScheduling):
    """Files are dealt out one by one, those of the browser together.

    A browser, its server and its kernels are busy on both cores, so that a second one beside it would have
    pages wait longer than a test does; and one server and one Chromium do for all.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return BROWSER if file.startswith(f"{BROWSER}/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling:
    return OneBrowser(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what all tests share out of later searches for garbage, which libraries ask for at each call."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def project() -> Path:
    """The checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data and published results, kept beside the checkout and never inside it."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the real data is not here: there is no folder shared/ beside the checkout")
    return folder


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL server for the whole run."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed: `apt-get install postgresql`")
    with run_postgresql(programs) as url:
        yield url


_numbers = itertools.count(1)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """The address of an empty PostgreSQL database."""
    name = f"store_{next(_numbers)}"
    engine = create_engine(f"{postgresql_server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{postgresql_server}/{name}"


@pytest.fixture
def pk(monkeypatch, capsys, tmp_path) -> Pk:
    """Run ``pk`` in a house of its own; return exit code, output and errors."""
    monkeypatch.setenv("PK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PK_DATABASE_URL", raising=False)
    monkeypatch.delenv("PK_BOUNDARIES", raising=False)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pk", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run
