"""Attempts to get a small value or a person out of the house, one for each way out."""

from __future__ import annotations

import ast
import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from village_tables import dataset_of

import pk_research
from pk_research import publish
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.view import FindingsView
from pk_research.apps.site import Grid, gather, write_site
from pk_research.clusters import find_types
from pk_research.codebook import Codebook, Variable
from pk_research.disclosure import log_of, types_to_tell, withheld_of, without_small
from pk_research.errors import BadInput
from pk_research.indicators import idm
from pk_research.publish import About, Source, exhibits_of, inputs_of, write_exhibits, write_package
from pk_research.register import load_register
from pk_research.store import open_store
from pk_research.store.actors import HOUSE, Role

RESEARCHER = HOUSE[Role.RESEARCHER]
ILL, SALES = "ill_persons", "product_sales_idr_month"
FEW_SALES = 7_654_321
"""Of three sellers in the first village; recognisable wherever it should turn up."""


def villages(n=24):
    """Observed villages in two types; in two of them a few people are ill, in one three sell."""
    rng = np.random.default_rng(5)
    high = np.arange(n) % 2 == 0
    frame = pd.DataFrame(
        {
            "village_code": [f"321601{2001 + one}" for one in range(n)],
            "village": [f"Desa {one}" for one in range(n)],
            "kecamatan": ["Setu" if one < n / 2 else "Cibarusah" for one in range(n)],
            "iks": np.where(high, 0.8, 0.4) + rng.normal(0, 0.02, n),
            ILL: [3, 2] + [100 + 7 * one for one in range(n - 2)],
            SALES: [FEW_SALES] + [9_000_000 + 1_000 * one for one in range(n - 1)],
            "product_sellers": [3] + [20] * (n - 1),
        }
    )
    known = {
        ILL: Variable(ILL, "Sakit", "Ill", "integer", unit="persons"),
        SALES: Variable(SALES, "Penjualan", "Sales", "integer", unit="IDR/month"),
    }
    given = dataset_of(frame, made=False, title="Survei")
    book = Codebook(tuple(known.get(one.name, one) for one in given.codebook))
    return given.with_frame(book.cast(frame, where="villages"), book)


CODE = "3216012001"


@pytest.fixture(scope="module")
def store():
    opened = open_store("sqlite://", key=b"a key of 32 bytes, only for test")
    opened.keep(villages())
    return opened


def numbers_in(content: bytes, name: str) -> set[float]:
    """Every number of a table or a workbook."""
    if name.endswith(".xlsx"):
        sheets = pd.read_excel(io.BytesIO(content), sheet_name=None, header=None, engine="openpyxl")
        cells = [cell for sheet in sheets.values() for cell in sheet.to_numpy().ravel()]
    else:
        cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    found = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").dropna()
    return set(found.astype(float))


def of_first(content: bytes) -> list[str]:
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    return next(row for row in rows if CODE in row)


# The findings app, by the messages a browser sends it.


@pytest.fixture
def app(store):
    model = FindingsModel(store)
    view = FindingsView(model)
    model.k, model.variables = 2, ("iks", ILL, SALES)
    assert model.status == "ready", model.message
    return view


def taken(button):
    """Press a download button as a browser does, and return the file that comes back."""
    sent = []
    button.send = lambda content, buffers=None: sent.append((content, buffers))
    button._handle_custom_msg({"type": "download"}, [])
    return sent


def everything_on_screen(widget):
    seen = [str(getattr(widget, "value", "")), str(getattr(widget, "html", ""))]
    for child in getattr(widget, "children", ()):
        seen += everything_on_screen(child)
    return seen


def test_a_village_page_opened_by_its_address_shows_no_value_of_a_few(app):
    app.address.search = f"?village={CODE}"
    app.model.ranked_by = SALES
    shown = " ".join(everything_on_screen(app.root))
    assert load_register().by_code(CODE).name in shown
    assert "7.654.321" not in shown
    assert "7,654,321" not in shown
    assert "Nilai dari kurang dari 5 orang atau usaha tidak ditampilkan: 3." in shown


