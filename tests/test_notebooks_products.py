"""The notebooks on products: what they say where a file is absent, limits clash, or a store answers."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
PLAN = FOLDER / "08-what-should-each-village-make.ipynb"
SHARED = FOLDER / "09-who-should-share-a-plant.ipynb"
STORE = """\
from pk_research import workbench
from pk_research.store.actors import Actor

settings = read_settings()
store = open_store(settings.database_url)


def publish(name):
    return store.forms.open(workbench.publish_form(name, settings=settings, store=store))


def send(xml):
    store.submissions.receive(xml, by=Actor("account", "enumerator", Role.ENUMERATOR), via="notebook")


"""
SEND_ALL_FORMS = f"""{STORE}
begun = datetime(2026, 11, 2, 2, tzinfo=UTC)
forms = {{name: publish(name) for name in FORMS}}
for number, (name, answers) in enumerate(made_answers()):
    send(sample.make_filling(forms[name], seed=SEED + number, begun_at=begun, answers=answers))
stored = candidates_of(*submissions_of_store()).candidates
pd.testing.assert_frame_equal(stored, candidates)
print(f"{{len(stored)}} candidates, the same")
"""
SEND_DOSSIERS_AND_HOTELS = f"""{STORE}
for name, make in (("product_dossier", made_dossiers), ("hotel_demand", made_hotels)):
    form = publish(name)
    for filled in make(form):
        send(filled.xml)
MADE = False
stored = candidates_of(*submissions("product_dossier", made_dossiers).values()).candidates
pd.testing.assert_frame_equal(stored, found.candidates)
needs = [
    tables["hotel_demand_need"].frame["volume_units_month"].sort_values(ignore_index=True)
    for tables in (hotels, submissions("hotel_demand", made_hotels))
]
pd.testing.assert_series_equal(*needs)
print(f"{{len(stored)}} candidates and {{len(needs[0])}} needs, the same")
"""


def told(path: Path, upto: str, parameters: dict[str, str], more: str = "") -> str:
    """Run a notebook until the cell that holds a text, and return all it says."""
    notebook = nbformat.read(path, as_version=4)
    places = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code" and upto in cell.source]
    notebook.cells = notebook.cells[: places[0] + 1]
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", ()):
            for name, value in parameters.items():
                cell.source, n = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", cell.source)
                assert n == 1, name
    if more:
        notebook.cells.append(nbformat.v4.new_code_cell(more))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    texts = [output.get("data", {}).get("text/markdown", "") or output.get("text", "") for output in outputs]
    return "\n".join(texts)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PK_HOME", str(tmp_path))
    monkeypatch.delenv("PK_DATABASE_URL", raising=False)


def test_where_no_centroids_are_found_places_are_said_to_be_made():
    text = told(
        SHARED, "groups.table(", {"CENTROIDS": '"nowhere/centroids.csv"', "VILLAGES": "1", "HOTELS": "2"}
    )
    assert "is **made up** here, because there is no file centroids.csv" in text
    assert "centroids of villages were read" not in text
    assert "Made data" in text


def test_limits_that_clash_are_named_and_villages_may_go_without():
    text = told(PLAN, "say(clash)", {"VILLAGES": "1", "LEAST_VILLAGES": "5", "MARKET_VILLAGES": "20"})
    assert "limits cannot be kept together, and without any one of them the others can" in text
    assert re.search(r"Villages that get no product: [1-9]", text)


def test_without_a_clash_that_is_said():
    text = told(PLAN, "say(clash)", {"VILLAGES": "1", "LEAST_VILLAGES": "1"})
    assert "Every village can get a product under all limits together." in text
    assert "get no product" not in text


def test_submissions_of_the_store_give_the_same_candidates_as_the_made_ones():
    text = told(PLAN, "candidates = found.candidates", {"VILLAGES": "1"}, SEND_ALL_FORMS)
    assert re.search(r"\d+ candidates, the same", text)


def test_dossiers_and_hotels_of_the_store_are_read_as_the_made_ones_are():
    parameters = {"VILLAGES": "1", "HOTELS": "4"}
    text = told(SHARED, "found = candidates_of", parameters, SEND_DOSSIERS_AND_HOTELS)
    assert re.search(r"\d+ candidates and 4 needs, the same", text)
