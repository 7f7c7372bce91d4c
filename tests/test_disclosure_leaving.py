"""Whatever leaves the house passes the rules: no byte of it holds a person's name, number or place."""

from __future__ import annotations

import ast
import io
import re
import zipfile
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import pk_research
from pk_research.apps.files import File
from pk_research.apps.findings import downloads as of_findings
from pk_research.apps.policy import downloads as of_policy
from pk_research.apps.products import downloads as of_products
from pk_research.apps.programme import downloads as of_programme
from pk_research.apps.programme.material import material_of
from pk_research.apps.programme.model import ProgrammeModel
from pk_research.apps.supervise.exports import export_file
from pk_research.apps.taking import recorded
from pk_research.disclosure import exported, open_table, record_open, withheld_of
from pk_research.disclosure.classes import class_of_answer
from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.store import open_store
from pk_research.store.actors import HOUSE, Actor, Role
from pk_research.store.exports import LAYOUTS
from pk_research.survey import parse_form
from pk_research.survey.exchange.layout import layout_of
from pk_research.workbench import export_submissions

RESEARCHER, SUPERVISOR = HOUSE[Role.RESEARCHER], HOUSE[Role.SUPERVISOR]
SITI = Actor("account", "a-siti", Role.ENUMERATOR)

# Only the first question is marked; that the others were forgotten must not matter.
FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:pk="http://pabrik-kampoeng.example/form">
<h:head><h:title>Usaha rumah</h:title><model>
  <instance><data id="usaha_rumah" version="1">
    <who/><nik/><telephone/><remarks/><place/><garden/><photo/><sex/><income/><workers/><code_given/>
    <member jr:template=""><name/><age/></member>
    <meta><instanceID/><instanceName/></meta>
  </data></instance>
  <bind nodeset="/data/who" pk:personal="yes"/>
  <bind nodeset="/data/place" type="geopoint"/><bind nodeset="/data/garden" type="geoshape"/>
  <bind nodeset="/data/photo" type="binary"/>
  <bind nodeset="/data/income" type="int"/><bind nodeset="/data/workers" type="int"/>
  <bind nodeset="/data/code_given" type="decimal"/><bind nodeset="/data/member/age" type="int"/>
  <bind nodeset="/data/meta/instanceID" jr:preload="uid"/>
  <bind nodeset="/data/meta/instanceName" calculate="concat('Usaha ', /data/remarks)"/>
</model></h:head><h:body>
  <input ref="/data/who"/><input ref="/data/nik"/><input ref="/data/telephone"/>
  <input ref="/data/remarks"/><input ref="/data/place"/><input ref="/data/garden"/>
  <upload ref="/data/photo" mediatype="image/*"/>
  <select1 ref="/data/sex"><item><label>P</label><value>f</value></item>
    <item><label>L</label><value>m</value></item></select1>
  <input ref="/data/income"/><input ref="/data/workers"/><input ref="/data/code_given"/>
  <group ref="/data/member"><repeat nodeset="/data/member">
    <input ref="/data/member/name"/><input ref="/data/member/age"/></repeat></group>
