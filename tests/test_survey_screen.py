"""A form as plain data: what is drawn, and what typing does to it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from pk_research.errors import NotFound
from pk_research.survey import Form, Surroundings, check_submission, parse_form
from pk_research.survey.screen import Filling
from pk_research.survey.screen.markdown import safe_html

SURVEY = """
| survey |
| | type                  | name    | label::id     | label::en   | hint::id   | relevant      | required |
| | text                  | village | Desa          | Village     | Nama resmi |               | yes      |
| | begin group           | trade   | Usaha         | Trade       |            |               |          |
| | integer               | stalls  | Jumlah kios   | Stalls      |            |               |          |
| | select_one yesno      | sells   | Menjual?      | Sells?      |            | ${stalls} > 0 |          |
| | select_multiple yesno | which   | Yang mana     | Which       |            | ${sells}='y'  |          |
| | note                  | told    | Ada ${stalls} | ${stalls}   |            |               |          |
| | end group             |         |               |             |            |               |          |
| | begin repeat          | member  | Anggota       | Member      |            |               |          |
| | text                  | name    | Nama          | Name        |            |               |          |
| | end repeat            |         |               |             |            |               |          |
| choices |
| | list_name | name | label::id | label::en |
| | yesno     | y    | Ya        | Yes       |
| | yesno     | n    | Tidak     | No        |
| settings |
| | form_title | form_id | version | default_language | name  |
| | Pasar      | pasar   | 1       | id               | pasar |
"""


@pytest.fixture(scope="module")
def form() -> Form:
    return parse_form(convert(xlsform=SURVEY, pretty_print=False).xform)


def begin(form: Form) -> Filling:
    return Filling.begin(form, surroundings=Surroundings(seed=7))


def nodes(tree: dict) -> Iterator[dict]:
    yield tree
    for child in tree.get("children") or []:
        yield from nodes(child)


def node(filling: Filling, path: str) -> dict:
    return next(one for one in nodes(filling.screen()["tree"]) if one["path"] == path)


def answer(number: int, path: str, value: str) -> dict:
    return {"n": number, "op": "answer", "path": path, "value": value}


def test_pages_are_the_outermost_groups_and_repeats_with_loose_questions_gathered(form):
    assert begin(form).screen()["pages"] == ["/pasar#1", "/pasar/trade", "/pasar/member"]


def test_a_question_says_all_that_is_needed_to_draw_it(form):
    drawn = node(begin(form), "/pasar/village")
    assert drawn["kind"] == "question"
    assert drawn["control"] == "text"
    assert drawn["label"]["text"] == "Desa"
    assert drawn["hint"] == "Nama resmi"
    assert drawn["required"]
    assert drawn["violation"] == {"rule": "required", "message": "Pertanyaan ini harus dijawab."}


def test_an_answer_brings_back_what_depends_on_it_and_nothing_else(form):
    filling = begin(form)
    patch = filling.apply("a", [answer(1, "/pasar/trade/stalls", "4")])
    assert patch["tree"] is None
    assert set(patch["nodes"]) == {"/pasar/trade/stalls", "/pasar/trade/sells", "/pasar/trade/told"}
    assert patch["nodes"]["/pasar/trade/sells"]["relevant"]
    assert [choice["label"] for choice in patch["nodes"]["/pasar/trade/sells"]["choices"]] == ["Ya", "Tidak"]
    assert patch["nodes"]["/pasar/trade/told"]["label"]["text"] == "Ada 4"
    assert patch["progress"] == {"answered": 1, "asked": 4}


def test_an_answer_the_form_does_not_allow_does_not_count_as_answered():
    table = "| survey |\n| | type | name | label | constraint |\n| | integer | age | Umur | . < 120 |"
    form = parse_form(convert(xlsform=table, pretty_print=False).xform)
    path = f"{form.root.path}/age"
    filling = begin(form)
    assert filling.apply("a", [answer(1, path, "150")])["progress"] == {"answered": 0, "asked": 1}
    assert filling.apply("a", [answer(2, path, "50")])["progress"] == {"answered": 1, "asked": 1}


@pytest.mark.parametrize(
    ("rule", "when"),
    [
        ("${s} = 'y'", ["=", "/r/s", "y"]),
        ("${n} > 3", [">", "/r/n", 3.0]),
        (
            "selected(${m}, 'y') and not(${s} = 'n')",
            ["and", ["selected", "/r/m", "y"], ["not", ["=", "/r/s", "n"]]],
        ),
        (
            "${s} = 'y' or ${n} = 1 or ${n} = 2",
            ["or", ["=", "/r/s", "y"], ["=", "/r/n", 1.0], ["=", "/r/n", 2.0]],
        ),
        ("${c} = 'y'", None),
        ("${s} = ${m}", None),
        ("3 < ${n}", None),
        ("${n} > 'b'", None),
        ("${n} + 1 = 2", None),
        ("${s} = 'y' and ${n} = 1 or ${n} = 2 + 0", None),
        ("count(${v}) = 1", None),
        ("${v} = 'x'", None),
    ],
)
def test_the_browser_is_told_the_rules_it_can_follow_by_itself(rule: str, when: list | None):
    """A calculation, two answers compared, and several answers at once are left to the server."""
    survey = f"""