def test_the_ranking_by_a_count_of_people_leaves_the_few_out(app):
    app.model.ranked_by, app.model.highest_first = ILL, False
    ranking = next(html for html in everything_on_screen(app.root) if "id='pk-ranking'" in html)
    assert "3216012003" in ranking
    assert CODE not in ranking


@pytest.mark.parametrize("make", ["as_csv", "as_workbook"])
def test_downloads_hold_no_value_of_a_few_and_no_sum_that_gives_it_away(app, make):
    from pk_research.apps.findings import downloads

    file = getattr(downloads, make)(app.model.typology, "desa", "en")
    numbers = numbers_in(file.content, file.name)
    assert FEW_SALES not in numbers
    assert 9_000_000 in numbers, "what may be shown is"
    frame = villages().frame
    for column in (ILL, SALES):
        for cluster in (1, 2):
            inside = app.model.typology.villages["cluster"] == cluster
            whole = float(frame.loc[inside, column].mean())
            told = app.model.typology.villages.loc[inside, column]
            if told.isna().any():
                assert not any(abs(number - whole) < 1e-6 for number in numbers), (column, cluster)


def test_subtracting_what_is_shown_from_the_means_gives_nothing(app):
    typology = app.model.typology
    means = typology.profile.table.set_index(["cluster", "variable"])["mean"]
    for (cluster, variable), mean in means.items():
        told = typology.villages.loc[typology.villages["cluster"] == cluster, variable].astype(float)
        assert mean == pytest.approx(told.mean(), nan_ok=True), "a mean is that of what is shown"
    overall = typology.profile.overall["mean"]
    assert overall[ILL] == pytest.approx(typology.villages[ILL].astype(float).mean())


def test_the_app_and_the_site_withhold_the_same_with_the_same_words(store, tmp_path):
    content = gather(store, grid=Grid(numbers=(2,), levels=(1,)))
    model = FindingsModel(store)
    pd.testing.assert_frame_equal(content.shown.frame, model.shown.frame)
    assert content.n_blanked == model.n_withheld == 3
    write_site(content, tmp_path / "site")
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*") if path.is_file()
             and path.suffix in {".html", ".json", ".csv"}]  # fmt: skip
    assert not [page for page in pages if "7.654.321" in page or "7,654,321" in page or "7654321" in page]
    words = "Nilai dari kurang dari 5 orang atau usaha tidak ditampilkan: 3."
    assert any(words in page for page in pages)
    assert words in " ".join(everything_on_screen(_on_village(FindingsView(model))))


def _on_village(view):
    view.model.open_village(CODE)
    return view.root


# Shares that give a small count together with how many there are.


def with_shares():
    """Villages of 800 households: in the first 2 have no electricity, in the second 3 are ill."""
    data = villages()
    n = len(data.frame)
    frame = data.frame.assign(
        households=800,
        electricity_pct=[99.75, *[90.0] * (n - 1)],
        ill_pct=[50.0, 0.375, 100.0, 0.0, *[60.0] * (n - 4)],
        worked_pct=0.1,
    )
    added = (
        Variable("households", "Rumah tangga", "Households", "integer", "households"),
        Variable("electricity_pct", "Berlistrik", "With electricity", "number", "%"),
        Variable("ill_pct", "Sakit", "Ill", "number", "% of households"),
        Variable("worked_pct", "Digarap", "Tilled", "number", "%"),
    )
    return replace(data, frame=frame, codebook=Codebook((*data.codebook, *added)))


def test_a_share_is_blanked_where_it_gives_a_small_count_of_those_or_of_the_others():
    shown, n = without_small(with_shares())
    assert shown.frame["electricity_pct"].isna().tolist() == [True, *[False] * 23]
    assert shown.frame["ill_pct"].isna().tolist() == [False, True, *[False] * 22]
    assert shown.frame["worked_pct"].notna().all(), "of what it is a share, nobody can see"
    assert shown.frame["households"].notna().all()
    assert n == 3 + 2


def test_a_share_without_its_base_in_the_table_stays():
    data = with_shares()
    shown, _ = without_small(data.with_frame(data.frame.drop(columns="households"), Codebook(
        tuple(one for one in data.codebook if one.name != "households"))))  # fmt: skip
    assert shown.frame["electricity_pct"].notna().all()


