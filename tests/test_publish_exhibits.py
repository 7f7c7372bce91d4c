"""What notebooks show as files: complete, comparable, and made anew from the raw data."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys

import nbformat
import pandas as pd
import pytest
from notebook_outputs import picture, shown

from pk_research.errors import BadInput, NotFound
from pk_research.publish import (
    compare_exhibits,
    exhibits_of,
    explain,
    read_exhibits,
    read_record,
    write_exhibits,
)
from pk_research.publish.chain import chain_of
from pk_research.settings import Settings
from pk_research.workbench import reproduce


def notebook(*cells):
    """Headings as text, code cells as lists of outputs."""
    made = [
        nbformat.v4.new_markdown_cell(cell)
        if isinstance(cell, str)
        else nbformat.v4.new_code_cell(outputs=cell)
        for cell in cells
    ]
    for number, cell in enumerate(made):
        cell["id"] = f"c{number}"
    return nbformat.v4.new_notebook(cells=made)


def table(**columns):
    return shown(html=pd.DataFrame(columns).to_html(), plain="a frame")


def listed(folder, *cells):
    return write_exhibits(exhibits_of(notebook(*cells), "01-count"), folder)


def test_everything_shown_is_an_exhibit_under_its_heading(tmp_path):
    encoded = base64.b64encode(picture(1)).decode()
    found = listed(
        tmp_path,
        "# How many?\n\nCounted here.",
        [shown(markdown="Seven.", plain="<Markdown>")],
        "## By kecamatan\n",
        [table(n=[3, 4]), shown(png=encoded, plain="<Figure>")],
        [nbformat.v4.new_output("stream", text="said aloud\n"), shown(plain="7")],
        [nbformat.v4.new_output("stream", name="stderr", text="a warning\n")],
        [],
    )
    assert [(one.file, one.kind, one.title) for one in found] == [
        ("01-count.c1.1.md", "text", "How many?"),
        ("01-count.c3.1.csv", "table", "By kecamatan"),
        ("01-count.c3.2.png", "figure", "By kecamatan"),
        ("01-count.c4.1.md", "text", "By kecamatan"),
        ("01-count.c4.2.md", "text", "By kecamatan"),
    ]
    assert (tmp_path / "01-count.c1.1.md").read_text(encoding="utf-8") == "Seven."
    assert (tmp_path / "01-count.c3.1.csv").read_text(encoding="utf-8-sig") == ",n\n0,3\n1,4\n"
    assert (tmp_path / "01-count.c3.2.png").read_bytes() == picture(1)
    assert list(read_exhibits(tmp_path).values()) == list(found)


def test_a_heading_over_two_columns_leaves_the_cells_in_their_place(tmp_path):
    frame = pd.DataFrame([[1, 2, 3]], columns=pd.MultiIndex.from_tuples([("x", "a"), ("x", "b"), ("y", "a")]))
    listed(tmp_path, [shown(html=frame.to_html())])
    lines = (tmp_path / "01-count.c0.1.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == [",x,,y", ",a,b,a", "0,1,2,3"]


def test_a_styled_table_is_the_same_each_time_it_is_drawn(tmp_path):
    frame = pd.DataFrame({"n": [1.25]})
    hashes = {
        listed(tmp_path / str(n), [shown(html=frame.style.format(precision=1).to_html())])[0].sha256
        for n in range(2)
    }
    assert len(hashes) == 1


def test_a_folder_without_a_list_is_no_run(tmp_path):
    with pytest.raises(NotFound, match=r"exhibits\.csv: there is no list of exhibits\. Name a folder"):
        read_exhibits(tmp_path)


def test_a_damaged_list_or_record_is_told_with_its_file(tmp_path):
    (tmp_path / "exhibits.csv").write_text("file,kind\na.md,text\n", encoding="utf-8")
    with pytest.raises(
        BadInput, match=r"exhibits\.csv: its columns are file, kind; cell, file, .* are needed"
    ):
        read_exhibits(tmp_path)
    (tmp_path / "reproduction.json").write_text('{"package": ', encoding="utf-8")
    with pytest.raises(BadInput, match=r"reproduction\.json: it is no JSON: .*line 1.*Unpack it anew"):
        read_record(tmp_path)


# From raw data to every exhibit

CELLS = """
import os
from pk_research.store import open_store
store = open_store(os.environ["PK_DATABASE_URL"])
print(sorted(entry.name for entry in store.datasets()))
"""


def checkout(folder):
    """A checkout of one notebook, and a store of its own that must stay as it is."""
    (folder / "notebooks").mkdir(parents=True)
    cells = [
        nbformat.v4.new_markdown_cell("# What is in the store?\n"),
        nbformat.v4.new_code_cell("SEED = 7", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(CELLS),
    ]
    path = folder / "notebooks" / "01-store.ipynb"
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    home = folder / "home"
    return Settings(folder, home, f"sqlite:///{home / 'store.sqlite'}", None)


@pytest.fixture
def house(tmp_path):
    return checkout(tmp_path)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A checkout, and its run; those who change something take a copy."""
    house = checkout(tmp_path_factory.mktemp("first"))
    return house, reproduce(house, house.project / "run")


