"""What repeats a personal answer is as personal as the answer, by whichever way it came there."""

from __future__ import annotations

import pytest
from pyxform.xls2xform import convert

from pk_research.survey import Form, parse_form
from pk_research.survey.privacy import personal_in

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:pk="http://pabrik-kampoeng.example/form">
<h:head><h:title>Keluarga</h:title><model>
  <instance><data id="keluarga">
    <owner/><district/><workers/>
    <member jr:template=""><name/><age/></member>
    <a/><b/><c/>
    <meta><instanceID/></meta>
  </data></instance>
  {model}
  <bind nodeset="/data/owner" pk:personal="yes"/>
  <bind nodeset="/data/district" pk:personal="yes"/>
  <bind nodeset="/data/member/name" pk:personal="yes"/>
</model></h:head><h:body>
  <input ref="/data/owner">{owner}</input><input ref="/data/district"/>
  <input ref="/data/workers">{workers}</input>
  <group ref="/data/member"><repeat nodeset="/data/member">
    <input ref="/data/member/name"/><input ref="/data/member/age"/></repeat></group>
  {body}
</h:body></h:html>"""
MARKED = {"owner", "district", "name"}
VILLAGES = (
    "<instance id='villages'><list><item><name>a</name><label>A</label><of>x</of></item></list></instance>"
)


def also_personal(*, model: str = "", body: str = "", owner: str = "", workers: str = "") -> str:
    """Name the questions that are personal besides those marked."""
    form = parse_form(FORM.format(model=model, body=body, owner=owner, workers=workers))
    return " ".join(sorted({question.local for question in personal_in(form)} - MARKED))


def calculated(name: str, calculation: str) -> str:
    return f'<bind nodeset="/data/{name}" calculate="{calculation}"/>'


def chosen(name: str, nodes: str, *, value: str = "age", label: str = "age", kind: str = "select1") -> str:
    return (
        f'<{kind} ref="/data/{name}"><itemset nodeset="{nodes}"><value ref="{value}"/>'
        f'<label ref="{label}"/></itemset></{kind}>'
    )


def labelled(label: str) -> str:
    return f'<select1 ref="/data/a"><item><label>{label}</label><value>1</value></item></select1>'


def set_at(event: str, name: str, value: str) -> str:
    return f'<setvalue event="{event}" ref="/data/{name}" value="{value}"/>'


CHOICES = [
    ("the value is a name", chosen("a", "/data/member", value="name"), "a"),
    ("the label is a name", chosen("a", "/data/member", label="name"), "a"),
    ("several may be chosen", chosen("a", "/data/member", value="name", kind="select"), "a"),
    ("the value is the item itself", chosen("a", "/data/member/name", value=".", label="."), "a"),
    ("the value lies beside the item", chosen("a", "/data/member/age", value="../name"), "a"),
    ("the order is left to chance", chosen("a", "randomize(/data/member)", value="name"), "a"),
    ("a filter looks at the name", chosen("a", "/data/member[name != '']"), "a"),
    ("nothing personal is in it", chosen("a", "/data/member"), ""),
    ("nor in its filter", chosen("a", "/data/member[age &gt; 17]"), ""),
    (
        "a choice has a name in its label",
        labelled('Keluarga <output value="/data/owner"/>'),
        "a",
    ),
    (
        "a choice has no name in its label",
        labelled('<output value="/data/workers"/> orang'),
        "",
    ),
]


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in CHOICES], ids=[c[0] for c in CHOICES])
def test_who_was_chosen_is_personal_when_the_choices_are(body: str, expected: str) -> None:
    assert also_personal(body=body) == expected


def test_a_village_chosen_within_a_personal_district_tells_the_district() -> None:
    nodes = "instance('villages')/list/item[of = /data/{}]"
    village = chosen("a", nodes.format("district"), value="name", label="label")
    assert also_personal(model=VILLAGES, body=village) == "a"
    village = chosen("a", nodes.format("workers"), value="name", label="label")
    assert also_personal(model=VILLAGES, body=village) == ""


SET = [
    ("when the filling begins", {"model": set_at("odk-instance-first-load", "a", "/data/owner")}, "a"),
    ("when the name changes", {"owner": set_at("xforms-value-changed", "a", "/data/owner")}, "a"),
    ("when another answer changes", {"workers": set_at("xforms-value-changed", "a", "../owner")}, "a"),
    ("to part of it", {"workers": set_at("xforms-value-changed", "a", "substr(/data/owner, 0, 3)")}, "a"),
    ("to something else", {"owner": set_at("xforms-value-changed", "a", "/data/workers")}, ""),
    ("to the number of members", {"workers": set_at("xforms-value-changed", "a", "count(/data/member)")}, ""),
    (
        "to fixed words",
        {"owner": '<setvalue event="xforms-value-changed" ref="/data/a">asked</setvalue>'},
        "",
    ),
]


@pytest.mark.parametrize(("parts", "expected"), [case[1:] for case in SET], ids=[case[0] for case in SET])
def test_a_value_set_from_a_personal_answer_is_personal(parts: dict[str, str], expected: str) -> None:
    assert also_personal(**parts) == expected


COPIED = [
    ("indexed-repeat(/data/member/name, /data/member, 1)", "a"),
    ("join(', ', /data/member/name)", "a"),
    ("once(/data/owner)", "a"),
    ("if(/data/workers &gt; 1, /data/owner, '')", "a"),
    ("string(/data/member[1]/name)", "a"),
    ("join(', ', /data/member)", "a"),
    ("string((/data/member)[1])", "a"),
    ("concat(/data/*, '')", "a"),
    ("(/data/member)[1]/age", ""),
    ("indexed-repeat(/data/member/age, /data/member, 1)", ""),
    ("count(/data/member)", ""),
    ("count(/data/member[name != ''])", "a"),
    ("if(not(/data/member), 0, count-non-empty(/data/member/age))", ""),
    ("sum(/data/member/age)", ""),
]


@pytest.mark.parametrize(("calculation", "expected"), COPIED)
def test_a_calculation_that_gives_a_personal_answer_is_personal(calculation: str, expected: str) -> None:
    assert also_personal(model=calculated("a", calculation)) == expected


def test_the_label_of_a_choice_is_personal_where_it_cannot_be_told_of_which_question() -> None:
    told = calculated("b", "jr:choice-name(/data/workers, concat('/data', '/a'))")
    personal = labelled('Keluarga <output value="/data/owner"/>')
    assert also_personal(model=told, body=personal) == "a b"
    assert also_personal(model=told, body=labelled("Keluarga")) == ""


def test_ways_follow_one_another_to_the_end() -> None:
    """A member is chosen, an action copies the choice, a calculation greets with the copy."""
    chain = {
        "body": chosen("a", "/data/member", value="name"),
        "workers": set_at("xforms-value-changed", "b", "/data/a"),
        "model": calculated("c", "concat('Pak ', /data/b)"),
    }
    assert also_personal(**chain) == "a b c"
    around = {
        "model": calculated("a", "/data/owner"),
        "workers": set_at("xforms-value-changed", "b", "/data/a"),
        "body": chosen("c", "/data/member[age = /data/b]"),
    }
    assert also_personal(**around) == "a b c"


def test_a_question_asked_only_because_of_a_personal_answer_is_not() -> None:
    assert also_personal(model='<bind nodeset="/data/a" relevant="/data/owner != \'\'"/>') == ""


def from_table(survey: str) -> Form:
    return parse_form(convert(xlsform=survey, pretty_print=False).xform)


def test_a_spreadsheet_gives_the_same() -> None:
    form = from_table("""
        | survey |
        |  | type                   | name     | label            | bind::pk:personal | calculation                   | trigger | default |
        |  | text                   | owner    | Nama             | yes               |                               |         |         |
        |  | begin_repeat           | member   | Anggota          |                   |                               |         |         |
        |  | text                   | nick     | Panggilan        | yes               |                               |         |         |
        |  | end_repeat             |          |                  |                   |                               |         |         |
        |  | select_one ${nick}     | speaker  | Siapa menjawab?  |                   |                               |         |         |
        |  | text                   | kept     | Nama lagi        |                   | ${owner}                      | ${owner} |        |
        |  | text                   | filled   | Nama lagi        |                   |                               |         | ${owner} |
        |  | select_one whose       | house    | Rumah siapa?     |                   |                               |         |         |
        |  | calculate              | said     |                  |                   | jr:choice-name(${house}, '${house}') |  |         |
        |  | select_one yn          | licensed | Berizin?         |                   |                               |         |         |
        | choices |
        |  | list_name | name | label          |
        |  | whose     | own  | Rumah ${owner} |
        |  | whose     | rent | Sewa           |
        |  | yn        | yes  | Ya             |
        | settings |
        |  | form_id  | version | namespaces                                     |
        |  | keluarga | 1       | pk="http://pabrik-kampoeng.example/form" |
    """)  # noqa: E501 - a table
    assert {question.local for question in personal_in(form)} == {
        "owner", "nick", "speaker", "kept", "filled", "house", "said",
    }  # fmt: skip
