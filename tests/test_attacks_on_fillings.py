"""Fillings that are small and legal XML, and would keep a server busy for hours."""

from __future__ import annotations

import time

import pytest
from pyxform.xls2xform import convert

from pk_research.errors import BadInput
from pk_research.store import fillings
from pk_research.store.refusals import Refused
from pk_research.survey import Form, parse_form
from pk_research.survey.check import MAX_NODES, check_submission
from pk_research.survey.markup import read_xml

FORM = """
| survey |
|  | type         | name  | label  | required | calculation |
|  | begin_repeat | item  | Barang |          |             |
|  | text         | name  | Nama   | yes      |             |
|  | integer      | n     | Jumlah |          |             |
|  | calculate    | twice |        |          | ${n} * 2    |
|  | end_repeat   |       |        |          |             |
|  | calculate    | total |        |          | sum(${n})   |
| settings |
|  | form_id | version | form_title |
|  | toko    | 1       | Toko       |
"""
N_ITEMS = 20_000
ATTRIBUTES = "".join(f' x{n}=""' for n in range(50_000))
PREFIXES = "".join(f' xmlns:n{n}="u"' for n in range(150))
BOMBS = {
    "attributes": f"<a{ATTRIBUTES}/>",
    "prefixes": f"<a{PREFIXES}>{'<b/>' * 1000}</a>",
    "prefixes of many elements": "".join(f'<a xmlns:n{n}="u">' for n in range(150)) + "</a>" * 150,
    "depth": "<a>" * 100_000,
    "elements": f"<a>{'<b/>' * MAX_NODES}</a>",
    "comments": f"<a>{'<!---->' * MAX_NODES}</a>",
    "instructions": f"<a>{'<?b?>' * MAX_NODES}</a>",
    "texts": f"<a>{'<![CDATA[x]]>' * MAX_NODES}</a>",
    "entities": '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
}


@pytest.fixture(scope="module")
def form() -> Form:
    return parse_form(convert(xlsform=FORM, pretty_print=False).xform)


@pytest.mark.parametrize("name", BOMBS)
def test_a_filling_that_explodes_is_refused_at_once(name):
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        fillings.read_filling(BOMBS[name])
    assert time.monotonic() - began < 30
    assert [flaw.kind for flaw in refused.value.flaws] == ["unreadable"]


@pytest.mark.parametrize("name", BOMBS)
def test_a_check_reports_it_as_one_that_cannot_be_read(form, name):
    assert [flaw.kind for flaw in check_submission(form, BOMBS[name])] == ["unreadable"]


def test_a_form_may_be_as_large_as_it_is(form):
    assert len(read_xml(BOMBS["elements"]).element.elements()) == MAX_NODES
    with pytest.raises(BadInput):
        read_xml(BOMBS["attributes"])


@pytest.mark.parametrize(
    ("item", "n_flaws"),
    [
        ("<item><name>a</name><n>1</n><twice>2</twice></item>", 0),
        ("<item><name/><n>1</n><twice>2</twice></item>", N_ITEMS),
        ("<item><name>a</name><n>1</n><twice>3</twice><other/></item>", 2 * N_ITEMS),
    ],
    ids=["in order", "unanswered", "forged"],
)
def test_a_long_filling_takes_as_long_as_it_is_long(form, item, n_flaws):
    total = f"<total>{N_ITEMS}</total><meta><instanceID>uuid:1</instanceID></meta>"
    began = time.monotonic()
    flaws = check_submission(form, f'<data id="toko" version="1">{item * N_ITEMS}{total}</data>')
    assert time.monotonic() - began < 60  # it took two minutes and more when each path was counted out anew
    assert len(flaws) == n_flaws