def test_types_of_shares_are_told_without_those_though_nobody_compared_the_base():
    data = with_shares()
    typology, n = types_to_tell(find_types(data, ["iks", "ill_pct"], k=2), data)
    assert n == 1
    assert typology.villages["ill_pct"].isna().sum() == 1


# Files of `pk cluster` and `pk index`.


def test_tables_of_types_hold_no_value_of_a_few(tmp_path, store):
    data = villages()
    typology = find_types(data, ["iks", ILL, SALES], k=2)
    log = log_of(store, by=RESEARCHER, what="village types")
    publish.write_typology(typology, tmp_path, language="en", dataset=data, log=log)
    for path in tmp_path.glob("*.csv"):
        assert FEW_SALES not in numbers_in(path.read_bytes(), path.name), path.name
    assert of_first((tmp_path / "villages.csv").read_bytes())[-2:] == ["", ""]
    told = (tmp_path / "summary.txt").read_text(encoding="utf-8")
    assert "Values of fewer than 5 people or enterprises are not shown: 3." in told
    assert ".." not in told
    event = store.audit.events(1)[0]
    assert (event.kind, event.details["what"]) == ("files released", "village types")
    assert [one.text("id") for one in withheld_of(event.details)] == [
        "Nilai dari kurang dari 5 orang atau usaha tidak ditampilkan: 3"
    ]
    assert "villages.csv" in event.details["files"]
    store.audit.verify()


def test_amounts_are_not_told_where_nobody_knows_of_how_many():
    typology, n = types_to_tell(find_types(villages(), ["iks", SALES], k=2))
    assert typology.villages[SALES].isna().all()
    assert n == 24
    assert list(typology.table("en").columns), "it can still be told"


def test_the_index_of_data_with_a_stray_person_leaves_that_person_out(tmp_path, store):
    scores = pd.DataFrame(5, index=range(2), columns=list(idm.VARIABLES.names)).astype("Int64")
    scores.insert(0, "village_code", [CODE, "3216012002"])
    scores.insert(1, "village", ["Hubungi Pak Dedi, 081234567890", "Sukamaju"])
    data = dataset_of(scores.assign(year=2024, idm_status="Maju"), made=False, title="IDM")
    log = log_of(store, by=RESEARCHER, what="recomputed IDM")
    publish.write_index(idm.recompute(data), tmp_path, language="en", dataset=data, log=log)
    whole = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Dedi" not in whole
    assert "cells that look personal are blanked" in (tmp_path / "summary.txt").read_text(encoding="utf-8")
    assert withheld_of(store.audit.events(1)[0].details)


def test_what_cannot_be_logged_is_not_written(tmp_path):
    def broken(_files, _withheld):
        raise OSError("the log cannot be written")

    with pytest.raises(OSError, match="log"):
        publish.write_typology(find_types(villages(), ["iks"], k=2), tmp_path / "types", log=broken)
    assert not (tmp_path / "types").exists()


# Packages and their exhibits.

ABOUT = About("Ill", ("A. Peneliti",), "Who is ill.", "2026-11-30")
HERE = Source("Villages", "Dinas", "CC BY 4.0", "public", ("data/villages.csv",), "In the package.")


BESIDE = "`village`: its name; `iks`: its index; `owner_phone`: never there\n"


def run_of(folder: Path, outputs, of_people, shares=None):
    """A checkout, and a run of its one notebook that shows these."""
    project, run = folder / "checkout", folder / "run"
    for name, text in {
        "data/villages.csv": "village,iks\na,1\n",
        "data/README.md": BESIDE,
        "LICENSE": "BSD",
    }.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    (project / "notebooks").mkdir()
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", id="c0")])
    path = project / "notebooks" / "01-ill.ipynb"
    path.write_text(json.dumps(book), encoding="utf-8")
    book["cells"][0]["outputs"] = outputs
    write_exhibits(exhibits_of(book, "01-ill"), run / "exhibits")
    from hashlib import sha256

    entry = {
        "notebook": "01-ill", "sha256": sha256(path.read_bytes()).hexdigest(), "n_exhibits": len(outputs),
        "seconds": 1, "peak_mib": None, "parameters": "",
    }  # fmt: skip
    record = {"package": "p", "python": "3.11", "system": "s", "lock_sha256": "", "libraries": {}, "data": [],
              "of_people": of_people, "shares": shares or {}, "outside": [], "written_mib": 1,
              "inputs": inputs_of(project), "cores": 2, "workers": "1", "notebooks": [entry]}  # fmt: skip
    (run / "reproduction.json").write_text(json.dumps(record), encoding="utf-8")
    return project, run


