"""A phone's calculations that came stale: taken, noted, and worked out anew for whoever analyses them.

ODK Collect does not work out again what looks at another instance of a repeat. Its filling is honest
and finished; refused, it would stay on the phone for good.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from store_house import DATABASES, RESEARCHER, SITI, SUPERVISOR, open_house

from pk_research.store import Store
from pk_research.store.exports import export, read_tables
from pk_research.store.receiving.understanding import check_answers
from pk_research.store.refusals import Refused
from pk_research.survey import parse_form

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:pk="http://pabrik-kampoeng.example/form">
<h:head><h:title>Panen</h:title><model>
  <instance><data id="panen" version="1">
    <owner/><harvest jr:template=""><kg/><gain/></harvest><best/><why/><greeting/>
    <meta><instanceID/></meta></data></instance>
  <bind nodeset="/data/owner" pk:personal="yes"/>
  <bind nodeset="/data/harvest/kg" type="int"/>
  <bind nodeset="/data/harvest/gain" type="int"
    calculate="../kg - indexed-repeat(/data/harvest/kg, /data/harvest, position(..) - 1)"/>
  <bind nodeset="/data/best" type="int" calculate="max(/data/harvest/kg)" constraint=". &lt; 1000"/>
  <bind nodeset="/data/why" relevant="/data/best &gt; 500" required="true()"/>
  <bind nodeset="/data/greeting" calculate="concat('Ibu ', /data/owner)"/>
  <bind nodeset="/data/meta/instanceID" jr:preload="uid"/>
</model></h:head><h:body><input ref="/data/owner"/>
  <group ref="/data/harvest"><repeat nodeset="/data/harvest"><input ref="/data/harvest/kg"/></repeat></group>
  <input ref="/data/why"/></h:body></h:html>"""
PARSED = parse_form(FORM)


@pytest.fixture(params=DATABASES)
def store(request, tmp_path) -> Store:
    store = open_house(request, tmp_path)
    store.forms.publish(FORM, by=RESEARCHER)
    return store


def harvests(*kilograms: int) -> str:
    session = PARSED.start()
    session.answer("/data/owner", "Aminah")
    for number, kg in enumerate(kilograms, start=1):
        session.add_repeat("/data/harvest")
        session.answer(f"/data/harvest[{number}]/kg", str(kg))
    return session.finish()


def send(store: Store, xml: str, *, via: str = "openrosa") -> str:
    return store.submissions.receive(xml, by=SITI, via=via).instance_id


def stale() -> str:
    """Corrected from 100 to 150 in the first harvest; the second still says what it gained over 100."""
    honest = harvests(150, 200)
    assert "<gain>50</gain>" in honest
    return honest.replace("<gain>50</gain>", "<gain>100</gain>")


def test_it_is_kept_as_it_was_sent_and_given_to_whoever_reviews(store):
    xml = stale()
    name = send(store, xml)
    kept = store.submissions.read(name, by=SUPERVISOR)
    assert (kept.xml, kept.review_state) == (xml, "has issues")
    (event,) = store.submissions.events(name, by=SUPERVISOR)
    assert (event.state, event.by, event.number) == ("has issues", "house-supervisor", 1)
    assert "/data/harvest[2]/gain" in event.comment
    assert "50" in event.comment
    note = store.audit.events()[0]
    assert (note.kind, note.actor, note.details["recalculated"]) == ("submission received", "a-siti", 1)
    assert store.audit.verify().faults == ()


def test_exports_and_lists_have_what_follows_from_the_answers(store):
    name = send(store, stale())
    tables = read_tables(store, "panen", by=SUPERVISOR)
    gains = [row.answers["/data/harvest/gain"] for row in tables.rows["/data/harvest"]]
    assert gains == ["", "50"]
    files, _ = export(store, "panen", "central", by=RESEARCHER)
    with zipfile.ZipFile(BytesIO(files["panen.zip"])) as archive:
        written = b"".join(archive.read(member) for member in archive.namelist())
    assert b"50" in written
    assert b",100," not in written
    (listed,) = store.submissions.list("panen", by=SUPERVISOR)
    assert listed.instance_id == name
    assert "<gain>100</gain>" not in listed.xml


def test_what_is_worked_out_anew_hides_personal_answers_too(store):
    name = send(store, stale().replace("Ibu Aminah", "Ibu Zainab"))
    for seen in (
        *store.submissions.list("panen", by=RESEARCHER),
        store.submissions.read(name, by=RESEARCHER),
    ):
        assert "Aminah" not in seen.xml
        assert "Zainab" not in seen.xml
    assert [event.comment for event in store.submissions.events(name, by=RESEARCHER)] == [""]


