"""Submissions somebody made up: each is refused, for the right reason, without a traceback."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from pk_research.survey import Form, Surroundings, check_submission, parse_form

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:odk="http://www.opendatakit.org/xforms">
<h:head><h:title>Business</h:title><model>
  <instance><data id="business" version="2">
    <name/><workers/><income/><tax/><started/><place/><kind/><wants/><other/><fixed>BUMDes</fixed>
    <n/><product jr:template=""><price/><double/></product>
    <token/><meta><instanceID/></meta>
  </data></instance>
  <bind nodeset="/data/name" required="true()"/>
  <bind nodeset="/data/workers" type="int" constraint=". &gt;= 0 and . &lt; 1000"/>
  <bind nodeset="/data/income" type="decimal"/>
  <bind nodeset="/data/tax" type="decimal" calculate="round(/data/income * 0.1, 2)"/>
  <bind nodeset="/data/started" type="date"/>
  <bind nodeset="/data/place" type="geopoint"/>
  <bind nodeset="/data/other" relevant="/data/kind = 'other'"/>
  <bind nodeset="/data/fixed" readonly="true()"/>
  <bind nodeset="/data/n" type="int"/>
  <bind nodeset="/data/product/price" type="int"/>
  <bind nodeset="/data/product/double" type="int" calculate="../price * 2"/>
  <bind nodeset="/data/token" calculate="once(uuid())"/>
  <bind nodeset="/data/meta/instanceID" jr:preload="uid"/>
</model></h:head><h:body>
  <input ref="/data/name"/><input ref="/data/workers"/><input ref="/data/income"/>
  <input ref="/data/started"/><input ref="/data/place"/>
  <select1 ref="/data/kind"><item><label>Food</label><value>food</value></item>
    <item><label>Other</label><value>other</value></item></select1>
  <select ref="/data/wants"><item><label>Loan</label><value>loan</value></item>
    <item><label>Training</label><value>training</value></item></select>
  <input ref="/data/other"/><input ref="/data/fixed"/><input ref="/data/n"/>
  <repeat nodeset="/data/product" jr:count="/data/n"><input ref="/data/product/price"/></repeat>
</h:body></h:html>"""


@pytest.fixture(scope="module")
def form() -> Form:
    return parse_form(FORM)


@pytest.fixture(scope="module")
def sound(form: Form) -> str:
    """An honest submission."""
    session = form.start(Surroundings(seed=1))
    answers = {
        "name": "Tahu Sumedang", "workers": "4", "income": "1250000.5", "started": "2021-03-01",
        "place": "-6.2 107.1 0 5", "kind": "food", "wants": "loan training", "n": "2",
    }  # fmt: skip
    for name, value in answers.items():
        session.answer(f"/data/{name}", value)
    session.answer("/data/product[1]/price", "1000")
    session.answer("/data/product[2]/price", "2500")
    return session.finish()


def kinds(form: Form, xml: str | bytes) -> list[str]:
    return [flaw.kind for flaw in check_submission(form, xml)]


def test_an_honest_submission_has_no_flaw(form: Form, sound: str) -> None:
    assert check_submission(form, sound) == ()


NASTY_TEXTS = [
    "'; DROP TABLE submissions; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "../../etc/passwd",
    "=HYPERLINK(A1)",
    "\u202egnp.exe",
    "a" * 100_000,
    "${name}",
    "%s%s%s",
    "\u0000".replace("\u0000", "null"),
]