| survey |
| | type                  | name | label | relevant | calculation |
| | select_one yesno      | s    | S     |          |             |
| | select_multiple yesno | m    | M     |          |             |
| | integer               | n    | N     |          |             |
| | calculate             | c    |       |          | ${{s}}      |
| | begin repeat          | w    | W     |          |             |
| | text                  | v    | V     |          |             |
| | end repeat            |      |       |          |             |
| | begin repeat          | w2   | W     |          |             |
| | text                  | v2   | V     |          |             |
| | end repeat            |      |       |          |             |
| | text                  | q    | Q     | {rule}   |             |
| choices |
| | list_name | name | label |
| | yesno     | y    | Ya    |
| settings |
| | form_id | version | name |
| | r       | 1       | r    |
"""
    filling = begin(parse_form(convert(xlsform=survey, pretty_print=False).xform))
    filling.apply("a", [{"n": 1, "op": "add", "path": "/r/w"}])
    assert node(filling, "/r/q")["when"] == when


def test_another_language_draws_everything_anew_and_the_house_follows(form):
    filling = begin(form)
    patch = filling.apply("a", [{"n": 1, "op": "language", "value": "en"}])
    assert patch["language"] == "en"
    village = next(one for one in nodes(patch["tree"]) if one["path"] == "/pasar/village")
    assert village["label"]["text"] == "Village"
    assert village["violation"]["message"] == "This question needs an answer."


def test_instances_come_and_go(form):
    filling = begin(form)
    patch = filling.apply(
        "a",
        [
            {"n": 1, "op": "add", "path": "/pasar/member"},
            answer(2, "/pasar/member[1]/name", "Siti"),
            answer(3, "/pasar/member[2]/name", "Budi"),
            {"n": 4, "op": "remove", "path": "/pasar/member[1]"},
        ],
    )
    repeat = next(one for one in nodes(patch["tree"]) if one["path"] == "/pasar/member")
    assert (repeat["kind"], repeat["controlled"], repeat["count"]) == ("repeat", False, 1)
    assert filling.session.value("/pasar/member[1]/name") == "Budi"


def test_what_was_typed_under_a_question_that_no_longer_applies_is_kept_in_the_draft_only(form):
    filling = begin(form)
    filling.apply(
        "a",
        [
            answer(1, "/pasar/village", "Sukamaju"),
            answer(2, "/pasar/trade/stalls", "4"),
            answer(3, "/pasar/trade/sells", "y"),
            answer(4, "/pasar/trade/stalls", "0"),
        ],
    )
    assert "<sells>y</sells>" in filling.snapshot()
    restored = Filling.restore(
        form, filling.snapshot(), json.loads(json.dumps(filling.state())), Surroundings()
    )
    restored.apply("b", [answer(1, "/pasar/trade/stalls", "2")])
    assert restored.session.value("/pasar/trade/sells") == "y"
    assert "sells" not in filling.finish()
    assert check_submission(form, filling.finish()) == ()


OPERATIONS = [
    answer(1, "/pasar/village", "Sukamaju"),
    answer(2, "/pasar/trade/stalls", "4"),
    {"n": 3, "op": "add", "path": "/pasar/member"},
    answer(4, "/pasar/trade/sells", "y"),
    answer(5, "/pasar/member[2]/name", "Budi"),
    {"n": 6, "op": "page", "value": "/pasar/member"},
    answer(7, "/pasar/trade/which", "n y"),
    answer(8, "/pasar/trade/stalls", "7"),
]


@given(st.lists(st.integers(1, len(OPERATIONS)), max_size=12))
@settings(max_examples=40, deadline=None)
def test_batches_lost_and_sent_again_end_in_the_same_answers(ends):
    form = parse_form(convert(xlsform=SURVEY, pretty_print=False).xform)
    once, again = begin(form), begin(form)
    once.apply("a", OPERATIONS)
    done = 0
    for end in [*ends, len(OPERATIONS)]:
        # The client repeats everything from the last answer it is sure of, which may be long past.
        again.apply("a", OPERATIONS[: max(done, end)])
        done = max(done, end)
    assert again.snapshot() == once.snapshot()
    assert again.state() == once.state()
    assert again.screen() == once.screen()


def test_a_restored_filling_looks_as_it_was_left(form):
    filling = begin(form)
    filling.apply("a", OPERATIONS)
    restored = Filling.restore(form, filling.snapshot(), filling.state(), Surroundings(seed=7))
    assert restored.screen() == filling.screen()


@pytest.mark.parametrize(
    "operation",
    [
        {"n": 1, "op": "answer", "path": "/pasar/nothing", "value": "x"},
        {"n": 1, "op": "answer", "path": "/pasar/village", "value": "x" * 200_000},
        {"n": 1, "op": "answer", "path": "/pasar/village", "value": ["list"]},
        {"n": 1, "op": "answer", "path": 7, "value": "x"},
        {"n": 1, "op": "answer", "path": "/pasar/trade", "value": "x"},
        {"n": 1, "op": "remove", "path": "/pasar/member[9]"},
        {"n": 1, "op": "remove", "path": "/pasar"},
        {"n": 1, "op": "add", "path": "/pasar/village"},
        {"n": 1, "op": "language", "value": "Klingon"},
        {"n": 1, "op": "drop table"},
        {"n": True, "op": "answer", "path": "/pasar/village", "value": "x"},
        {"n": -4, "op": "answer", "path": "/pasar/village", "value": "x"},
        {"op": "answer"},
        "answer",
        None,
    ],
)
def test_what_makes_no_sense_is_told_and_the_rest_is_done(form, operation):
    filling = begin(form)
    patch = filling.apply("a", [operation, answer(2, "/pasar/village", "Sukamaju")])
    assert len(patch["errors"]) == 1
    assert filling.session.value("/pasar/village") == "Sukamaju"
    assert patch["applied"] == {"a": 2}
    json.dumps(patch)


def test_a_visitor_cannot_invent_clients_without_end(form):
    filling = begin(form)
    for number in range(150):
        filling.apply(f"client-{number}", [answer(1, "/pasar/village", str(number))])
    assert len(filling.state()["applied"]) == 100


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**Penting** dan _halus_", "<strong>Penting</strong> dan <em>halus</em>"),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
        ("# Judul\n- satu\n- dua", "<strong>Judul</strong><br>• satu<br>• dua"),
        (
            "[situs](https://desa.example/a_b_c)",
            '<a href="https://desa.example/a_b_c" rel="noopener noreferrer" target="_blank">situs</a>',
        ),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ('<span style="color:red">merah</span>', "merah"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ('[a](https://x"onmouseover="y)', "[a](https://x&quot;onmouseover=&quot;y)"),
    ],
)
def test_labels_keep_their_emphasis_and_lose_all_other_markup(text, html):
    assert safe_html(text) == html


def test_an_answer_shown_in_a_label_cannot_become_markup():
    markdown = """