def test_sending_it_again_gives_the_same_receipt_and_no_second_note(store):
    xml = stale()
    first, second = (store.submissions.receive(xml, by=SITI, via="openrosa") for _ in range(2))
    assert (first.code, second.is_new) == (second.code, False)
    assert len(store.submissions.events(first.instance_id, by=SUPERVISOR)) == 1


@pytest.mark.parametrize("via", ["web", "survey", "import", "api", "edit"])
def test_by_every_other_way_it_is_refused(store, via):
    """Our own form works everything out, and whoever imports or corrects can still mend it."""
    with pytest.raises(Refused) as refused:
        store.submissions.receive(stale(), by=RESEARCHER if via == "import" else SITI, via=via)
    assert [flaw.kind for flaw in refused.value.flaws] == ["calculated"]


OTHERWISE_UNSOUND = {
    "another flaw": (stale().replace("<kg>150", "<kg>many"), "type"),
    "a question that a true value would ask is not answered": (
        harvests(150, 600).replace("<best>600", "<best>200").replace("<why/>", ""),
        "required",
    ),
    "a question that a true value would not ask is answered": (
        harvests(150, 200).replace("<best>200</best>", "<best>600</best><why>Pupuk</why>"),
        "not relevant",
    ),
    "a true value that breaks a rule": (
        harvests(150, 2000).replace("<best>2000", "<best>200").replace("<why/>", "<why>Pupuk</why>"),
        "constraint",
    ),
}


@pytest.mark.parametrize(("xml", "kind"), OTHERWISE_UNSOUND.values(), ids=OTHERWISE_UNSOUND)
def test_rules_are_judged_by_what_the_engine_works_out(store, xml, kind):
    with pytest.raises(Refused) as refused:
        send(store, xml)
    assert kind in {flaw.kind for flaw in refused.value.flaws}
    assert store.submissions.list("panen", by=SUPERVISOR) == ()


def test_a_calculation_left_out_comes_to_what_it_should_be(store):
    send(store, harvests(150, 200).replace("<best>200</best>", ""))
    (row,) = read_tables(store, "panen", by=SUPERVISOR).rows[""]
    assert row.answers["/data/best"] == "200"


def test_a_correction_is_reviewed_anew(store):
    xml = stale()
    name = send(store, xml)
    store.submissions.edit(name, xml.replace("<gain>100", "<gain>50"), by=SUPERVISOR, reason="see the note")
    assert store.submissions.read(name, by=SUPERVISOR).review_state == "received"
    (listed,) = store.submissions.list("panen", by=SUPERVISOR)
    assert "<gain>50</gain>" in listed.xml


@pytest.mark.parametrize("column", ["paths", "xml"])
def test_the_note_cannot_be_changed_unnoticed(store, column):
    send(store, stale())
    with store.engine.begin() as connection:
        changed = f"replace(CAST({column} AS TEXT), 'gain', 'pain')"
        if column == "paths" and connection.dialect.name == "postgresql":
            changed = f"CAST({changed} AS JSON)"
        connection.execute(text(f"UPDATE recalculation SET {column} = {changed}"))
    assert [fault.kind for fault in store.audit.verify().faults] == ["row changed"]


def test_the_time_zone_of_the_phone_is_not_taken_for_a_stale_calculation():
    """The house is in western Indonesia, the phone two hours further east; only ``twice`` is stale."""
    form = parse_form(
        """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
        <h:head><h:title>Jam</h:title><model>
          <instance><data id="jam" version="1"><at/><kg/><hour/><twice/>
            <meta><instanceID/></meta></data></instance>
          <bind nodeset="/data/at" type="dateTime"/><bind nodeset="/data/kg" type="int"/>
          <bind nodeset="/data/hour" calculate="format-date-time(/data/at, '%H')"/>
          <bind nodeset="/data/twice" calculate="/data/kg * 2"/>
        </model></h:head><h:body><input ref="/data/at"/><input ref="/data/kg"/></h:body></h:html>"""
    )
    sent = (
        '<data id="jam" version="1"><at>2026-01-01T10:00:00.000+09:00</at><kg>1</kg><hour>10</hour>'
        "<twice>7</twice><meta><instanceID>uuid:1</instanceID></meta></data>"
    )
    filling = SimpleNamespace(form=form, text=sent)
    found = check_answers(filling, ZoneInfo("Asia/Jakarta"), via="openrosa")
    assert [flaw.path for flaw in found.flaws] == ["/data/twice"]
    assert "<hour>10</hour>" in found.xml
    assert "<twice>2</twice>" in found.xml
