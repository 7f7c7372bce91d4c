"""The curated notebooks: one question each, stored without output, and they run."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from pk_research.errors import BadInput, NotFound, NotReady
from pk_research.publish import explain, run_of, runs_in
from pk_research.publish.inputs import INPUTS
from pk_research.settings import Settings
from pk_research.store import Store, open_store
from pk_research.workbench import curated_notebooks, load_basics, run_notebooks

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.rglob("*.ipynb"))
NUMBERED = sorted(FOLDER.glob("[0-9][0-9]-*.ipynb"))


def named(path: Path) -> str:
    return path.stem


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Store]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(FOLDER.parent, home, f"sqlite:///{home / 'store.sqlite'}", None)
    store = open_store(settings.database_url)
    load_basics(settings, store)
    return settings, store


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_a_notebook_is_stored_without_output(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None), cell.source


@pytest.mark.parametrize("path", NUMBERED, ids=named)
def test_a_notebook_asks_one_question_and_names_its_sources(path):
    cells = nbformat.read(path, as_version=4).cells
    assert re.match(r"# [^\n]+\?\n", cells[0].source), "the title is the question"
    assert cells[-1].source.startswith("## Sources")
    tagged = [cell for cell in cells if "parameters" in cell.metadata.get("tags", ())]
    assert len(tagged) == 1, "one cell holds the parameters"


@pytest.mark.parametrize("path", NUMBERED, ids=named)
def test_prose_types_no_result(path):
    """Figures in prose go stale: years and statutes aside, code prints them."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown" and not cell.source.startswith("## Sources"):
            assert re.findall(r"\d+[.,]\d+|\d+ ?%|\b\d{2,}\b", cell.source) == [], cell.source


def test_each_cell_is_told_when_it_is_done_and_a_page_is_made_once(house, tmp_path):
    settings, store = house
    path = tmp_path / "97-counting.ipynb"
    cells = [nbformat.v4.new_code_cell(f"print({n})") for n in range(2)]
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    told: list[tuple[int, int]] = []
    runs = [
        run_notebooks(
            [path],
            settings=settings,
            store=store,
            on_cell=lambda _, done, total: told.append((done, total)),
        )[0]
        for _ in range(2)
    ]
    assert [run.was_cached for run in runs] == [False, True]
    assert told[-1] == (2, 2)


def test_what_a_notebook_shows_is_kept_as_a_run_that_explains_it_and_made_again_when_it_is_gone(
    house, tmp_path
):
    settings, store = house
    project = tmp_path / "checkout"
    (project / "notebooks").mkdir(parents=True)
    for part in INPUTS:
        (project / part).symlink_to(settings.project / part)
    path = project / "notebooks" / "95-adding.ipynb"
    cells = [nbformat.v4.new_code_cell("1 + 1", id="c01")]
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    elsewhere = replace(settings, project=project)

    def was_cached() -> bool:
        return run_notebooks([path], settings=elsewhere, store=store)[0].was_cached

    assert not was_cached()
    run = run_of(settings.home, path.stem)
    assert run in runs_in(settings.home)
    file = "95-adding.c01.1.md"
    assert (run / "exhibits" / file).read_text(encoding="utf-8") == "2"
    told = explain(project, run, file)
    assert (told.is_unchanged, told.code) == (True, "1 + 1")
    assert {name for name, *_ in told.data} == {entry.name for entry in store.datasets()}
    assert was_cached()
    shutil.rmtree(run)
    assert not was_cached()


DIES_AT_FIRST = """
import os, pathlib, sys
here = pathlib.Path(__file__).parent
if "ipykernel_launcher" in sys.orig_argv and len(list(here.glob("death-*"))) < {deaths}:
    (here / f"death-{{os.getpid()}}").touch()
    os._exit(1)
"""


@pytest.fixture
def patient(tmp_path, monkeypatch) -> Callable[[int], Path]:
    """Write a notebook whose kernel dies so many times before it is ready."""

    def write(deaths: int) -> Path:
        (tmp_path / "sitecustomize.py").write_text(DIES_AT_FIRST.format(deaths=deaths), encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        path = tmp_path / "94-patient.ipynb"
        cells = [nbformat.v4.new_code_cell("print('ready', 'now')")]
        path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
        return path

    return write


def test_a_kernel_that_dies_before_it_is_ready_is_started_again(house, tmp_path, patient):
    settings, store = house
    (run,) = run_notebooks([patient(1)], settings=settings, store=store)
    assert "ready now" in run.page.read_text(encoding="utf-8")
    assert len(list(tmp_path.glob("death-*"))) == 1


def test_a_kernel_that_never_gets_ready_is_told_with_where_to_look(house, patient):
    settings, store = house
    path = patient(99)
    with pytest.raises(NotReady, match=r"94-patient\.ipynb: its kernel did not get ready\. .*kernels\.log"):
        run_notebooks([path], settings=settings, store=store)


def test_what_compiled_code_prints_past_python_is_in_the_log_and_not_on_the_page(house, tmp_path):
    settings, store = house
    path = tmp_path / "96-noise.ipynb"
    cell = nbformat.v4.new_code_cell(
        "import os\n_ = os.write(1, b'from ' + b'below')\nprint('from ' + 'above')"
    )
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
    run = run_notebooks([path], settings=settings, store=store)[0]
    page = run.page.read_text(encoding="utf-8")
    assert ("from above" in page, "from below" in page) == (True, False)
    assert "from below" in (run.page.parent / "kernels.log").read_text(encoding="utf-8")


def test_a_kernel_works_in_the_places_of_the_settings(house, tmp_path):
    settings, store = house
    cell = nbformat.v4.new_code_cell(
        "from pk_research.settings import read_settings\nprint(read_settings().home)"
    )
    path = tmp_path / "98-where.ipynb"
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
    (run,) = run_notebooks([path], settings=settings, store=store)
    assert str(settings.home) in run.page.read_text(encoding="utf-8")


def test_a_failing_cell_is_named_and_leaves_no_page(house, tmp_path):
    settings, store = house
    cell = nbformat.v4.new_code_cell("raise ValueError('the harvest is missing')")
    path = tmp_path / "99-broken.ipynb"
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
    with pytest.raises(
        BadInput, match=r"99-broken\.ipynb: a cell stopped with ValueError: the harvest is missing"
    ):
        run_notebooks([path], settings=settings, store=store)
    assert not (settings.home / "notebooks" / "99-broken.html").exists()


def test_a_notebook_is_chosen_by_number_or_name(house):
    settings, _ = house
    assert curated_notebooks(settings, ["02"]) == (FOLDER / "02-is-the-data-fit.ipynb",)
    assert curated_notebooks(settings, ["03-which-villages-are-alike"])[0].stem.startswith("03")
    with pytest.raises(NotFound, match="there is no notebook '77'"):
        curated_notebooks(settings, ["77"])