@pytest.fixture
def run(first, tmp_path):
    """The run of a checkout, both copied into a folder of the test's own."""
    shutil.copytree(first[0].project, tmp_path, dirs_exist_ok=True)
    return first[1]


def test_a_run_begins_with_the_raw_data_and_leaves_the_own_store_alone(first):
    house, run = first
    assert [one.title for one in run.exhibits] == ["What is in the store?"]
    said = (house.project / "run" / "exhibits" / run.exhibits[0].file).read_text(encoding="utf-8")
    assert said == "['register', 'village_survey_made']\n"
    assert not house.home.exists()
    facts = run.record["notebooks"][0]
    assert (facts["parameters"], facts["n_exhibits"]) == ("SEED = 7", 1)
    assert facts["seconds"] > 0
    assert facts["peak_mib"] is None or facts["peak_mib"] > 20
    assert json.loads((house.project / "run" / "reproduction.json").read_text(encoding="utf-8")) == run.record


def test_an_earlier_run_is_deleted_first_and_nothing_else_ever(first, run, tmp_path):
    house = first[0]
    stale = tmp_path / "run" / "exhibits" / "99-stale.md"
    stale.write_text("from another time", encoding="utf-8")
    reproduce(house, tmp_path / "run")
    assert not stale.exists()
    precious = tmp_path / "thesis" / "chapter.docx"
    precious.parent.mkdir()
    precious.write_bytes(b"years of work")
    with pytest.raises(BadInput, match=r"thesis: it holds something else than an earlier run"):
        reproduce(house, tmp_path / "thesis")
    assert precious.read_bytes() == b"years of work"


