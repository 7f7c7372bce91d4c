"""Filling a form: an answer, and everything that follows from it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research.errors import BadInput, NotFound
from pk_research.survey import Form, Session, Surroundings, parse_form

HEAD = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:odk="http://www.opendatakit.org/xforms"
  xmlns:orx="http://openrosa.org/xforms">"""

HOUSEHOLD = f"""{HEAD}<h:head><h:title>Household</h:title><model>
  <itext>
    <translation lang="Bahasa Indonesia (id)" default="true()">
      <text id="age"><value>Umur <output value="../name"/>?</value></text>
      <text id="yes"><value>Ya</value></text>
    </translation>
    <translation lang="English (en)">
      <text id="age"><value>Age of <output value="../name"/>?</value></text>
      <text id="yes"><value>Yes</value></text>
    </translation>
  </itext>
  <instance><data id="household">
    <size/><adults/><member jr:template=""><name/><age/><school/><number/></member>
    <comment>none</comment><orx:meta><orx:instanceID/></orx:meta>
  </data></instance>
  <bind nodeset="/data/size" type="int" required="true()" constraint=". &gt; 0 and . &lt; 20"
        jr:constraintMsg="Between 1 and 19"/>
  <bind nodeset="/data/adults" type="int" calculate="count(/data/member[age &gt;= 18])"/>
  <bind nodeset="/data/member/age" type="int" required="true()"/>
  <bind nodeset="/data/member/school" relevant="../age &lt; 18"/>
  <bind nodeset="/data/member/number" type="int" calculate="position(..)"/>
  <bind nodeset="/data/comment" readonly="/data/adults = 0"/>
  <bind nodeset="/data/orx:meta/orx:instanceID" jr:preload="uid"/>
</model></h:head><h:body>
  <input ref="/data/size"><label>How many?</label></input>
  <group ref="/data/member"><label>Member</label>
    <repeat nodeset="/data/member">
      <input ref="/data/member/name"/>
      <input ref="/data/member/age"><label ref="jr:itext('age')"/></input>
      <select1 ref="/data/member/school"><item><label ref="jr:itext('yes')"/><value>y</value></item></select1>
    </repeat>
  </group>
  <input ref="/data/comment"/>
</h:body></h:html>"""

CASCADE = f"""{HEAD}<h:head><h:title>Place</h:title><model>
  <instance><data id="place"><kec/><desa/><name/></data></instance>
  <instance id="desa"><list>
    <item><id>d1</id><label>Babelan Kota</label><kec>k1</kec></item>
    <item><id>d2</id><label>Kedung Pengawas</label><kec>k1</kec></item>
    <item><id>d3</id><label>Sukadarma</label><kec>k2</kec></item>
  </list></instance>
  <bind nodeset="/data/name" calculate="jr:choice-name(/data/desa, '/data/desa')"/>
</model></h:head><h:body>
  <select1 ref="/data/kec"><item><label>Babelan</label><value>k1</value></item>
    <item><label>Sukatani</label><value>k2</value></item></select1>
  <select1 ref="/data/desa"><itemset nodeset="instance('desa')/list/item[kec = /data/kec]">
    <value ref="id"/><label ref="label"/></itemset></select1>
</h:body></h:html>"""


@pytest.fixture(scope="module")
def household() -> Form:
    return parse_form(HOUSEHOLD)


def start(form: Form) -> Session:
    return form.start(Surroundings(seed=1, clock=lambda: datetime(2026, 5, 17, tzinfo=UTC)))


def test_what_does_not_apply_is_hidden_and_not_sent(household: Form) -> None:
    session = start(household)
    session.add_repeat("/data/member")
    session.answer("/data/member[1]/age", "12")
    session.answer("/data/member[1]/school", "y")
    assert "<school>y</school>" in session.to_xml()
    session.answer("/data/member[1]/age", "40")
    assert session.value("/data/member[1]/school") == ""
    assert "<school>" not in session.to_xml()
    session.answer("/data/member[1]/age", "12")
    assert session.value("/data/member[1]/school") == "y", "an answer comes back when it applies again"


def test_a_change_names_what_is_to_be_shown_anew(household: Form) -> None:
    session = start(household)
    session.add_repeat("/data/member")
    session.add_repeat("/data/member")
    answered = session.answer("/data/member[2]/age", "30")
    assert set(answered.paths) == {"/data/member[2]/age", "/data/adults", "/data/comment"}
    named = session.answer("/data/member[2]/name", "Siti")
    assert named.paths == ("/data/member[2]/name", "/data/member[2]/age")  # whose label says the name


