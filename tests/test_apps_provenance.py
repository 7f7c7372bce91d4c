"""Below every figure of the apps stands what it was computed from, and it is what the store has."""

from __future__ import annotations

import re
from html import unescape

import ipywidgets
import pytest

from pk_research import __version__, sample
from pk_research.apps.findings.model import POTENTIAL, FindingsModel
from pk_research.apps.findings.view import FindingsView
from pk_research.apps.policy.aid import SEED
from pk_research.apps.policy.material import material_of as policy_material
from pk_research.apps.policy.model import TABS as POLICY_TABS
from pk_research.apps.policy.model import PolicyModel
from pk_research.apps.policy.view import PolicyView
from pk_research.apps.products.made.fillings import made_submissions
from pk_research.apps.products.made.tables import CANDIDATES, HERE
from pk_research.apps.products.material import material_of as products_material
from pk_research.apps.products.model import MARKET, PLANTS, ProductsModel
from pk_research.apps.products.view import ProductsView
from pk_research.apps.provenance import shipped
from pk_research.register import load_register
from pk_research.store import Store, open_store

ORIGIN = re.compile(r"<details class='pk-origin'>.*?</details>", re.DOTALL)
HASH = re.compile(r"SHA-256 ([0-9a-f]{64})")


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """A store whose survey was loaded twice: sixty villages at first, then all."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite'}")
    whole = sample.load_sample()
    codes = whole.frame["village_code"].dropna().unique()[:60]
    few = whole.frame[whole.frame["village_code"].isin(codes)].reset_index(drop=True)
    store.keep(whole)
    store.keep(whole.with_frame(few, whole.codebook))
    return store


def origins(widget: ipywidgets.Widget) -> list[str]:
    """Return what stands behind each figure of an app, figure by figure."""
    if isinstance(widget, ipywidgets.HTML):
        return ORIGIN.findall(widget.value)
    return [found for child in getattr(widget, "children", ()) for found in origins(child)]


def hashes(found: list[str]) -> set[str]:
    return {one for origin in found for one in HASH.findall(origin)}


def facts(origin: str) -> dict[str, str]:
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", origin)
    return {unescape(what): unescape(which) for what, which in pairs}


def test_every_figure_of_the_findings_names_the_data_of_the_store(store):
    model = FindingsModel(store)
    view = FindingsView(model)
    model.tab, model.selected = POTENTIAL, model.typology.villages["village_code"].iloc[0]
    found = origins(view.root)
    assert len(found) == 7  # headline, picture, types, ranking, index, village, index of the village
    newest = next(entry for entry in store.datasets() if entry.name == model.dataset_name)
    assert newest.version == 2
    assert hashes(found) == {newest.content_hash} == {model.typology.input_hash}
    told = facts(found[0])
    assert told["Data"].startswith(f"{newest.name}, versi 2 ")
    assert told["Benih acak"] == str(model.typology.seed)
    assert told["Kode program"] == f"pk-research {__version__}"
    assert told["Tahun"] == "2024"
    assert told["Jenis data"] == "dibuat sebagai contoh"


def test_every_tab_about_policies_names_the_survey_of_the_store(store):
    model = PolicyModel(policy_material(store))
    view = PolicyView(model)
    for tab in reversed(POLICY_TABS):
        model.tab = tab
    model.n_villages = 12
    found = origins(view.root)
    assert len(found) == 4  # the scenario, its villages, where to spend, what was tried
    assert hashes(found) == {next(entry.content_hash for entry in store.datasets())}
    told = facts(found[0])
    assert told["Jumlah desa paling banyak"] == "12"
    assert told["Benih acak"] == str(SEED)
    assert facts(found[2])["Benih acak"] == "tidak ada yang diacak"


@pytest.mark.slow
def test_the_products_name_the_submissions_of_the_store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    table = next(one for one in made_submissions(list(load_register())[:1]) if one.name == "product_dossier")
    store.keep(table)
    model = ProductsModel(products_material(store))
    view = ProductsView(model)
    model.village_code = model.material.villages_of("")[0]
    model.tab = PLANTS
    found = origins(view.root)
    assert hashes(found) == {entry.content_hash for entry in store.datasets()}
    assert len(found) == 2
    assert facts(found[1])["Jumlah pabrik"] == "3"


def test_products_that_come_with_the_program_are_called_made(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    model = ProductsModel(products_material(store))
    view = ProductsView(model)
    model.tab = MARKET
    overview, market = origins(view.root)
    assert facts(overview)["Data"].startswith("candidates.csv, disertakan dalam program")
    assert HASH.findall(overview) == [shipped(HERE / CANDIDATES).sha256]
    assert facts(market)["Benih acak"] == "5"
    for one in (overview, market):
        assert facts(one)["Jenis data"] == "dibuat sebagai contoh"