@pytest.mark.parametrize("text", NASTY_TEXTS)
def test_a_nasty_text_is_only_a_text(form: Form, sound: str, text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert kinds(form, sound.replace("Tahu Sumedang", escaped)) == []


CHANGES = [
    ("<workers>4</workers>", "<workers>four</workers>", "type"),
    ("<workers>4</workers>", "<workers>4.5</workers>", "type"),
    ("<workers>4</workers>", "<workers>99999999999</workers>", "type"),
    ("<workers>4</workers>", "<workers>1e999</workers>", "type"),
    ("<workers>4</workers>", "<workers>-3</workers>", "constraint"),
    ("<workers>4</workers>", "<workers>1000</workers>", "constraint"),
    ("<workers>4</workers>", "<workers><b>4</b></workers>", "unknown"),
    ("<workers>4</workers>", "<workers>4</workers><workers>5</workers>", "repeated"),
    ("2021-03-01", "2021-02-30", "type"),
    ("2021-03-01", "yesterday", "type"),
    ("2021-03-01", "01/03/2021", "type"),
    ("-6.2 107.1 0.0 5.0", "-96.2 107.1 0 5", "type"),
    ("-6.2 107.1 0.0 5.0", "here", "type"),
    ("-6.2 107.1 0.0 5.0", "-6.2 nan 0 0", "type"),
    ("<kind>food</kind>", "<kind>weapons</kind>", "choice"),
    ("<kind>food</kind>", "<kind>Food</kind>", "choice"),
    ("loan training", "loan training gold", "choice"),
    ("Tahu Sumedang", "", "required"),
    ("<name>Tahu Sumedang</name>", "", "required"),
    ("<fixed>BUMDes</fixed>", "<fixed>CV</fixed>", "read-only"),
    ("<fixed>BUMDes</fixed>", "<fixed/>", "read-only"),
    ("<tax>125000.05</tax>", "<tax>0.0</tax>", "calculated"),
    ("<tax>125000.05</tax>", "<tax/>", "calculated"),
    ("<tax>125000.05</tax>", "", "calculated"),
    ("<double>2000</double>", "<double>2</double>", "calculated"),
    ("<income>1250000.5</income>", "<income>10</income>", "calculated"),
    ("<n>2</n>", "<n>1</n>", "count"),
    ("<n>2</n>", "<n>3</n>", "count"),
    ("<n>2</n>", "<n>2</n><other>secret</other>", "not relevant"),
    ("<n>2</n>", "<n>2</n><admin>true</admin>", "unknown"),
    ("<n>2</n>", "<n>2</n><data/>", "unknown"),
    ("<workers>4</workers>", '<workers unit="people">4</workers>', "unknown"),
    ("<workers>4</workers>", '<workers id="business">4</workers>', "unknown"),
    ("<product>", '<product n="1">', "unknown"),
    ("<product>", '<product xmlns:jr="http://openrosa.org/javarosa" jr:template="1">', "unknown"),
    ("<meta>", '<meta by="me">', "unknown"),
    ('id="business"', 'id="business" admin="yes"', "unknown"),
    ("<workers>4</workers>", "<workers>4</workers> and more", "unknown"),
    ("<product>", "<product>two of", "unknown"),
    ("<product>", "<product><![CDATA[two of]]>", "unknown"),
    ("<meta>", "<meta>hidden", "unknown"),
    ("<product>", "<product><meta><note>hidden</note></meta>", "unknown"),
    ('id="business"', 'id="household"', "other form"),
    ('version="2"', 'version="1"', "other version"),
    ("<data ", "<other ", "unreadable"),
]


@pytest.mark.parametrize(("honest", "forged", "kind"), CHANGES)
def test_a_forged_submission_is_found_out(
    form: Form, sound: str, honest: str, forged: str, kind: str
) -> None:
    assert honest in sound
    flaws = check_submission(form, sound.replace(honest, forged, 1))
    assert kind in [flaw.kind for flaw in flaws]
    for flaw in flaws:
        assert flaw.message.text("id") != flaw.message.template


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "not xml",
        "<data",
        "<data></other>",
        '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><data id="business">&b;</data>',
        '<!DOCTYPE d SYSTEM "http://example.org/evil.dtd"><data id="business"/>',
        '<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]><data id="business">&f;</data>',
        "<a>" * 100_000,
        '<data id="business">' + "<x>" * 500 + "</x>" * 500 + "</data>",
        b"\xff\xfe\x00bad",
        b"\x00" * 100,
        '<x:data id="business"/>',
    ],
)
def test_what_is_not_a_submission_at_all_is_refused_unread(form: Form, xml: str | bytes) -> None:
    (flaw,) = check_submission(form, xml)
    assert flaw.kind in ("unreadable", "other form")


