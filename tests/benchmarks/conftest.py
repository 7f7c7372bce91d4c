"""Chromium for benchmarks of pages, and the tables they print at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from browser.conftest import CHROMIUM, QUIET
from playwright.sync_api import Browser, sync_playwright

LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
TABLES = pytest.StashKey[dict[str, list[dict[str, object]]]]()


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    options = request.config.option
    if options.benchmark_disable and not options.benchmark_enable:
        pytest.skip("pages are measured by `make benchmark`: servers and a browser of their own")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: `apt-get install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, LOOPBACK_ONLY])
        yield browser
        browser.close()


@pytest.fixture
def tabulate(request: pytest.FixtureRequest, benchmark) -> Callable[..., None]:
    """Keep figures with the benchmark's own, and as a row of a table printed at the end."""

    def keep(title: str, name: str, **figures: object) -> None:
        benchmark.extra_info.update(figures)
        tables = request.config.stash.setdefault(TABLES, {})
        tables.setdefault(title, []).append({"": name, **figures})

    return keep


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for title, rows in config.stash.get(TABLES, {}).items():
        terminalreporter.section(title)
        lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            terminalreporter.write_line(
                "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            )
