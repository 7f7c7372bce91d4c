"""What the form's script would never send, sent all the same to the running survey app.

Each forged request gets the status that is its due and a sentence; nothing of it is kept, and no answer tells
how the house is built.
"""

from __future__ import annotations

import json

import pytest
from forged_survey import (
    NOBODYS,
    Filler,
    assert_only_what_is_honest,
    assert_told,
    send_honestly,
)
from survey_server import Answer, Visitor

# --- bodies


def ops(*operations: str) -> str:
    """Return what a script would send, with DRAFT for the draft."""
    return f'{{"draft": DRAFT, "client": "forger", "ops": [{", ".join(operations)}]}}'


def op(*, n: str = "NEXT", op: str = '"answer"', path: str = '"/data/owner"', value: str = '"x"') -> str:
    return f'{{"n": {n}, "op": {op}, "path": {path}, "value": {value}}}'


NOT_TEXT = ("1", "1.5", "true", "null", "[]", "{}", '["DRAFT"]')
BODIES: list[tuple[str, str, int]] = [
    *(("sync", f'{{"draft": {wrong}, "client": "c", "ops": []}}', 400) for wrong in NOT_TEXT),
    *(("sync", f'{{"draft": DRAFT, "client": {wrong}, "ops": []}}', 400) for wrong in NOT_TEXT),
    *(
        ("submit", f'{{"draft": DRAFT, "client": "c", "ops": {wrong}}}', 400)
        for wrong in ('"x"', "1", "true", "null", "{}", "[1]", "[null]", "[[]]", '["answer"]')
    ),
    *(("open", f'{{"form": {wrong}}}', 400) for wrong in NOT_TEXT),
    *(("open", f'{{"draft": {wrong}, "form": "toko"}}', 400) for wrong in NOT_TEXT),
    *(
        ("search", f'{{"draft": DRAFT, "path": "/data/licensed", "query": {wrong}}}', 400)
        for wrong in NOT_TEXT
    ),
    *(("search", f'{{"draft": DRAFT, "path": {wrong}, "query": "ya"}}', 400) for wrong in NOT_TEXT),
    ("search", '{"draft": DRAFT, "path": "/data/owner", "query": "x"}', 404),
    ("search", '{"draft": DRAFT, "path": "/../../etc/passwd", "query": "root"}', 404),
    ("search", '{"draft": DRAFT, "path": "//*", "query": ""}', 404),
    ("open", "{}", 400),
    ("open", '{"form": "nothing"}', 404),
    ("open", '{"form": "toko\\u0000"}', 400),
    ("open", '{"form": "\\ud800"}', 400),
    ("open", '{"form": "usaha"}', 403),
    ("open", "{\"form\": \"toko' OR '1'='1\"}", 404),
    ("open", '{"draft": "\\ud800"}', 400),
    ("open", '{"draft": "uuid:\\u0000"}', 400),
    ("open", f'{{"draft": "{NOBODYS}"}}', 404),
    ("open", '{"draft": "%"}', 404),
    ("open", '{"draft": "../../store.sqlite"}', 404),
    ("sync", '{"draft": DRAFT, "client": "\\udfff", "ops": []}', 400),
    ("sync", ops(op(path='"/data/\\ud800"')), 400),
    ("sync", ops(op(path='"/data/owner\\u0000"')), 400),
    ("search", '{"draft": DRAFT, "path": "/data/licensed", "query": "\\u0000"}', 400),
    ("sync", ops(op(n="9" * 5000)), 400),
    ("sync", ops(op(path=json.dumps("/data/" + "a/" * 20_000))), 400),
    ("sync", ops(op(path=json.dumps(f"/data/item[{'9' * 5000}]/name"))), 400),
    ("search", f'{{"draft": DRAFT, "path": "/data/item[{"9" * 5000}]/name", "query": ""}}', 400),
    ("sync", ops(op(value="[" * 50_000)), 400),
    ("sync", "[" * 100_000, 400),
    ("sync", '{"draft": DRAFT, ' * 20_000, 400),
    ("sync", ops(*[op()] * 1001), 400),
    ("sync", f'{{"draft": DRAFT, "draft": "{NOBODYS}", "client": "c", "ops": [{op()}]}}', 404),
    ("sync", f'{{"draft": DRAFT, "client": "c", "ops": [{op()}], "ops": 1}}', 400),
    ("sync", '<data id="toko"><owner>x</owner></data>', 400),
    ("sync", "draft=DRAFT&client=c&ops=", 400),
    ("sync", "", 400),
    ("sync", "\ufeff{}", 400),
    ("sync", ops(op()) + ops(op()), 400),
]