| survey |
| | type | name | label          |
| | text | who  | Nama           |
| | note | hi   | Halo ${who}    |
"""
    filling = begin(parse_form(convert(xlsform=markdown, pretty_print=False).xform))
    root = filling.session.form.root.path
    patch = filling.apply("a", [answer(1, f"{root}/who", "<img src=x onerror=alert(1)>")])
    assert patch["nodes"][f"{root}/hi"]["label"]["text"] == "Halo &lt;img src=x onerror=alert(1)&gt;"


def country(n: int) -> Form:
    rows = "\n".join(f"{3200000000 + number},Desa {number}" for number in range(n))
    markdown = """
| survey |
| | type                             | name         | label | appearance   |
| | select_one_from_file villages.csv | village_code | Desa  | autocomplete |
"""
    return parse_form(
        convert(xlsform=markdown, pretty_print=False).xform,
        resource=lambda _: f"name,label\n{rows}\n".encode(),
    )


def test_a_long_list_is_named_by_its_hash_and_sent_once():
    form = country(2_000)
    filling = begin(form)
    path = f"{form.root.path}/village_code"
    drawn = node(filling, path)
    assert drawn["choices"] is None
    assert drawn["list"]["count"] == 2_000
    content = json.loads(filling.choice_list(drawn["list"]["hash"]))
    assert content[7] == ["3200000007", "Desa 7"]
    assert filling.search(path, "desa 1999") == [["3200001999", "Desa 1999"]]
    patch = filling.apply("a", [answer(1, path, "3200000007")])
    assert patch["nodes"][path]["chosen"] == {"3200000007": "Desa 7"}
    assert "Desa 8" not in json.dumps(patch)
    with pytest.raises(NotFound):
        filling.choice_list("0" * 32)
