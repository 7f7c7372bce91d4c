"""A replication package: what is in it, what a stranger reads in it, and that it can be made again."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from dataclasses import replace
from hashlib import sha256

import nbformat
import pytest
from fish_sales import FISH

from pk_research.errors import BadInput, NotFound
from pk_research.publish import About, Source, cited, compare_exhibits, explain, inputs_of, write_package
from pk_research.settings import Settings
from pk_research.workbench import reproduce

ABOUT = About("What villages sell", ("A. Peneliti", "B. Peneliti"), "How much villages sell.", "2026-11-30")
DEBTS = Source(
    "Household debts",
    "a bank",
    "by agreement",
    "restricted",
    ("data/fish.csv",),
    "Ask the bank.",
    is_made=True,
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A small checkout with one notebook."""
    folder = tmp_path_factory.mktemp("checkout")
    for name, text in {
        "data/fish.csv": "village,idr\na,3\n",
        "data/fish.codebook.csv": "name,label_en,unit\nvillage,Village,\nidr,Sales in a month,IDR\n",
        "pyproject.toml": '[project]\ndependencies = ["pandas>=2", "not-here>=1"]\n',
        "Makefile": "install:\n",
        "README.md": "# The workbench\n",
        "pk_research/__init__.py": "",
        "pk_research/__pycache__/x.pyc": "",
        "requirements.lock": "numpy==2.0\n",
        "LICENSE": "BSD",
        "secret.txt": "not a part of the package",
        "CITATION.cff": "title: Sales\nauthors:\n  - name: A. Peneliti\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    cells = [
        nbformat.v4.new_markdown_cell("# How much do villages sell?\n"),
        nbformat.v4.new_code_cell(
            "YEAR = 1\nSEED = 7  # lots", id="chosen", metadata={"tags": ["parameters"]}
        ),
        nbformat.v4.new_code_cell("import pandas as pd\npd.DataFrame({'idr': [3]})"),
        nbformat.v4.new_markdown_cell(
            "## Sources\n\n- Ward, J. (1963). *Grouping*.\n  JASA 58.\n- See the data.\n"
        ),
    ]
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "01-sales.ipynb").write_text(
        json.dumps(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8"
    )
    return folder


def settings_of(project):
    return Settings(project, project / "home", f"sqlite:///{project / 'home' / 'store.sqlite'}", None)


@pytest.fixture(scope="module")
def run(project, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "first"
    reproduce(settings_of(project), folder)
    return folder


def opened(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_a_package_holds_code_data_exhibits_and_what_a_stranger_must_know(project, run, tmp_path):
    names = write_package(project, run, tmp_path / "package.zip", ABOUT, sources=[FISH])
    files = opened(tmp_path / "package.zip")
    assert tuple(sorted(files)) == names
    assert {"data/fish.csv", "notebooks/01-sales.ipynb", "requirements.lock", "exhibits/exhibits.csv"} < set(
        files
    )
    assert not {name for name in files if "pycache" in name or "secret" in name or name.startswith("home")}
    table = next(name for name in files if name.startswith("exhibits/01-sales."))
    assert files[table].decode("utf-8-sig") == ",idr\n0,3\n"


def readme_of(project, run, folder, sources, **options):
    write_package(project, run, folder / "package.zip", ABOUT, sources=sources, **options)
    return opened(folder / "package.zip")["README.md"].decode()


def test_the_readme_follows_the_template_of_the_data_editors(project, run, tmp_path):
    text = readme_of(project, run, tmp_path, [FISH, DEBTS])
    headings = [line for line in text.splitlines() if re.match("##+ ", line)]
    assert headings == [
        "## Overview",
        "## Data Availability and Provenance Statements",
        "### Statement about Rights",
        "### License for Data",
        "### Summary of Availability",
        "### Details on each Data Source",
        "#### Fish sales",
        "#### Household debts",
        "## Dataset list",
        "### Restricted data and what stands in for it",
        "## Computational requirements",
        "### Software Requirements",
        "### Controlled Randomness",
        "### Memory, Runtime, Storage Requirements",
        "#### Summary",
        "#### Details",
        "## Description of programs/code",
        "### License for Code",
        "## Instructions to Replicators",
        "### Details",
        "## List of tables and programs",
        "## References",
    ]


def test_a_stranger_finds_the_readme_under_that_name_and_the_other_beside_it(project, run, tmp_path):
    write_package(project, run, tmp_path / "package.zip", ABOUT, sources=[FISH])
    files = opened(tmp_path / "package.zip")
    assert files["README.md"].startswith(b"# What villages sell: replication package")
    assert files["WORKBENCH.md"] == b"# The workbench\n"
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "package.zip") as package:
        package.extractall(unpacked)
    write_package(unpacked, run, tmp_path / "again.zip", ABOUT, sources=[FISH])
    assert opened(tmp_path / "again.zip")["WORKBENCH.md"] == b"# The workbench\n", "packed again it stays"


def test_the_readme_says_where_the_data_is_from_and_where_its_columns_are_explained(project, run, tmp_path):
    collected = replace(FISH, collected="scales at each landing, all boats; approved by nobody.")
    text = readme_of(project, run, tmp_path, [collected])
    assert "- [x] All data **are** publicly available.\n- [ ] Some data" in text
    assert "- [ ] This work does not involve analysis of external data" in text
    assert "| Fish sales | `data/fish.csv` | TRUE | Dinas Perikanan (2026). *Fish sales* [data]. |" in text
    assert "- How it was collected: scales at each landing, all boats; approved by nobody." in text
    assert "- Formats: CSV (UTF-8)\n- Licence: CC BY 4.0\n- Access: public. In the package." in text
    assert (
        "| `data/fish.csv` | Fish sales | CSV, 2 columns, 1 rows; columns explained in"
        " `data/fish.codebook.csv` | yes |"
    ) in text
    assert "| `data/fish.codebook.csv` | Fish sales | codebook: name, label_en, unit | yes |" in text
    assert "Data:\n\n- Dinas Perikanan (2026). *Fish sales* [data]." in text
    assert "- Ward, J. (1963). *Grouping*. JASA 58.\n\nThe template" in text, (
        "as the notebooks cite, not all they list"
    )


def test_the_readme_says_what_it_takes_to_run(project, run, tmp_path):
    text = readme_of(project, run, tmp_path, [FISH])
    record = json.loads((run / "reproduction.json").read_text(encoding="utf-8"))
    assert "- [x] <10 minutes\n- [ ] 10-60 minutes" in text
    assert "- [ ] > 14 days" in text
    assert len(re.findall(r"- \[x\] .*(?:MB|GB)", text)) == 1
    assert re.search(
        r"\| `01-sales` \| 1 \| [\d.]+ \| \d* \| `SEED = 7` \(cell `chosen`, line 2\) \|", text
    ), "seeds are located"
    assert f"- Python {record['python']}" in text
    assert f"those that the code names:\n  `pandas` {record['libraries']['pandas']}\n" in text
    assert (
        f"1 libraries, pinned by version and hash in `requirements.lock` (SHA-256 {record['lock_sha256']})"
        in text
    )
    numpy = record["libraries"]["numpy"]
    assert (
        f"- **Not as pinned** when the exhibits were made:\n  - numpy: version {numpy} is installed" in text
    )
    assert f"The code was last run on a **{record['cores']}-core {record['processor']} with" in text
    assert f"{record['release']}** on {record['date']} with 1 worker." in text
    minor = ".".join(record["python"].split(".")[:2])
    assert f"`make install PYTHON=python{minor}`" in text
    assert "it ends with `same    1 of 1 exhibits`" in text
    assert "  - `notebooks/01-sales.ipynb`: How much do villages sell?\n" in text
    assert "makes 1 exhibits (0 figures, 1 tables, 0 texts) from 1 sources of data with 1 notebooks" in text
    assert re.search(
        r"\| Table: How much do villages sell\? \| `notebooks/01-sales.ipynb` \| `\w+` \| `exhibits/01-sales",
        text,
    )


def test_of_restricted_data_the_readme_promises_no_more_than_the_package_can_do(project, run, tmp_path):
    text = readme_of(project, run, tmp_path, [FISH, DEBTS])
    assert "- [x] Some data **cannot be made** publicly available." in text
    assert "(Household debts) will be preserved for ___ years (not stated)" in text
    assert "a bank; **made, not observed**" in text
    assert "Made, not observed: Household debts." in text
    assert "- [ ] All tables and figures.\n- [x] Selected tables and figures" in text
    assert "same    1 of 1" not in text
    assert "Restricted, and not in the package: Household debts." in text
    kept = readme_of(project, run, tmp_path, [FISH, replace(DEBTS, preserved_years=5)])
    assert "- [x] Confidential data used in this work" in kept
    assert "will be preserved for 5 years after publication" in kept
    none = readme_of(project, run, tmp_path, [DEBTS])
    assert "- [x] **No data can be made** publicly available." in none


def test_columns_that_nothing_explains_are_refused(project, run, tmp_path):
    """A missing codebook, and one that lacks a column."""
    altered = tmp_path / "checkout"
    shutil.copytree(project, altered)
    remade = tmp_path / "run"
    shutil.copytree(run, remade)
    for change, columns in ((None, "village, idr"), ("name\nvillage\n", "idr")):
        codebook = altered / "data" / "fish.codebook.csv"
        codebook.unlink() if change is None else codebook.write_text(change, encoding="utf-8")
        record = json.loads((run / "reproduction.json").read_text(encoding="utf-8"))
        (remade / "reproduction.json").write_text(
            json.dumps(record | {"inputs": inputs_of(altered)}), encoding="utf-8"
        )
        with pytest.raises(BadInput) as caught:
            write_package(altered, remade, tmp_path / "package.zip", ABOUT, sources=[FISH])
        assert str(caught.value) == (
            f"data/fish.csv: nothing says what these columns mean: {columns}. Put data/fish.codebook.csv"
            " beside it, or name them in the README.md of its folder, as `column`."
        )


def crate_of(project, run, folder, sources):
    write_package(project, run, folder / "package.zip", ABOUT, sources=sources)
    files = opened(folder / "package.zip")
    crate = json.loads(files.pop("ro-crate-metadata.json"))
    by_name = {entry["@id"]: entry for entry in crate["@graph"]}
    assert len(by_name) == len(crate["@graph"]), "each is described once"
    return files, crate, by_name


def test_the_metadata_describes_every_file_by_its_hash(project, run, tmp_path):
    files, crate, by_name = crate_of(project, run, tmp_path, [FISH])
    assert crate["@context"] == "https://w3id.org/ro/crate/1.2/context"
    assert by_name["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert by_name["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    root = by_name["./"]
    assert (root["name"], root["datePublished"]) == ("What villages sell", "2026-11-30")
    assert {part["@id"] for part in root["hasPart"]} == {*files, "#source-1"}
    for name, content in files.items():
        assert by_name[name]["sha256"] == sha256(content).hexdigest(), name
    types = {name: by_name[name]["encodingFormat"] for name in ("data/fish.csv", "LICENSE")}
    assert types == {"data/fish.csv": "text/csv", "LICENSE": "text/plain"}
    authors = [by_name[one["@id"]] for one in root["author"]]
    assert [one["name"] for one in authors] == ["A. Peneliti", "B. Peneliti"]
    assert {by_name[one["affiliation"]["@id"]]["@type"] for one in authors} == {"Organization"}


def referred(value):
    if isinstance(value, dict):
        return {value["@id"]} if set(value) == {"@id"} else set().union(*map(referred, value.values()))
    return set().union(*map(referred, value)) if isinstance(value, list) else set()


def test_the_metadata_says_how_exhibits_were_made_and_under_which_terms_data_is(project, run, tmp_path):
    _, crate, by_name = crate_of(project, run, tmp_path, [FISH])
    [action] = [entry for entry in crate["@graph"] if entry["@type"] == "CreateAction"]
    assert by_name["./"]["mentions"] == {"@id": action["@id"]}, "one is no list, as RO-Crate recommends"
    assert action["instrument"] == {"@id": "notebooks/01-sales.ipynb"}
    assert action["object"] == {"@id": "#source-1"}
    exhibit = by_name[action["result"]["@id"]]
    assert exhibit["name"] == "How much do villages sell?"
    assert exhibit["description"].startswith("Table of cell ")
    assert "SoftwareSourceCode" in by_name["notebooks/01-sales.ipynb"]["@type"]
    assert by_name[by_name["data/fish.csv"]["license"]["@id"]]["name"] == "CC BY 4.0"
    assert by_name["#source-1"]["hasPart"] == [{"@id": "data/fish.codebook.csv"}, {"@id": "data/fish.csv"}]
    outside = {"https://w3id.org/ro/crate/1.2"}
    assert referred(crate["@graph"]) - outside <= set(by_name), "all that is referred to is described"


def test_a_name_with_a_space_is_a_valid_address_in_the_metadata(project, run, tmp_path):
    spaced = tmp_path / "checkout"
    shutil.copytree(project, spaced)
    (spaced / "docs").mkdir()
    (spaced / "docs" / "what fish.md").write_text("tuna", encoding="utf-8")
    _, _, by_name = crate_of(spaced, run, tmp_path, [FISH])
    assert by_name["docs/what%20fish.md"]["name"] == "what fish.md"


def test_an_only_author_is_no_list_as_ro_crate_recommends(project, run, tmp_path):
    write_package(
        project, run, tmp_path / "package.zip", replace(ABOUT, authors=("A. Peneliti",)), sources=[FISH]
    )
    crate = json.loads(opened(tmp_path / "package.zip")["ro-crate-metadata.json"])
    root = next(entry for entry in crate["@graph"] if entry["@id"] == "./")
    assert root["author"] == {"@id": "#author-1"}


def test_the_same_contents_give_the_same_bytes(project, run, tmp_path):
    packages = [tmp_path / f"{n}.zip" for n in range(2)]
    for target in packages:
        write_package(project, run, target, ABOUT, sources=[FISH])
    assert packages[0].read_bytes() == packages[1].read_bytes()


def test_what_was_unpacked_makes_the_same_exhibits_again(project, run, tmp_path):
    write_package(project, run, tmp_path / "package.zip", ABOUT, sources=[FISH])
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "package.zip") as package:
        package.extractall(unpacked)
    reproduce(settings_of(unpacked), tmp_path / "again")
    assert compare_exhibits(unpacked / "exhibits", tmp_path / "again" / "exhibits").differences == ()


def test_a_notebook_or_an_exhibit_that_changed_since_the_run_is_refused(project, run, tmp_path):
    altered = tmp_path / "checkout"
    shutil.copytree(project, altered)
    (altered / "notebooks" / "01-sales.ipynb").write_text("{}", encoding="utf-8")
    (altered / "notebooks" / "02-more.ipynb").write_text("{}", encoding="utf-8")
    target = tmp_path / "package.zip"
    missing = replace(FISH, files=("data/none.csv",))
    with pytest.raises(BadInput) as caught:
        write_package(altered, run, target, ABOUT, sources=[missing])
    assert [str(problem) for problem in caught.value.problems] == [
        "notebook 01-sales: it is not the one that was run. Run `pk reproduce` again.",
        "notebook 02-more: the run leaves it out. Run `pk reproduce` of all.",
        "source 'Fish sales': data/none.csv is not in the checkout. Name its files.",
        *(
            f"data/fish.{ending}: no source answers for it. Declare its source, or take it out of the"
            " checkout."
            for ending in ("codebook.csv", "csv")
        ),
    ]
    assert not target.exists()


def test_code_or_data_that_changed_since_the_run_is_refused(project, run, tmp_path):
    """Else the package would hold exhibits that its own data and code do not give."""
    altered = tmp_path / "checkout"
    shutil.copytree(project, altered)
    (altered / "data" / "fish.csv").write_text("village,idr\na,4\n", encoding="utf-8")
    (altered / "requirements.lock").unlink()
    (altered / "pk_research" / "new.py").write_text("", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        write_package(altered, run, tmp_path / "package.zip", ABOUT, sources=[FISH])
    assert [str(problem) for problem in caught.value.problems] == [
        "data/fish.csv: it was changed since the run. Run `pk reproduce` again.",
        "pk_research/new.py: it was added since the run. Run `pk reproduce` again.",
        "requirements.lock: it was taken away since the run. Run `pk reproduce` again.",
    ]


def test_what_nobody_else_has_is_not_packed_as_if_they_had(project, tmp_path, monkeypatch):
    """A run that read a file from outside gives exhibits that nobody with the package alone can make."""
    inside = tmp_path / "checkout"
    shutil.copytree(project, inside)
    cell = nbformat.v4.new_code_cell(
        "import os\nfrom pathlib import Path\nprint(Path(os.environ.get('PK_SALES', '')).is_file())"
    )
    text = json.dumps(nbformat.v4.new_notebook(cells=[cell]))
    (inside / "notebooks" / "01-sales.ipynb").write_text(text, encoding="utf-8")
    (tmp_path / "own.csv").write_text("mine", encoding="utf-8")
    monkeypatch.setenv("PK_SALES", str(tmp_path / "own.csv"))
    made = reproduce(settings_of(inside), tmp_path / "run")
    digest = sha256(sha256(b"mine").digest()).hexdigest()
    assert made.record["outside"] == [*made.outside]
    assert [*made.outside] == [{"setting": "PK_SALES", "name": "own.csv", "sha256": digest}]
    with pytest.raises(BadInput, match=r"PK_SALES: the run read own\.csv, which the package does not hold"):
        write_package(inside, tmp_path / "run", tmp_path / "package.zip", ABOUT, sources=[FISH])
    monkeypatch.delenv("PK_SALES")
    made = reproduce(settings_of(inside), tmp_path / "run")
    assert (made.record["outside"], made.outside) == ([], ())
    write_package(inside, tmp_path / "run", tmp_path / "package.zip", ABOUT, sources=[FISH])


def test_an_exhibit_of_an_unpacked_package_is_followed_back_too(project, run, tmp_path):
    write_package(project, run, tmp_path / "package.zip", ABOUT, sources=[FISH])
    with zipfile.ZipFile(tmp_path / "package.zip") as package:
        package.extractall(tmp_path / "unpacked")
    (file,) = (path.name for path in (tmp_path / "unpacked" / "exhibits").glob("01-sales.*"))
    found = explain(tmp_path / "unpacked", tmp_path / "unpacked", file)
    assert (found.parameters, found.is_unchanged) == ("YEAR = 1\nSEED = 7  # lots", True)
    with pytest.raises(BadInput, match="it holds something else than an earlier run"):
        reproduce(settings_of(tmp_path / "unpacked"), tmp_path / "unpacked")


def test_a_run_of_an_earlier_version_is_refused(project, run, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(run, old)
    record = json.loads((old / "reproduction.json").read_text(encoding="utf-8"))
    del record["inputs"]
    (old / "reproduction.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(BadInput, match="an earlier version of the package made it"):
        write_package(project, old, tmp_path / "package.zip", ABOUT, sources=[FISH])


def test_a_run_that_was_interrupted_or_is_not_there_is_refused(project, tmp_path):
    (tmp_path / "reproduction.json").write_text("{}", encoding="utf-8")
    with pytest.raises(NotFound, match="the run was not finished"):
        write_package(project, tmp_path, tmp_path / "package.zip", ABOUT)
    with pytest.raises(NotFound, match="there is no such run"):
        write_package(project, tmp_path / "none", tmp_path / "package.zip", ABOUT)


def test_title_and_authors_come_from_the_citation(project, tmp_path):
    about = cited(project, "2026-11-30")
    assert (about.title, about.authors) == ("Sales", ("A. Peneliti",))
    text = "title: Sales\nauthors:\n  - given-names: Siti\n    family-names: Aminah\n  - name: Balitbangda\n"
    (tmp_path / "CITATION.cff").write_text(text, encoding="utf-8")
    assert cited(tmp_path, "2026-11-30").authors == ("Siti Aminah", "Balitbangda")
    with pytest.raises(BadInput, match=r"date: it is '30/11/2026'\. Write it as 2026-11-30\."):
        cited(project, "30/11/2026")
