"""The findings of the village types in four dialects: one model, headline, picture and tables for all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import pytest
from benchmarks.survey_sites import running
from browser.conftest import serving, settings_in
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page
from ports import free_port

from pk_research import sample
from pk_research.apps.serve import write_first_pages
from pk_research.store import open_store

OURS, VOILA, STREAMLIT, PANEL = "our app", "ipywidgets in stock Voila", "Streamlit", "Panel"

SHOWN = """
from pk_research.apps.findings.doubts import doubts_html
from pk_research.apps.findings.headline import headline_html
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.picture import picture_html
from pk_research.apps.findings.types import types_html
from pk_research.clusters.html import legend_html
from pk_research.store import open_store

NUMBERS = [0, *range(2, 11)]

def name(k):
    return str(k) if k else "Otomatis"

def shown(model, k):
    model.k = k or None
    parts = (headline_html, legend_html, picture_html, types_html, doubts_html)
    return "".join(part(model.typology, "id") for part in parts)
"""
IN_VOILA = """
from ipywidgets import HTML, Dropdown, VBox

model = FindingsModel(open_store(DATABASE))
chosen = Dropdown(description="Jumlah tipe", options=[(name(k), k) for k in NUMBERS])
page = HTML(shown(model, 0))
chosen.observe(lambda change: setattr(page, "value", shown(model, change["new"])), "value")
VBox([chosen, page])
"""
IN_STREAMLIT = """
import streamlit as st

@st.cache_resource
def store():
    return open_store(DATABASE)

if "model" not in st.session_state:
    st.session_state.model = FindingsModel(store())
k = st.radio("Jumlah tipe", NUMBERS, format_func=name, horizontal=True)
st.html(shown(st.session_state.model, k))
"""
IN_PANEL = """
import panel as pn

pn.extension()
model = FindingsModel(pn.state.as_cached("store", lambda: open_store(DATABASE)))
chosen = pn.widgets.Select(name="Jumlah tipe", options={name(k): k for k in NUMBERS})
pn.Column(chosen, pn.pane.HTML(pn.bind(lambda k: shown(model, k), chosen))).servable()
"""


@dataclass(frozen=True)
class Site:
    """A served app.

    Attributes
    ----------
    address
        Of its page.
    choose
        Chooses a number of types, once its control is there.
    """

    address: str
    choose: Callable[[Page, int], None]

    def used_mib(self) -> float:
        """Return the memory that the processes of all servers hold for themselves, MiB."""
        total = 0
        for process in psutil.Process().children(recursive=True):
            try:
                if "chrom" not in process.name():
                    total += process.memory_full_info().uss
            except psutil.NoSuchProcess:
                continue
        return total / 2**20


def _by_select(page: Page, k: int) -> None:
    page.get_by_label("Jumlah tipe").first.select_option(str(k))


def _by_radio(page: Page, k: int) -> None:
    page.get_by_role("radiogroup").get_by_text(str(k), exact=True).click()


def _made(folder: Path) -> str:
    """Keep the made villages in a store and return its address."""
    database = f"sqlite:///{folder / 'store.sqlite'}"
    open_store(database).keep(sample.load_sample())
    return database


def _python(variable: str) -> str:
    python = os.environ.get(variable)
    if python is None:
        pytest.skip(
            f"it is no part of the project: name with {variable} a Python that has it, and pk_research"
        )
    return python


@contextmanager
def ours(folder: Path, project: Path) -> Iterator[Site]:
    """The app as it is served: its first page made before, its kernel preheated."""
    settings = settings_in(folder, project=project)
    write_first_pages(settings, open_store(_made(folder)))
    with serving(settings) as address:
        yield Site(f"{address}/findings", _by_select)


@contextmanager
def stock_voila(folder: Path, project: Path) -> Iterator[Site]:
    """Voila as it comes, its kernel preheated."""
    source = f"DATABASE = {_made(folder)!r}\n{SHOWN}{IN_VOILA}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(source)], metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "bench.ipynb")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "voila", str(folder), f"--port={port}", "--no-browser", "--Voila.ip=127.0.0.1",
        "--VoilaConfiguration.preheat_kernel=True", "--VoilaConfiguration.default_pool_size=1",
    ]  # fmt: skip
    with running(command, folder, health=f"{address}/voila/tree"):
        yield Site(f"{address}/voila/render/bench.ipynb", _by_select)


@contextmanager
def streamlit(folder: Path, project: Path) -> Iterator[Site]:
    """Streamlit, of the Python that ``PK_STREAMLIT`` names."""
    python = _python("PK_STREAMLIT")
    script = folder / "bench.py"
    script.write_text(f"DATABASE = {_made(folder)!r}\n{SHOWN}{IN_STREAMLIT}", encoding="utf-8")
    port = free_port()
    options = [
        f"--server.port={port}", "--server.address=127.0.0.1",
        "--server.headless=true", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false",
    ]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    command = [python, "-m", "streamlit", "run", str(script), *options]
    with running(command, folder, health=f"{address}/_stcore/health"):
        yield Site(address, _by_radio)


@contextmanager
def panel(folder: Path, project: Path) -> Iterator[Site]:
    """Panel, of the Python that ``PK_PANEL`` names."""
    python = _python("PK_PANEL")
    script = folder / "bench.py"
    script.write_text(f"DATABASE = {_made(folder)!r}\n{SHOWN}{IN_PANEL}", encoding="utf-8")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [
        python, "-m", "panel", "serve", str(script), f"--port={port}", "--address=127.0.0.1",
        f"--allow-websocket-origin=127.0.0.1:{port}", "--liveness",
    ]  # fmt: skip
    with running(command, folder, health=f"{address}/liveness"):
        yield Site(f"{address}/bench", _by_select)


SITES: dict[str, Callable[[Path, Path], AbstractContextManager[Site]]] = {
    OURS: ours,
    VOILA: stock_voila,
    STREAMLIT: streamlit,
    PANEL: panel,
}