def test_pk_reproduce_compares_with_an_earlier_run_and_fails_when_they_differ(pk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = pk("reproduce", "01")
    first = tmp_path / "home" / "reproduction"
    assert (code, f"made    3 exhibits in {first / 'exhibits'}" in out) == (0, True)
    code, out, _ = pk("reproduce", "01", "--into", "second", "--against", first)
    assert (code, out.strip().endswith("same    3 of 3 exhibits")) == (0, True)
    code, out, _ = pk("explain", "01-the-villages.01-05.1.png")
    assert (code, "made by     notebooks/01-the-villages.ipynb, cell 01-05" in out) == (0, True)
    assert "since then" not in out
    record = json.loads((first / "reproduction.json").read_text(encoding="utf-8"))
    lock = {"inputs": record["inputs"] | {"requirements.lock": "0"}}
    (first / "reproduction.json").write_text(json.dumps(record | lock), encoding="utf-8")
    code, out, _ = pk("explain", "01-the-villages.01-05.1.png")
    assert (code, "since then  requirements.lock: it was changed." in out) == (0, True)
    (first / "reproduction.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "second" / "exhibits" / "01-the-villages.answer.1.md").write_text(
        "Otherwise.", encoding="utf-8"
    )
    code, out, _ = pk("reproduce", "01", "--into", "third", "--against", "second")
    assert code == 1
    assert "differs 01-the-villages.answer.1.md: line 1: was 'Otherwise.', is " in out
    assert "the earlier run's file was changed since it was made: unpack it anew" in out
    assert "same    2 of 3 exhibits" in out
    assert "`pk explain 01-the-villages.answer.1.md --run second` says what an exhibit is built on." in out
    record = json.loads((first / "reproduction.json").read_text(encoding="utf-8"))
    record["notebooks"][0] |= {"sha256": "", "parameters": 'LANGUAGE = "id"\nWIDTH_PX = 400'}
    (first / "reproduction.json").write_text(json.dumps(record), encoding="utf-8")
    code, out, _ = pk("reproduce", "01", "--into", "third", "--against", first)
    lines = out.strip().splitlines()
    assert lines[0].startswith(
        'unlike  notebooks/01-the-villages.ipynb: its parameters were changed: was `LANGUAGE = "id"`, is'
    ), "before anybody waits"
    assert (code, lines[-1]) == (0, "same    3 of 3 exhibits")
    code, _, err = pk("reproduce", "01", "--against", first)
    assert (code, "it is the folder that is deleted first" in err) == (1, True)


# What stands behind an exhibit


def test_an_exhibit_is_followed_back_to_its_cell_choices_data_and_code(run, tmp_path):
    one = run.exhibits[0]
    found = explain(tmp_path, tmp_path / "run", one.file)
    assert (found.exhibit, found.is_unchanged) == (one, True)
    assert found.code is not None
    assert found.code.strip() == CELLS.strip()
    assert found.parameters == "SEED = 7"
    assert [(name, made) for name, _, _, made in found.data] == [
        ("register", False),
        ("village_survey_made", True),
    ]
    told = dict(found.lines())
    assert told["made by"] == f"notebooks/01-store.ipynb, cell {one.cell}"
    assert "unchanged since the run" in told["file"]


def test_an_exhibit_is_followed_to_the_cells_it_is_built_on_and_the_choices_that_count(house, tmp_path):
    path = house.project / "notebooks" / "01-store.ipynb"
    sources = {
        "top": "from pk_research import register\nfrom pk_research.language import translate",
        "chosen": "SEED = 7  # unused\nAREA = (\n    '321601'\n)  # a kecamatan",
        "aside": "names = [n for n in ('x', 'y')]",
        "read": "%time\nvillages = [one for one in register.load_register() if one.code.startswith(AREA)]",
        "part": "found = {}\nfound['n'] = len(villages)",
        "more": "def shout(text):\n    return translate(text, 'en').upper()",
        "shown": "n = found['n']\nshout(f'{n} villages')",
    }
    cells = [nbformat.v4.new_code_cell(text, id=name) for name, text in sources.items()]
    cells[1]["metadata"]["tags"] = ["parameters"]
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    run = reproduce(house, tmp_path / "run")
    chain = explain(tmp_path, tmp_path / "run", f"exhibits/{run.exhibits[-1].file}").chain
    assert dict(chain.cells) == {"read": ("villages",), "part": ("found",), "more": ("shout",)}
    assert chain.choices == "AREA = (\n    '321601'\n)  # a kecamatan"
    assert chain.calls == ("pk_research.language.translate", "pk_research.register.load_register")


def test_every_notebook_can_be_followed(project):
    for path in sorted((project / "notebooks").glob("[0-9][0-9]-*.ipynb")):
        cells = [
            one for one in json.loads(path.read_text(encoding="utf-8"))["cells"] if one["cell_type"] == "code"
        ]
        last = chain_of(cells, [cells[-1]["id"]])
        assert last.calls, path.stem


def test_an_answer_shown_before_it_is_computed_is_followed_to_the_cell_that_computed_it(house, tmp_path):
    path = house.project / "notebooks" / "01-store.ipynb"
    computing = "n = 3 + 4\nanswer.update(Markdown(f'**{n} villages**'))"
    cells = [
        nbformat.v4.new_markdown_cell("# How many?\n"),
        nbformat.v4.new_code_cell(
            "from IPython.display import Markdown\n\n"
            "answer = display(Markdown('Not yet.'), display_id='answer')"
        ),
        nbformat.v4.new_code_cell(computing),
        nbformat.v4.new_code_cell("print(n)"),
    ]
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    run = reproduce(house, tmp_path / "run")
    first, last = run.exhibits
    assert (tmp_path / "run" / "exhibits" / first.file).read_text(encoding="utf-8") == "**7 villages**"
    shown, computed = (explain(tmp_path, tmp_path / "run", one.file).code for one in (first, last))
    assert shown is not None
    assert shown.endswith(computing)
    assert computed == "print(n)"


def test_what_was_changed_since_is_said(run, tmp_path):
    file = run.exhibits[0].file
    (tmp_path / "run" / "exhibits" / file).write_text("Otherwise.", encoding="utf-8")
    (tmp_path / "notebooks" / "01-store.ipynb").write_text("{}", encoding="utf-8")
    told = dict(explain(tmp_path, tmp_path / "run", file).lines())
    assert "CHANGED since the run" in told["file"]
    assert told["code"] == "the notebook is no longer the one that was run"


def test_a_wrong_name_is_answered_with_the_nearest(tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell("# How many?"),
        nbformat.v4.new_code_cell(id="c1", outputs=[table(n=[n]) for n in range(5)]),
        nbformat.v4.new_markdown_cell("## Which villages are poor?"),
        nbformat.v4.new_code_cell(id="c2", outputs=[shown(markdown="Seven.")]),
    ]
    write_exhibits(exhibits_of(nbformat.v4.new_notebook(cells=cells), "01-count"), tmp_path / "exhibits")

    def answer(asked):
        with pytest.raises(NotFound) as caught:
            explain(tmp_path, tmp_path, asked)
        return caught.value.problems[0].remedy

    assert answer("01-count.c2.1.mdd").startswith("Did you mean 01-count.c2.1.md, ")
    assert answer("01-count.C2.1.MD") == "Did you mean 01-count.c2.1.md?"
    assert answer("01-count.c2") == "Did you mean 01-count.c2.1.md?", "without its ending"
    assert answer("villages are POOR") == "Did you mean 01-count.c2.1.md?", "by its heading"
    first = ", ".join(f"01-count.c1.{n}.csv" for n in (1, 2, 3))
    assert answer("01-count") == (
        f"Did you mean {first}? There are 6 like that: see exhibits.csv of the run."
    ), "a notebook's name"
    assert answer("zzz") == answer("") == "See exhibits.csv of the run."
    (tmp_path / "exhibits" / "withheld.csv").write_text("file,why\n01-count.c9.1.csv,few\n", encoding="utf-8")
    with pytest.raises(NotFound, match=r"01-count\.c9\.1\.csv: it is withheld from this package"):
        explain(tmp_path, tmp_path, "exhibits/01-count.c9.1.csv")
    (tmp_path / "reproduction.json").write_text('{"notebooks": []}', encoding="utf-8")
    with pytest.raises(NotFound, match="the record of the run does not know its notebook, 01-count"):
        explain(tmp_path, tmp_path, "01-count.c2.1.md")


def test_only_the_data_that_its_cells_name_is_said_to_stand_behind_an_exhibit(house, tmp_path):
    path = house.project / "notebooks" / "01-store.ipynb"
    sources = {
        "top": "from pk_research import register\nfrom pk_research.language import translate",
        "chosen": "DATASET = 'village_survey_made'\nOTHER = 'register'",
        "counted": "print(len(register.load_register()))",
        "named": "print(DATASET)",
        "neither": "print(translate('Seven.', 'en'))",
    }
    cells = [nbformat.v4.new_code_cell(text, id=name) for name, text in sources.items()]
    cells[1]["metadata"]["tags"] = ["parameters"]
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    run = reproduce(house, tmp_path / "run")
    told = {
        one.cell: [
            line for line in explain(tmp_path, tmp_path / "run", one.file).lines() if "data" in line[0]
        ]
        for one in run.exhibits
    }
    behind = {
        cell: [which.split("@")[0] for what, which in lines if what == "data"] for cell, lines in told.items()
    }
    assert behind == {
        "counted": ["register"],
        "named": ["village_survey_made"],
        "neither": ["these cells name no dataset of the run; what they use may bring its own"],
    }
    assert [what for what, _ in told["counted"]] == ["data", "run's data"]


WHOLE_RUN_S = 3600


def without_network(command, *, environment, where):
    """Run a command where there is no network but the loopback."""
    script = 'ip link set lo up && exec "$@"'
    return subprocess.run(
        ["unshare", "-rn", "sh", "-c", script, "sh", *map(str, command)],
        env=environment, cwd=where, capture_output=True, text=True, timeout=WHOLE_RUN_S, check=False,
    )  # fmt: skip


@pytest.fixture
def cut_off(project, tmp_path):
    """Run `pk reproduce` of a checkout without a network; skip where it cannot be cut."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("unshare and ip are not here, so that the network cannot be cut")
    plain = {name: text for name, text in os.environ.items() if not name.startswith("PK_")}
    cut = without_network(["true"], environment=plain, where=project)
    if cut.returncode:
        pytest.skip(f"the network cannot be cut here: {cut.stderr.strip()}")
    asked = "import socket; socket.create_connection(('192.0.2.1', 443), 5)"
    reached = without_network([sys.executable, "-c", asked], environment=plain, where=project)
    assert "Network is unreachable" in reached.stderr, "the network was cut"

    def run(checkout, into, *names, **variables):
        environment = {**plain, "PK_HOME": str(tmp_path / "home"), "PYTHONPATH": str(checkout), **variables}
        command = [sys.executable, "-m", "pk_research", "reproduce", *names, "--into", into]
        made = without_network(command, environment=environment, where=checkout)
        assert made.returncode == 0, made.stdout + made.stderr
        return into

    return run


@pytest.mark.slow
def test_with_the_network_cut_after_set_up_a_notebook_gives_the_same_exhibits(cut_off, project, tmp_path):
    first = cut_off(project, tmp_path / "first", "01", PYTHONHASHSEED="1")
    second = cut_off(project, tmp_path / "second", "01", PYTHONHASHSEED="2", PK_COMPUTE="2")
    assert read_exhibits(first / "exhibits")
    assert compare_exhibits(first / "exhibits", second / "exhibits").differences == ()


@pytest.mark.slow
def test_a_fresh_clone_makes_every_exhibit_twice_the_same_without_a_network(cut_off, project, tmp_path):
    """The claim as a whole; it takes about ten minutes."""
    if shutil.which("git") is None or not (project / ".git").exists():
        pytest.skip("this is no git checkout, so that there is nothing to clone")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(project), str(clone)], check=True, timeout=120)
    first = cut_off(clone, tmp_path / "first", PYTHONHASHSEED="1", OMP_NUM_THREADS="1", TZ="UTC")
    second = cut_off(clone, tmp_path / "second", PYTHONHASHSEED="2", PK_COMPUTE="2", TZ="Asia/Jakarta")
    exhibits = read_exhibits(first / "exhibits").values()
    notebooks = {path.stem for path in (project / "notebooks").glob("[0-9][0-9]-*.ipynb")}
    assert {one.notebook for one in exhibits} == notebooks
    assert compare_exhibits(first / "exhibits", second / "exhibits").differences == ()