def written_for(filler: Filler, body: str) -> bytes:
    """Name the draft, and number the operation so that it is not passed over as one applied before."""
    state = filler.visitor.house.store.drafts.find(filler.draft, by=filler.actor).state
    number = state["filling"]["applied"].get("forger", 0) + 1
    return body.replace("DRAFT", json.dumps(filler.draft)).replace("NEXT", str(number)).encode()


@pytest.mark.parametrize(("what", "body", "status"), BODIES, ids=lambda value: str(value)[:60])
def test_a_body_that_no_script_of_ours_writes_is_not_taken(filler, what, body, status):
    before = filler.kept()
    answer = filler.visitor.ask(f"/survey/api/{what}", written_for(filler, body), X_PK_Form="1")
    assert_told(answer, status)
    assert answer.json["error"]["message"]
    assert filler.kept() == before


# --- operations

WRONG_OPERATIONS = [
    *(
        op(n=wrong)
        for wrong in (
            "0", "-1", "1.0", "1e3", "1e999", "NaN", "-Infinity", "true", "null", '"1"', "[1]", "{}",
            str(2**53), str(2**64), "-" + "9" * 300,
        )
    ),
    *(
        op(op=wrong)
        for wrong in (
            '"submit"', '"eval"', '"ANSWER"', '"answer "', '"__init__"', '"finish"', '""', "null", "1",
            "true", '["answer"]', '{"answer": 1}',
        )
    ),
    *(
        op(path=json.dumps(path))
        for path in (
            "", "/", "/data", "/data/nothing", "/data/meta", "/data/meta/instanceID", "/data/@id",
            "/data/@version", "/data/../data/owner", "/../../../etc/passwd", "..\\..\\store.sqlite",
            "/data/fixed", "/data/item", "/data/item[0]/name", "/data/item[99999999999]/name",
            "/data/item[-1]/name", "/data/item[last()]/name", "/data/pair", "//owner", "/data/*",
            "/data/owner | /data/workers", "/data/owner[. = '']", "/data/owner/text()", "__proto__",
            "/data/__proto__/polluted", "constructor", "/data/constructor/prototype", "/data/__class__",
            "instance('yesno')//item", "concat(/data/owner, 'x')", "file:///etc/passwd",
            "http://127.0.0.1/", "/data/owner; DROP TABLE draft", "/data/" + "a/" * 900,
            f"/data/item[{'9' * 1900}]/name", "/data/owner<script>",
        )
    ),
    *(op(path=wrong) for wrong in ("null", "1", "true", "[]", "{}", '["/data/owner"]')),
    *(op(value=wrong) for wrong in ("1", "1.5", "true", "[]", "{}", '["x"]', "[" * 400 + "]" * 400)),
    op(value=json.dumps("x" * 100_001)),
    op(op='"language"', value='"tlh"'),
    op(op='"language"', value='"../id"'),
    op(op='"add"', path='"/data/owner"'),
    op(op='"add"', path='"/data/pair"'),
    op(op='"add"', path='"/data/nothing"'),
    op(op='"remove"', path='"/data/owner"'),
    op(op='"remove"', path='"/data"'),
    op(op='"remove"', path='"/data/pair[1]"'),
    op(op='"remove"', path='"/data/item[7]"'),
    "{}",
    '{"n": NEXT}',
]  # fmt: skip


