"""Printing to PDF with a browser, where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from pk_research.errors import NotReady, Problem
from pk_research.writing import write_files

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
TIMEOUT_S = 120
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--no-pdf-header-footer",
)
_MADE = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")
_ALWAYS = b"19800101000000"  # so that the same sheet gives the same bytes


def pdf(html: str, out: Path) -> Path:
    """Print a sheet to a PDF file.

    Parameters
    ----------
    html
        What `sheet` returns.
    out
        The file, replaced in one step.

    Raises
    ------
    NotReady
        When there is no Chromium (or Chrome, or Edge) on this machine, or it does not come to an end.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise NotReady(
            Problem(
                "PDF",
                "no Chromium, Chrome or Edge was found",
                "Install one (`apt-get install chromium`), or print the HTML page from any browser.",
            )
        )
    with tempfile.TemporaryDirectory() as folder:
        page, made = Path(folder, "sheet.html"), Path(folder, "sheet.pdf")
        page.write_text(html, encoding="utf-8")
        _run(
            [browser, *_OPTIONS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}", page.as_uri()]
        )
        if not made.is_file():
            raise _stopped("it wrote no file")
        content = _MADE.sub(lambda found: b"/" + found[1] + b" (D:" + _ALWAYS, made.read_bytes())
    (path,) = write_files({out.name: content}, out.parent)
    return path


def _run(command: list[str]) -> None:
    # A page without scripts that fetches nothing needs no sandbox, and as root there is none.
    command = [command[0], "--no-sandbox", *command[1:]]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise _stopped(f"it took longer than {TIMEOUT_S} s") from None
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise _stopped(last or f"it stopped with {error.returncode}") from None


def _stopped(why: str) -> NotReady:
    return NotReady(
        Problem("PDF", f"the browser did not print: {why}", "Print the HTML page from any browser.")
    )
