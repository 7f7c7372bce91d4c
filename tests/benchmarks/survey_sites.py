"""One form of fifteen questions in four dialects, each served as its users would be served."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import nbformat
import pytest
from browser.conftest import serving, settings_in
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import BrowserContext
from ports import free_port
from pyxform.xls2xform import convert
from survey_server import RESEARCHER, SurveyHouse, Visitor, survey_house

QUESTIONS = [
    ("owner", "text", "Siapa pemiliknya?", ""),
    ("licensed", "yesno", "Apakah sudah berizin?", ""),
    ("number", "text", "Berapa nomor izinnya?", "licensed"),
    ("workers", "integer", "Berapa orang bekerja?", ""),
    ("hires", "yesno", "Apakah ada tetangga yang bekerja?", ""),
    ("neighbours", "integer", "Berapa orang tetangga?", "hires"),
    ("product", "text", "Apa produk utamanya?", ""),
    ("sells", "yesno", "Apakah dijual ke luar desa?", ""),
    ("market", "text", "Ke mana dijual?", "sells"),
    ("machine", "yesno", "Apakah memakai mesin?", ""),
    ("machine_name", "text", "Mesin apa?", "machine"),
    ("loan", "yesno", "Apakah ada pinjaman?", ""),
    ("bank", "text", "Dari mana pinjamannya?", "loan"),
    ("phone", "text", "Berapa nomor teleponnya?", ""),
    ("remark", "text", "Apa lagi yang perlu dicatat?", ""),
]
"""Name, kind, label, and the question that must be answered with yes for this one to be asked."""

YES = "${{{}}} = 'yes'"

Address = Callable[[BrowserContext], str]
"""The address of an empty form, for the visitor whose browser it is."""


def xform() -> str:
    kinds = {"text": "text", "integer": "integer", "yesno": "select_one yesno"}
    rows = "".join(
        f"| | {kinds[kind]} | {name} | {label} | {needs and YES.format(needs)} |\n"
        for name, kind, label, needs in QUESTIONS
    )
    tables = (
        f"| survey |\n| | type | name | label | relevant |\n{rows}"
        "| choices |\n| | list_name | name | label |\n| | yesno | yes | Ya |\n| | yesno | no | Belum |\n"
        "| settings |\n| | form_id | version | form_title |\n| | bench | 1 | Usaha |\n"
    )
    return convert(xlsform=tables, pretty_print=False).xform


PLAIN = f"""
from ipywidgets import IntText, Layout, RadioButtons, Text, VBox
from functools import partial

def show(widget, change):
    widget.layout.display = None if change["new"] == "Ya" else "none"

asked = {{}}
for name, kind, label, needs in {QUESTIONS!r}:
    look = dict(description=label, style=dict(description_width="initial"), layout=Layout(width="98%"))
    if kind == "yesno":
        asked[name] = RadioButtons(options=["Ya", "Belum"], value=None, **look)
    else:
        asked[name] = (Text if kind == "text" else IntText)(**look)
    if needs:
        asked[name].layout.display = "none"
        asked[needs].observe(partial(show, asked[name]), "value")
VBox(list(asked.values()))
"""
STREAMLIT = f"""
import streamlit as st

answers = {{}}
for name, kind, label, needs in {QUESTIONS!r}:
    if needs and answers[needs] != "Ya":
        continue
    if kind == "yesno":
        answers[name] = st.radio(label, ["Ya", "Belum"], index=None)
    elif kind == "integer":
        answers[name] = st.number_input(label, value=None, step=1)
    else:
        answers[name] = st.text_input(label)
"""


@contextmanager
def survey_app(folder: Path, project: Path) -> Iterator[Address]:
    """Our survey app: a page that needs no kernel."""
    with survey_house(folder, project=project) as house:
        house.store.forms.publish(xform(), by=RESEARCHER)
        yield lambda context: _invited(house, context)


def _invited(house: SurveyHouse, context: BrowserContext) -> str:
    """Come in by an invitation and begin, with the browser's memory of our files left empty."""
    visitor = Visitor(house)
    visitor.ask(house.invite("bench"))
    draft = visitor.begin("bench")
    context.add_cookies(
        [{"name": cookie.name, "value": cookie.value, "url": house.address} for cookie in visitor.jar]
    )
    return f"{house.address}/survey/fill/{draft}"


@contextmanager
def form_widget(folder: Path, project: Path) -> Iterator[Address]:
    """Our widget in a notebook, on our Voila server, its kernel preheated."""
    form = folder / "bench.xml"
    form.write_text(xform(), encoding="utf-8")
    source = (
        "from pathlib import Path\n"
        "from pk_research.apps.form import FormWidget\n"
        "from pk_research.survey import parse_form\n"
        f"FormWidget(parse_form(Path({str(form)!r}).read_text())).add_class('pk-live')"
    )
    _write_notebook(folder / "notebooks" / "apps" / "bench.ipynb", source)
    with serving(settings_in(folder, project=folder)) as address:
        yield lambda _: f"{address}/bench"


@contextmanager
def plain_widgets(folder: Path, project: Path) -> Iterator[Address]:
    """Ipywidgets and observe() in Voila as it comes, its kernel preheated."""
    _write_notebook(folder / "bench.ipynb", PLAIN)
    options = [
        "--no-browser", "--Voila.ip=127.0.0.1",
        "--VoilaConfiguration.preheat_kernel=True", "--VoilaConfiguration.default_pool_size=1",
    ]  # fmt: skip
    port = free_port()
    command = [sys.executable, "-m", "voila", str(folder), f"--port={port}", *options]
    address = f"http://127.0.0.1:{port}"
    with running(command, folder, health=f"{address}/voila/tree"):
        yield lambda _: f"{address}/voila/render/bench.ipynb"


@contextmanager
def streamlit(folder: Path, project: Path) -> Iterator[Address]:
    """Streamlit, of the Python that ``PK_STREAMLIT`` names."""
    python = os.environ.get("PK_STREAMLIT")
    if python is None:
        pytest.skip("Streamlit is no part of the project: name a Python that has it with PK_STREAMLIT")
    script = folder / "bench.py"
    script.write_text(STREAMLIT, encoding="utf-8")
    port = free_port()
    options = [
        f"--server.port={port}", "--server.address=127.0.0.1",
        "--server.headless=true", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false",
    ]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    command = [python, "-m", "streamlit", "run", str(script), *options]
    with running(command, folder, health=f"{address}/_stcore/health"):
        yield lambda _: address


SITES: dict[str, Callable[[Path, Path], AbstractContextManager[Address]]] = {
    "our survey app": survey_app,
    "our widget in our Voila": form_widget,
    "ipywidgets in stock Voila": plain_widgets,
    "Streamlit": streamlit,
}


def _write_notebook(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(source)], metadata={"title": "Usaha", "kernelspec": kernel})
    nbformat.write(notebook, path)


@contextmanager
def running(command: list[str], folder: Path, *, health: str) -> Iterator[None]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(health, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{address} does not answer")