def table(**columns):
    html = pd.DataFrame(columns).to_html(index=False)
    return nbformat.v4.new_output("display_data", {"text/html": html})


def text(words):
    return nbformat.v4.new_output("display_data", {"text/markdown": words})


OBSERVED = {"ill_persons": True, "sakit": True, "penjualan": False}
ATTEMPTS = {
    "a small count": table(desa=["A"], Sakit=[3]),
    "a small count under a unit": table(**{"desa": ["A"], "Sakit (jiwa)": [3]}),
    "a small count in a table laid across": table(**{"": ["desa", "Sakit"], "1": ["A", 3], "2": ["B", 99]}),
    "an amount of nobody knows how many": table(desa=["A"], Penjualan=[7654321]),
    "a column of owners": table(desa=["A"], owner_name=["Zulaikha"]),
    "a telephone in a cell": table(desa=["A"], catatan=["WA 081234567890"]),
    "an identity number in a sentence": text("Ditemukan 3216014501900001."),
    "a person in a sentence": text("Menurut Pak Dedi harganya naik."),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_exhibit_that_tells_of_somebody_is_left_out_of_a_package_and_said_to_be(tmp_path, store, attempt):
    harmless = table(desa=["A", "B"], Sakit=[0, 80])
    project, run = run_of(tmp_path, [harmless, ATTEMPTS[attempt]], OBSERVED)
    log = log_of(store, by=RESEARCHER, what="replication package")
    names = write_package(project, run, tmp_path / "p.zip", ABOUT, sources=[HERE], log=log)
    made = [name for name in names if name.startswith("exhibits/01-ill")]
    assert made == ["exhibits/01-ill.c0.1.csv"], "nobody (0) and many may be told"
    with zipfile.ZipFile(tmp_path / "p.zip") as package:
        listed = package.read("exhibits/exhibits.csv").decode()
        withheld = package.read("exhibits/withheld.csv").decode()
        assert "Withheld" in package.read("README.md").decode()
    assert ".c0.2." not in listed
    assert ".c0.2." in withheld
    [event] = store.audit.events(1)
    assert withheld_of(event.details)[0].text("en").startswith("Exhibit 01-ill.c0.2.")


SHARES = {"berlistrik": ["households", "rumah tangga"], "electricity_pct": ["households", "rumah tangga"]}
SHARED = {
    "a share and its base": table(desa=["A"], Berlistrik=[0.4], households=[800]),
    "a share of which the others are few": table(desa=["A"], Berlistrik=[99.6], households=[800]),
    "under units": table(**{"desa": ["A"], "Berlistrik (%)": [0.4], "Rumah tangga (KK)": ["1,000"]}),
    "in a table laid across": table(**{"": ["desa", "Berlistrik", "Rumah tangga"], "1": ["A", 99.9, 900]}),
}


@pytest.mark.parametrize("attempt", SHARED)
def test_a_share_times_all_households_is_a_count_that_is_looked_at_too(tmp_path, attempt):
    harmless = table(desa=["A", "B", "C"], Berlistrik=[50, 0, 100], households=[800, 800, 800])
    alone = table(desa=["A"], Berlistrik=[99.6])
    project, run = run_of(tmp_path, [harmless, alone, SHARED[attempt]], {}, SHARES)
    names = write_package(project, run, tmp_path / "p.zip", ABOUT, sources=[HERE])
    made = [name for name in names if name.startswith("exhibits/01-ill")]
    assert made == ["exhibits/01-ill.c0.1.csv", "exhibits/01-ill.c0.2.csv"]


def test_the_same_of_made_data_raises_no_alarm(tmp_path):
    shown = [table(desa=["A"], Sakit=[3]), table(desa=["A"], Penjualan=[7654321])]
    project, run = run_of(tmp_path, shown, {})
    names = write_package(project, run, tmp_path / "p.zip", ABOUT, sources=[HERE])
    assert "exhibits/withheld.csv" not in names
    assert len([name for name in names if name.startswith("exhibits/01-ill")]) == 2


def refusal(project, run, folder):
    with pytest.raises(BadInput) as caught:
        write_package(project, run, folder / "p.zip", ABOUT, sources=[HERE])
    assert not (folder / "p.zip").exists()
    return [str(problem) for problem in caught.value.problems]


def test_data_nobody_answers_for_personal_columns_and_outputs_are_refused_at_once(tmp_path):
    project, run = run_of(tmp_path, [table(desa=["A"])], {})
    (project / "data" / "umkm.xlsx").write_bytes(b"rows of people")
    (project / "data" / "villages.csv").write_text("village,owner_phone\na,0812\n", encoding="utf-8")
    kept = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[text("Zulaikha")])])
    (project / "notebooks" / "apps.ipynb").write_text(json.dumps(kept), encoding="utf-8")
    record = json.loads((run / "reproduction.json").read_text(encoding="utf-8"))
    remade = json.dumps(record | {"inputs": inputs_of(project)})  # as if the run had read all of it
    (run / "reproduction.json").write_text(remade, encoding="utf-8")
    assert refusal(project, run, tmp_path) == [
        "notebooks/apps.ipynb: it holds outputs, which nobody has looked at. Clear its outputs.",
        "data/umkm.xlsx: no source answers for it. Declare its source, or take it out of the checkout.",
        (
            "data/villages.csv: columns tell who somebody is, or where exactly: owner_phone."
            " Take them out, or make the file safe: `pk disclose`."
        ),
    ]