@pytest.mark.parametrize("operation", WRONG_OPERATIONS, ids=lambda value: value[:90])
def test_an_operation_that_makes_no_sense_is_named_and_changes_nothing(filler, operation):
    before = filler.kept()
    answer = filler.visitor.ask("/survey/api/sync", written_for(filler, ops(operation)), X_PK_Form="1")
    assert_told(answer, 200)
    [error] = answer.json["errors"]
    assert error["message"]
    assert filler.kept() == before


NO_TEXT = ["\\u0000", "\\u0001", "\\u000b", "\\u001f", "\\ud83d", "\\udc00x", "\\ufffe", "\\uffff"]


@pytest.mark.parametrize("escape", NO_TEXT)
def test_what_no_filling_can_hold_is_left_out_and_the_rest_can_be_opened_again(house, escape):
    """As comes with a paste: kept, it would make of the draft an XML that nobody can read any more."""
    filler = Filler.invited(house)
    for operation in (op(value=f'"Ami{escape}nah"'), op(op='"page"', value=f'"/data{escape}"')):
        answer = filler.visitor.ask("/survey/api/sync", written_for(filler, ops(operation)), X_PK_Form="1")
        assert_told(answer, 200)
        assert answer.json["errors"] == []
    snapshot = filler.kept()
    form = house.store.forms.opened("toko", "1")
    kept = form.start(instance=snapshot).value("/data/owner")
    assert kept == "Aminah".replace("nah", "xnah" if escape.endswith("x") else "nah")
    assert_told(filler.visitor.api("open", draft=filler.draft), 200)


# --- headers


def test_a_script_of_ours_is_heard(filler):
    """So that what is refused below is refused for what it says of itself."""
    assert_told(without_origin(filler, Sec_Fetch_Site="same-origin", X_PK_Form="1"), 200)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "null"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "http://elsewhere.example", "Sec_Fetch_Site": "same-origin"},
        {"Origin": "http://HOUSE@elsewhere.example"},
        {"Origin": "http://elsewhere.example/HOUSE"},
        {"Origin": "http://HOUSE.elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "HOUSE"},
        {"Origin": ""},
        {"Origin": "http://HOUSE", "X_PK_Form": ""},
        {"Origin": "http://HOUSE", "X_PK_Form": "1, 1"},
        {"Origin": "http://HOUSE", "X_PK_Form": "true", "Content_Type": "text/plain"},
    ],
    ids=str,
)
@pytest.mark.parametrize("what", ["sync", "submit"])
def test_what_another_site_can_make_a_browser_send_is_not_heard(filler, what, headers):
    before, here = filler.kept(), filler.visitor.house.address.removeprefix("http://")
    headers = {name: value.replace("HOUSE", here) for name, value in headers.items()}
    assert_told(without_origin(filler, what, **{"X_PK_Form": "1", **headers}), 403)
    assert filler.kept() == before


def without_origin(filler: Filler, what: str = "sync", **headers: str) -> Answer:
    """Send an honest body, saying of where it comes from only what is given."""
    visitor = Visitor(filler.visitor.house)
    visitor.headers, visitor.browser = {}, filler.visitor.browser
    return visitor.ask(f"/survey/api/{what}", written_for(filler, ops()), **headers)


@pytest.mark.parametrize("body", ["multipart", "urlencoded", "xml"])
def test_no_other_kind_of_body_is_read_for_answers(filler, body):
    kinds = {
        "multipart": (
            "multipart/form-data; boundary=b",
            '--b\r\nContent-Disposition: form-data; name="draft"\r\n\r\nDRAFT\r\n--b--',
        ),
        "urlencoded": ("application/x-www-form-urlencoded", "draft=DRAFT&client=c&ops=%5B%5D"),
        "xml": ("text/xml", '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d>&e;</d>'),
    }
    kind, text = kinds[body]
    answer = filler.visitor.ask(
        "/survey/api/sync", text.replace("DRAFT", filler.draft).encode(), X_PK_Form="1", Content_Type=kind
    )
    assert_told(answer, 400)


# --- in the end


def test_the_store_holds_what_was_honestly_sent_and_the_log_verifies(house, filler, sent):
    """After everything above; alone, after one honest filling."""
    send_honestly(Filler.invited(house), sent, "Ibu Terakhir")
    assert_only_what_is_honest(house, sent)
