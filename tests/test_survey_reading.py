"""Reading a form: what is accepted, and how a fault is told."""

from __future__ import annotations

import pytest

from pk_research.errors import BadInput
from pk_research.survey import Form, files_beside, parse_form


def xform(data: str, binds: str = "", body: str = "", model: str = "") -> str:
    """A form around its interesting parts."""
    return f"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
      xmlns:jr="http://openrosa.org/javarosa" xmlns:odk="http://www.opendatakit.org/xforms">
      <h:head><h:title>Form</h:title><model><instance><data id="f" version="3">{data}</data></instance>
      {model}{binds}</model></h:head><h:body>{body}</h:body></h:html>"""


def read(*parts: str, **options: object) -> Form:
    return parse_form(xform(*parts), **options)


def faults_of(*parts: str) -> list[str]:
    with pytest.raises(BadInput) as error:
        read(*parts)
    return [str(problem) for problem in error.value.problems]


def test_a_form_knows_who_it_is() -> None:
    form = read("<a/>")
    assert (form.title, form.identifier, form.version) == ("Form", "f", "3")


def test_every_fault_is_told_at_once() -> None:
    faults = faults_of(
        "<a/><b/>",
        '<bind nodeset="/data/a" calculate="1 +"/>'
        '<bind nodeset="/data/b" relevant="nosuch(1)" constraint="round()"/>',
    )
    assert len(faults) == 3
    assert faults[0].startswith("form, /data/a, calculate: the expression cannot be read")
    assert "there is no function nosuch()" in faults[1]
    assert "round() does not take 0 arguments" in faults[2]


def test_calculations_in_a_circle_are_refused() -> None:
    (fault,) = faults_of(
        "<a/><b/><c/>",
        '<bind nodeset="/data/a" calculate="/data/c + 1"/><bind nodeset="/data/b" calculate="/data/a + 1"/>'
        '<bind nodeset="/data/c" calculate="/data/b + 1"/>',
    )
    assert "its calculation depends on itself: /data/a -> /data/b -> /data/c" in fault
    assert fault.endswith("Remove one of these references.")


def test_a_calculation_may_look_at_another_instance_of_its_repeat() -> None:
    read(
        "<r><x/></r>",
        '<bind nodeset="/data/r/x" calculate="sum(/data/r[position() &lt; position(current()/..)]/x) + 1"/>',
        '<repeat nodeset="/data/r"/>',
    )


def test_what_looks_wrong_but_runs_is_told_too() -> None:
    form = read(
        "<a/>",
        '<bind nodeset="/data/zzz" required="true()"/>'
        '<bind nodeset="/data/a" relevant="/data/missing = 1" constraint="instance(\'gone\')/list/item"/>',
        '<input ref="/data/a" appearance="sparkling"/><input ref="/data/other"/>',
    )
    told = "\n".join(form.doubts)
    assert "a rule is given for /data/zzz, but the form has no such question" in told
    assert "the form has no question /data/missing" in told
    assert "there is no list 'gone'" in told
    assert "the appearance 'sparkling' is not known" in told
    assert "a question is shown for /data/other" in told


def test_a_missing_file_is_a_fault_unless_it_may_be() -> None:
    model = '<instance id="villages" src="jr://file-csv/villages.csv"/>'
    (fault,) = faults_of("<a/>", "", "", model)
    assert "the file 'villages.csv' is not there" in fault
    read("<a/>", "", "", model, missing_lists_are_empty=True)


def test_files_beside_a_form_are_found_by_name_only(tmp_path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "villages.csv").write_text("name,label\n1,Satu\n")
    (tmp_path / "secret.csv").write_text("name\n1\n")
    find = files_beside(tmp_path / "media")
    assert find("jr://file-csv/villages.csv").startswith(b"name")
    assert find("jr://file-csv/villages.csv.csv").startswith(b"name")  # from pulldata('villages.csv', ...)
    assert find("jr://file-csv/../secret.csv") is None


@pytest.mark.parametrize(
    ("xml", "what"),
    [
        ("<a><b></a>", "it is not well-formed XML"),
        ("", "it is not well-formed XML"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "it declares a document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "it declares a document type"),
        ("<x:a/>", "the prefix 'x' is not declared"),
        ("<a>" * 300 + "</a>" * 300, "nested more than 200 deep"),
        ("<html/>", "there is no <head> in it"),
    ],
)
def test_hostile_or_broken_xml_is_refused_in_a_sentence(xml: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        parse_form(xml)


def test_an_unknown_submission_method_is_refused() -> None:
    (fault,) = faults_of("<a/>", "", "", '<submission method="shout"/>')
    assert "the method 'shout' is not known" in fault


def test_unknown_events_are_refused() -> None:
    (fault,) = faults_of("<a/>", "", "", '<setvalue event="on-tuesday" ref="/data/a">1</setvalue>')
    assert "there is no event on-tuesday" in fault