def test_a_run_that_does_not_say_what_tells_of_people_is_refused(tmp_path):
    project, run = run_of(tmp_path, [table(desa=["A"])], {})
    path = run / "reproduction.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    del record["of_people"]
    path.write_text(json.dumps(record), encoding="utf-8")
    [told] = refusal(project, run, tmp_path)
    assert "an earlier version of the package made it" in told


def test_the_checkout_itself_has_an_answer_for_all_its_data(project):
    from pk_research.publish.guard import unanswered_data
    from pk_research.publish.inputs import files_below
    from pk_research.publish.package import PARTS
    from pk_research.publish.sources import OURS

    assert list(unanswered_data(dict(files_below(project, PARTS)), OURS)) == []


# Whatever is added later.


def _calls(tree, names):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in names:
                yield name, node


def test_a_new_way_to_write_results_must_take_the_log():
    """Every public ``write_…`` of the chapter but those that stay in the house has a parameter ``log``."""
    inside = {"write_exhibits"}  # a run stays here; what leaves of it goes by `write_package`
    root = Path(pk_research.__file__).parent
    found = {}
    for path in sorted((root / "publish").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("write_"):
                found[node.name] = {one.arg for one in node.args.kwonlyargs}
    assert {name for name, takes in found.items() if "log" not in takes} == inside
    assert len(found) == 6


def test_every_verb_that_writes_results_gives_the_log():
    root = Path(pk_research.__file__).parent
    parts = ("index", "typology", "package", "village_reports", "council_report")
    writers = {f"write_{part}" for part in parts}
    called = set()
    for path in sorted(root.rglob("*.py")):
        for name, node in _calls(ast.parse(path.read_text(encoding="utf-8")), writers):
            called.add(name)
            assert "log" in {one.arg for one in node.keywords}, f"{path.name}: {name}"
    assert called == writers


def test_files_are_written_from_publish_by_the_writers_only():
    """A module of the chapter that puts bytes on the disk has a writer that takes the log."""
    root = Path(pk_research.__file__).parent / "publish"
    putting = {"write_files", "write_bytes", "write_text"}
    touching = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if list(_calls(ast.parse(path.read_text(encoding="utf-8")), putting))
    }
    assert touching == {"exhibits.py", "package.py", "results.py", "reports/write.py"}