def test_an_oversized_submission_is_refused_unread(form: Form, sound: str) -> None:
    (flaw,) = check_submission(form, sound, max_bytes=100)
    assert flaw.kind == "unreadable"


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_change_of_a_value_slips_through_or_breaks_anything(
    form: Form, sound: str, data: st.DataObject
) -> None:
    values = list(re.finditer(r"(?<=>)[^<>]+(?=</)", sound))
    chosen = data.draw(st.sampled_from(values))
    junk = data.draw(
        st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="<>&"), max_size=30)
    )
    forged = sound[: chosen.start()] + junk + sound[chosen.end() :]
    for flaw in check_submission(form, forged):
        assert flaw.message.text("en")
        assert flaw.message.text("id")


WRITTEN_BY_HONEST_CLIENTS = [
    ("<data ", '<data xmlns:orx="http://openrosa.org/xforms" xmlns:enk="http://enketo.org/xforms" '),
    ("<data ", '<data xmlns="http://example.org/form" '),
    ("<data ", '<data isComplete="true" submissionDate="2026-11-25T08:00:00Z" instanceID="uuid:1" '),
    ("<product>", '<product xmlns:jr="http://openrosa.org/javarosa" jr:template="">'),
    ("<workers>", "\n  <!-- how many -->\t<workers>"),
    ("</meta>", "<deprecatedID>uuid:1</deprecatedID><userID>siti</userID></meta>"),
]


@pytest.mark.parametrize(("before", "after"), WRITTEN_BY_HONEST_CLIENTS)
def test_what_clients_write_of_their_own_accord_is_no_flaw(
    form: Form, sound: str, before: str, after: str
) -> None:
    assert before in sound
    assert check_submission(form, sound.replace(before, after, 1)) == ()


def test_attributes_of_the_form_s_own_keep_what_the_form_says() -> None:
    """An entity, as pyxform writes it: its list is fixed, its identifier filled in, its label calculated."""
    survey = """
        | survey |
        |  | type | name | label |
        |  | text | name | Nama  |
        | entities |
        |  | list_name | label   |
        |  | kios      | ${name} |
        | settings |
        |  | form_id | version |
        |  | toko    | 1       |
    """
    form = parse_form(convert(xlsform=survey, pretty_print=False).xform)
    session = form.start(Surroundings(seed=1))
    session.answer("/data/name", "Tahu")
    sent = session.finish()
    assert 'dataset="kios"' in sent
    assert check_submission(form, sent) == ()
    assert kinds(form, sent.replace('dataset="kios"', 'dataset="warga"')) == ["read-only"]
    assert kinds(form, sent.replace('create="1"', 'create="1" delete="1"')) == ["unknown"]


def test_a_sum_over_a_repeat_that_does_not_apply_does_not_keep_a_filling_from_being_sent() -> None:
    survey = """
        | survey |
        |  | type            | name    | label   | relevant         | calculation   |
        |  | select_one yn   | has     | Toko?   |                  |               |
        |  | begin_repeat    | product | Produk  | ${has} = 'yes'   |               |
        |  | integer         | price   | Harga   |                  |               |
        |  | end_repeat      |         |         |                  |               |
        |  | calculate       | total   |         |                  | sum(${price}) |
        | choices |
        |  | list_name | name | label |
        |  | yn        | yes  | Ya    |
        |  | yn        | no   | Tidak |
        | settings |
        |  | form_id | version |
        |  | toko    | 1       |
    """
    form = parse_form(convert(xlsform=survey, pretty_print=False).xform)
    session = form.start(Surroundings(seed=1))
    session.answer("/data/has", "yes")
    session.answer("/data/product[1]/price", "500")
    sent = session.finish()
    assert check_submission(form, sent) == ()
    assert [flaw.kind for flaw in check_submission(form, sent.replace("<total>500", "<total>9"))] == [
        "calculated"
    ]
    session.answer("/data/has", "no")
    assert check_submission(form, session.finish()) == ()