def test_repeats_keep_their_numbers(household: Form) -> None:
    session = start(household)
    for name in ("Ani", "Budi", "Citra"):
        session.add_repeat("/data/member")
        session.answer(f"/data/member[{session.count('/data/member')}]/name", name)
    assert session.remove_repeat("/data/member[1]").structure
    members = [(v.value, v.path) for v in session.nodes() if v.path.endswith("/name")]
    assert members == [("Budi", "/data/member[1]/name"), ("Citra", "/data/member[2]/name")]
    assert [session.value(f"/data/member[{n}]/number") for n in (1, 2)] == ["1", "2"]
    session.add_repeat("/data/member", at=1)
    assert session.value("/data/member[2]/name") == "Budi"
    assert session.value("/data/member[2]/number") == "2"


def test_rules_are_told_in_the_forms_words(household: Form) -> None:
    session = start(household)
    (missing,) = session.problems()
    assert (missing.path, missing.rule) == ("/data/size", "required")
    assert missing.message.text("id") == "Pertanyaan ini harus dijawab."
    session.answer("/data/size", "25")
    (broken,) = session.problems()
    assert broken.message.text("id") == "Between 1 and 19"
    session.answer("/data/size", "4")
    assert session.problems() == []


def test_labels_follow_language_and_answers(household: Form) -> None:
    session = start(household)
    session.add_repeat("/data/member")
    session.answer("/data/member[1]/name", "Siti")
    assert session.view("/data/member[1]/age").label.words == "Umur Siti?"
    session.set_language("English (en)")
    assert session.view("/data/member[1]/age").label.words == "Age of Siti?"
    with pytest.raises(NotFound, match="the form has no such language"):
        session.set_language("Basa Sunda (su)")


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/data/nothing", NotFound),
        ("/data/member[1]/name", NotFound),
        ("/elsewhere", NotFound),
        ("", NotFound),
        ("/data", BadInput),
        ("/data/comment", BadInput),
    ],
)
def test_what_cannot_be_answered_is_refused(household: Form, path: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        start(household).answer(path, "1")


@pytest.mark.parametrize(
    ("given", "kept"), [("4", "4"), (" 4 ", "4"), ("4.7", "4"), ("four", ""), ("", ""), (4, "4"), (None, "")]
)
def test_an_answer_is_kept_as_its_type_keeps_it(household: Form, given: object, kept: str) -> None:
    session = start(household)
    session.answer("/data/size", given)
    assert session.value("/data/size") == kept


def test_choices_follow_other_answers() -> None:
    session = start(parse_form(CASCADE))
    assert session.choices("/data/desa") == []
    session.answer("/data/kec", "k1")
    assert [choice.label for choice in session.choices("/data/desa")] == ["Babelan Kota", "Kedung Pengawas"]
    session.answer("/data/desa", "d2")
    assert session.value("/data/name") == "Kedung Pengawas"
    session.answer("/data/kec", "k2")
    assert session.value("/data/desa") == "", "a choice no longer on offer is dropped"
    session.answer("/data/desa", "d1")
    assert session.value("/data/desa") == "", "and cannot be chosen"


def test_a_filling_goes_on_where_it_was_left(household: Form) -> None:
    session = start(household)
    session.answer("/data/size", "2")
    for age in ("30", "9"):
        session.add_repeat("/data/member")
        session.answer(f"/data/member[{session.count('/data/member')}]/age", age)
    restored = household.start(instance=session.to_xml())
    assert restored.to_xml() == session.to_xml()


def test_an_edit_replaces_what_was_sent(household: Form) -> None:
    sent = start(household)
    first = sent.value("/data/orx:meta/orx:instanceID")
    edited = household.start(Surroundings(seed=2), instance=sent.to_xml(), origin="edited")
    assert edited.value("/data/orx:meta/orx:deprecatedID") == first
    assert edited.value("/data/orx:meta/orx:instanceID") not in ("", first)
    assert [child.name for child in household.paths["/data/orx:meta"].children] == ["orx:instanceID"]


TIMED = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Desa</h:title><model><instance>
  <data id="desa"><end/><kk/></data></instance>
  <bind nodeset="/data/end" type="dateTime" jr:preload="timestamp" jr:preloadParams="end"/>
  <bind nodeset="/data/kk" type="int"/></model></h:head><h:body><input ref="/data/kk"/></h:body></h:html>"""


@pytest.mark.parametrize(
    ("origin", "day"), [("restored", 25), ("edited", 20), ("corrected", 20), ("new", 25)]
)
def test_what_was_sent_keeps_the_time_it_was_finished(origin: str, day: int) -> None:
    """Edited days later, an interview must not look as if it had taken days."""
    form = parse_form(TIMED)
    sent = "<data id='desa'><end>2026-11-20T10:10:00.000+07:00</end><kk>4</kk></data>"
    later = Surroundings(clock=lambda: datetime(2026, 11, 25, 3, tzinfo=UTC))
    session = form.start(later, instance=None if origin == "new" else sent, origin=origin)
    session.answer("/data/kk", "5")
    session.finish()
    assert session.value("/data/end").startswith(f"2026-11-{day}T")


def test_what_was_never_finished_gets_its_time_even_when_it_is_corrected() -> None:
    session = parse_form(TIMED).start(instance="<data id='desa'><kk>4</kk></data>", origin="corrected")
    session.finish()
    assert session.value("/data/end")


def test_a_sum_of_nothing_is_kept_as_the_dialect_has_it_and_shown_as_a_dash() -> None:
    form = parse_form(
        """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
      <h:head><h:title>Desa</h:title><model><instance><data id="desa"><kk/><total/><told/></data></instance>
      <bind nodeset="/data/total" calculate="number('satu') + 1"/>
      <bind nodeset="/data/told" readonly="true()"/></model></h:head><h:body><input ref="/data/kk"/>
      <input ref="/data/told"><label>Jumlah: <output value="/data/total"/> jiwa</label></input>
      </h:body></h:html>"""
    )
    session = form.start()
    assert session.value("/data/total") == "NaN"
    assert session.view("/data/told").label.words == "Jumlah: — jiwa"


@pytest.mark.parametrize("typed", ["a\rb", "a\r\nb", "tab\there\nline"])
def test_an_answer_is_read_back_letter_for_letter(household: Form, typed: str) -> None:
    session = start(household)
    session.add_repeat("/data/member")
    session.answer("/data/member[1]/name", typed)
    again = household.start(instance=session.to_xml().encode())
    assert again.value("/data/member[1]/name") == typed


def test_the_same_seed_gives_the_same_bytes(household: Form) -> None:
    assert start(household).to_xml() == start(household).to_xml()


def test_another_forms_answers_are_refused(household: Form) -> None:
    with pytest.raises(BadInput, match="Open them with the form they were given to"):
        household.start(instance="<other/>")


def test_a_failing_expression_is_told_and_harms_nothing() -> None:
    form = parse_form(
        f"""{HEAD}<h:head><h:title>T</h:title><model><instance><data id="t"><a/><b/></data></instance>
        <bind nodeset="/data/b" calculate="regex(/data/a, /data/a)"/></model></h:head>
        <h:body><input ref="/data/a"/></h:body></h:html>"""
    )
    session = start(form)
    session.answer("/data/a", "(")
    (error,) = session.errors
    assert "/data/b" in error.text("en")
    assert "cannot be read" in error.text("en")


ANSWERS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.none(), st.none()),
        st.tuples(st.just("remove"), st.integers(1, 4), st.none()),
        st.tuples(
            st.sampled_from(["age", "name", "school"]),
            st.integers(1, 4),
            st.sampled_from(["", "y", "5", "40"]),
        ),
    ),
    max_size=25,
)


@given(ANSWERS)
@settings(max_examples=60, deadline=None)
def test_small_steps_end_where_the_long_way_round_ends(household: Form, steps: list[tuple]) -> None:
    session = start(household)
    for what, number, answer in steps:
        if what == "add":
            session.add_repeat("/data/member")
        elif number <= session.count("/data/member"):
            if what == "remove":
                session.remove_repeat(f"/data/member[{number}]")
            elif session.view(f"/data/member[{number}]/{what}").is_relevant:
                session.answer(f"/data/member[{number}]/{what}", answer)
    stepwise = session.nodes()
    session.recalculate()
    assert session.nodes() == stepwise
    assert household.start(Surroundings(seed=1), instance=session.to_xml()).to_xml() == session.to_xml()


def test_a_count_beyond_reason_is_cut_off_and_told():
    form = parse_form(
        """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
      xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Desa</h:title><model><instance>
      <data id="desa"><n/><unit jr:template=""><name/></unit></data></instance>
      <bind nodeset="/data/n" type="int"/></model></h:head><h:body><input ref="/data/n"/>
      <group ref="/data/unit"><repeat nodeset="/data/unit" jr:count="/data/n">
      <input ref="/data/unit/name"/></repeat></group></h:body></h:html>"""
    )
    session = form.start()
    session.answer("/data/n", "100000")
    assert session.count("/data/unit") == 500
    assert [error.text("en") for error in session.errors] == [
        "/data/unit, count: 100000 is more than 500 times"
    ]
    session.answer("/data/n", "3")
    assert session.count("/data/unit") == 3
    assert session.errors == []