</h:body></h:html>"""

NAMES = ["Zulaikha Prameswari", "Bagaskara Tunggadewa", "Xaveria Wirahadikusumah"]


def people(n=12):
    """Return recognisable people: nothing of them may be found again."""
    return [
        SimpleNamespace(
            who=f"{NAMES[one % 3]} {one:02d}",
            nik=f"32160145019{one:05d}",
            telephone=f"0812987654{one:02d}",
            remarks=f"Tetangga Kencanawungu{one:02d} tahu",
            place=f"-6.28{one:02d}137 107.17{one:02d}491 31.7 4.9",
            garden=f"-6.28{one:02d}137 107.17{one:02d}491 0 0;-6.3 107.2 0 0;-6.31 107.2 0 0;"
            f"-6.28{one:02d}137 107.17{one:02d}491 0 0",
            member=f"Anak Mangkubumi{one:02d}",
            instance=f"uuid:9f3b1c00-0000-4000-8000-{one:012d}",
        )
        for one in range(n)
    ]


def secrets(n=12):
    """Every string of these people that must stay in the house."""
    found = ["Zulaikha", "Bagaskara", "Xaveria", "Kencanawungu", "Mangkubumi", "a-siti", "telepon-siti"]
    for one in people(n):
        latitude, longitude = one.place.split()[:2]
        found += [one.nik, one.telephone, one.instance[5:], latitude, longitude]
    return found


def answered(store, n=12):
    for number, one in enumerate(people(n)):
        store.submissions.receive(
            f"""<data id="usaha_rumah" version="1"><who>{one.who}</who><nik>{one.nik}</nik>
            <telephone>{one.telephone}</telephone><remarks>{one.remarks}</remarks><place>{one.place}</place>
            <garden>{one.garden}</garden><photo/><sex>{"f" if number else "m"}</sex>
            <income>{number % 3}000</income><workers>{number % 4}</workers>
            <code_given>{one.nik if number == 5 else number}</code_given>
            <member><name>{one.member}</name><age>{20 + number % 2}</age></member>
            <meta><instanceID>{one.instance}</instanceID>
            <instanceName>Usaha {one.remarks}</instanceName></meta>
            </data>""",
            by=SITI, via="survey", device_id="telepon-siti",
        )  # fmt: skip


@pytest.fixture(scope="module")
def store():
    opened = open_store("sqlite://", key=b"a key of 32 bytes, only for test")
    opened.forms.publish(FORM, by=RESEARCHER)
    answered(opened)
    return opened


def bytes_in(content: bytes) -> bytes:
    """Return a file's bytes, and those of what is packed in it, however deep."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    archive = zipfile.ZipFile(io.BytesIO(content))
    return b"\n".join([*(name.encode() for name in archive.namelist()),
                       *(bytes_in(archive.read(name)) for name in archive.namelist())])  # fmt: skip


def readable(name: str, content: bytes) -> bytes:
    """Return the bytes, and what the compressed formats of statistics hold, as text."""
    if name.endswith(".parquet"):
        return content + pd.read_parquet(io.BytesIO(content)).to_csv().encode()
    return bytes_in(content)


class Village:
    """Results of villages into which a person's data strayed, as every download takes them."""

    made = False
    title = "Desa"
    year = None
    seed = 1
    input_hash = "0" * 64
    versions: dict[str, str] = {}  # noqa: RUF012 - as the results have it
    variables = codebook = notes = ()
    n_withheld = 0

    @property
    def _table(self):
        one = people()[3]
        return pd.DataFrame(
            {"village": ["A", "B"], "owner_name": [one.who, ""], "note": [f"WA {one.telephone}", "ramai"],
             "latitude": [float(one.place.split()[0]), -6.3], "nik": [one.nik, ""]}
        )  # fmt: skip

    def table(self, _language):
        return self._table

    villages_table = left_out_table = village_table = table

    @property
    def profile(self):
        return SimpleNamespace(table=self._table)

    @property
    def plan(self):
        return SimpleNamespace(table=self.table, problem=self)

    @property
    def assignment(self):
        return self.plan

    def in_words(self, _language):
        return "Dua desa."


WAYS_OUT = {
    "apps.findings.downloads.as_csv": lambda _: [of_findings.as_csv(Village(), "desa", "id")],
    "apps.findings.downloads.as_workbook": lambda _: [of_findings.as_workbook(Village(), "desa", "id")],
    "apps.products.downloads.plan_file": lambda _: [of_products.plan_file(Village(), "id")],
    "apps.policy.downloads.scenario_file": lambda _: [of_policy.scenario_file(Village(), "id")],
    "apps.policy.downloads.spending_file": lambda _: [of_policy.spending_file(Village(), "id")],
    "apps.programme.downloads.file_of": lambda store: [
        of_programme.file_of(ProgrammeModel(material_of(store, today=date(2026, 11, 26))), store, ending)
        for ending in ("csv", "xlsx")
    ],
    "apps.supervise.exports.export_file": lambda store: [
        export_file(store, "usaha_rumah", layout, by=by)[0]
        for layout in LAYOUTS
        for by in (RESEARCHER, SUPERVISOR)
    ],
    "disclosure.submissions.exported": lambda store: [
        SimpleNamespace(name=name, content=content)
        for layout in LAYOUTS
        for name, content in exported(store, "usaha_rumah", layout, by=SUPERVISOR).files.items()
    ],
}
"""Each way out of the house, by the function that makes the bytes."""

INSIDE = {"disclosure.submissions", "store.exports"}
"""Where the tables of submissions are laid out in files: the rules, and the copy they make for the house."""


@lru_cache
def of_house():
    """Every module of the package with what it says."""
    root = Path(pk_research.__file__).parent
    return [
        (".".join(path.relative_to(root).with_suffix("").parts), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(root.rglob("*.py"))
    ]


@lru_cache(None)
def called(tree):
    return {
        getattr(node.func, "id", getattr(node.func, "attr", ""))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }


def test_every_function_that_makes_a_file_for_somebody_is_examined_here():
    """A new download is found by what it makes; until it stands among `WAYS_OUT`, this fails."""
    making = {
        f"{name}.{node.name}"
        for name, tree in of_house()
        if name.startswith("apps.")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and node.returns is not None
        and re.search(r"\bFile\b", ast.unparse(node.returns))
    }
    assert making == {name for name in WAYS_OUT if name.startswith("apps.")}


def test_files_are_made_nowhere_else():
    makers = {name for name, tree in of_house() if name.startswith("apps.") and "File" in called(tree)}
    assert makers == {name.rpartition(".")[0] for name in WAYS_OUT if name.startswith("apps.")}


def test_submissions_are_laid_out_by_the_rules_only():
    writers = {"central_zip", "central_odata", "kobo_xlsx", "labelled_files", "files_of"}
    assert {name for name, tree in of_house() if writers & called(tree)} == INSIDE
    imported = {
        name
        for name, tree in of_house()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "pk_research.store.exports"
        and {"export", "files_of", "read_tables"} & {alias.name for alias in node.names}
    }
    assert imported == {"disclosure.submissions"}


def test_every_button_that_hands_a_file_over_writes_it_into_the_log():
    buttons = {name for name, tree in of_house() if "Download" in called(tree)}
    assert {name for name, tree in of_house() if "recorded" in called(tree)} == buttons - {
        "apps.supervise.view",  # there `exported` itself writes, with what was withheld
        "apps.programme.view",  # and there `file_of` does
    }


@pytest.mark.parametrize("way", WAYS_OUT)
def test_nothing_of_a_person_is_in_any_byte_that_leaves(store, way):
    files = WAYS_OUT[way](store)
    assert files
    for file in files:
        whole = readable(file.name, file.content)
        inner = (
            zipfile.ZipFile(io.BytesIO(file.content))
            if zipfile.is_zipfile(io.BytesIO(file.content))
            else None
        )
        for name in inner.namelist() if inner else ():
            whole += readable(name, inner.read(name))
        assert [secret for secret in secrets() if secret.encode() in whole] == [], file.name


def test_the_same_strings_are_found_in_an_internal_copy(store):
    """The search above can find something: what a supervisor's copy for the house holds."""
    leaving = exported(store, "usaha_rumah", "central", by=SUPERVISOR, is_internal=True)
    whole = bytes_in(leaving.files["usaha_rumah.zip"])
    missing = [secret for secret in secrets() if secret.encode() not in whole]
    assert missing == []
    assert leaving.report[0].text("en").startswith("INTERNAL COPY")


def release(store):
    content = exported(store, "usaha_rumah", "central", by=RESEARCHER).files["usaha_rumah.zip"]
    return pd.read_csv(zipfile.ZipFile(io.BytesIO(content)).open("usaha_rumah.csv"))


def test_what_may_leave_still_does(store):
    table = release(store)
    assert sorted(table["workers"]) == sorted(number % 4 for number in range(12))
    assert {"who", "nik", "telephone", "remarks", "garden", "photo"}.isdisjoint(table.columns)
    assert table["code_given"].notna().sum() == 11, "the identity number in a question of another name"


def test_places_are_moved_and_the_only_man_is_not_told(store):
    table = release(store)
    exact = {one.place.split()[0] for one in people()}
    assert not exact & set(table["place-Latitude"].astype(str))
    assert ((table["place-Latitude"] + 6.28).abs() < 0.2).all(), "moved by some kilometres, no more"
    assert table["sex"].isna().sum() == 1
    assert set(table["sex"].dropna()) == {"f"}


def test_submissions_have_other_names_in_another_order_and_the_same_ones_next_time(store):
    table = release(store)
    assert table["KEY"].is_unique
    assert list(table["code_given"].dropna()) != sorted(table["code_given"].dropna())
    pd.testing.assert_frame_equal(table, release(store))


def test_the_release_is_in_the_log_with_what_was_withheld_and_the_copy_is_called_one(store):
    exported(store, "usaha_rumah", "central", by=RESEARCHER)
    event = store.audit.events(1)[0]
    assert (event.kind, event.subject, event.details["n_rows"]) == ("data released", "usaha_rumah", 12)
    said = [one.text("en") for one in withheld_of(event.details)]
    assert "Free text is withheld until somebody has read and approved it: telephone, remarks, name." in said
    assert "“code_given”: 1 answers that look personal are withheld." in said
    exported(store, "usaha_rumah", "central", by=RESEARCHER, is_internal=True)
    event = store.audit.events(1)[0]
    assert (event.kind, event.details["copy"]) == ("submissions exported", "internal")


def test_a_text_leaves_once_somebody_has_read_it_unless_it_looks_personal(store):
    approved = {"remarks": [people()[0].remarks, f"{people()[1].remarks}, WA 081234567890"]}
    leaving = exported(store, "usaha_rumah", "central", by=RESEARCHER, approved_texts=approved)
    whole = bytes_in(leaving.files["usaha_rumah.zip"])
    assert [number for number, one in enumerate(people()) if one.remarks.encode() in whole] == [0]
    assert "“remarks”: 11 teks yang belum disetujui" in leaving.notes("id").decode()


def test_who_exports_is_told_what_was_withheld_in_both_languages(store, tmp_path):
    _, report = export_submissions(store, "usaha_rumah", "odata", tmp_path, by=RESEARCHER)
    notes = (tmp_path / "usaha_rumah.notes.txt").read_text(encoding="utf-8")
    assert "Teks bebas ditahan sampai ada yang membaca dan menyetujuinya: telephone, remarks, name." in notes
    assert "12 places are moved at random" in notes
    assert len(report) >= 5


def test_too_few_submissions_are_not_released_and_may_be_copied():
    few = open_store("sqlite://", key=b"a key of 32 bytes, only for test")
    few.forms.publish(FORM, by=RESEARCHER)
    answered(few, 3)
    with pytest.raises(BadInput, match="there are 3, and 5 must be alike"):
        exported(few, "usaha_rumah", "central", by=RESEARCHER)
    assert exported(few, "usaha_rumah", "central", by=RESEARCHER, is_internal=True).is_internal


@pytest.mark.slow
def test_the_questionnaires_of_the_house_leave_no_question_that_tells_who_somebody_is(project):
    from pk_research.survey.xlsform import open_xlsform

    leaving = set()
    for path in sorted((project / "data" / "questionnaires").glob("*.xlsx")):
        form = open_xlsform(path).form
        leaving |= {
            field.name
            for table in layout_of([form]).tables
            for field in table.fields
            if class_of_answer(field) in ("key", "sensitive", "open", "place")
        }
    assert {"owner_sex", "umkm_workers", "village_code"} & leaving
    told = re.compile(r"name$|phone|address|remarks|_other$|deviceid|^start$|^end$|enumerator|photo|^story$")
    assert [name for name in sorted(leaving) if told.search(name)] == []


def test_a_table_of_villages_without_anybody_in_it_is_given_as_it_is():
    table = pd.DataFrame({"Desa": ["Karang Bahagia", "Sukamaju"], "Nilai": [1.5, None]})
    opened = open_table(table)
    pd.testing.assert_frame_equal(opened.frame, table)
    assert opened.report == ()


def test_what_visitors_take_away_is_logged_once_and_not_handed_over_where_it_cannot_be(store, monkeypatch):
    def make():
        return File("desa.csv", "text/csv", b"Desa\nA\n", (Message("“{name}” is not told", {"name": "x"}),))

    for _ in range(3):
        assert recorded(make, store)().name == "desa.csv"
    taken = [event for event in store.audit.events() if event.kind == "file taken away"]
    assert [(event.details["file"], event.details["n_bytes"]) for event in taken] == [("desa.csv", 7)]
    assert [one.text("id") for one in withheld_of(taken[0].details)] == ["“x” is not told"]
    store.audit.verify()
    record_open(store, "lain.csv", b"Desa\nB\n")
    assert store.audit.events(1)[0].details["file"] == "lain.csv"
    broken = SimpleNamespace(engine=None, audit=None)
    assert recorded(make, broken)() is None


def test_the_form_of_these_tests_marks_one_question_only():
    fields = layout_of([parse_form(FORM)]).tables[0].fields
    assert [field.name for field in fields if field.is_personal] == ["who"]
