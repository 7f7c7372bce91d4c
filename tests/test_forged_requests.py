"""What the form's script would never ask, asked all the same of the running survey app.

Each forged request gets the status that is its due and a sentence; nothing of it is kept, nobody sees
what is another's, and no answer tells how the house is built. What only looks dangerous comes back as
the text it is.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from pyxform.xls2xform import convert
from survey_server import RESEARCHER, SUPERVISOR, Answer, SurveyHouse, Visitor, survey_house

from pk_research.apps.survey.keyring import Key, Keyring
from pk_research.store.access import Access
from pk_research.store.actors import Actor, Role

FORM = """
| survey |
|  | type              | name     | label    | required | relevant            | calculation    | read_only | repeat_count |
|  | text              | owner    | Pemilik  | yes      |                     |                |           |              |
|  | integer           | workers  | Pekerja  |          |                     |                |           |              |
|  | select_one yesno  | licensed | Berizin? |          |                     |                |           |              |
|  | text              | number   | Nomor    |          | ${licensed} = 'yes' |                |           |              |
|  | image             | photo    | Foto     |          |                     |                |           |              |
|  | calculate         | tax      |          |          |                     | ${workers} * 2 |           |              |
|  | text              | fixed    | Tetap    |          |                     | 'house'        | yes       |              |
|  | begin_repeat      | item     | Barang   |          |                     |                |           |              |
|  | text              | name     | Nama     |          |                     |                |           |              |
|  | end_repeat        |          |          |          |                     |                |           |              |
|  | begin_repeat      | pair     | Sepasang |          |                     |                |           | 2            |
|  | text              | half     | Setengah |          |                     |                |           |              |
|  | end_repeat        |          |          |          |                     |                |           |              |
| choices |
|  | list_name | name | label |
|  | yesno     | yes  | Ya    |
|  | yesno     | no   | Tidak |
| settings |
|  | form_id | version | form_title |
|  | toko    | 1       | Toko       |
"""  # noqa: E501 - a table
NEVER_TOLD = ("Traceback", 'File "', "sqlite", "SELECT ")
NOBODYS = "uuid:00000000-0000-4000-8000-000000000000"
HTML = b"<script>alert(1)</script>"


@dataclass
class Filler:
    """Somebody who came in by an invitation of their own, and a draft they began."""

    visitor: Visitor
    draft: str

    @classmethod
    def invited(cls, house: SurveyHouse, form_id: str = "toko") -> Filler:
        visitor = Visitor(house)
        visitor.ask(house.invite(form_id))
        return cls(visitor, visitor.begin(form_id))

    @property
    def actor(self) -> Actor:
        actor = self.visitor.house.store.access.who(self.cookie("pk_session"))
        assert actor is not None
        return actor

    def cookie(self, name: str) -> str:
        [value] = [cookie.value for cookie in self.visitor.jar if cookie.name == name]
        return str(value)

    def kept(self) -> str:
        """Return the answers as the store keeps them."""
        return self.visitor.house.store.drafts.find(self.draft, by=self.actor).snapshot

    def sync(self, **answers: str) -> Answer:
        ops = [
            {"n": n, "op": "answer", "path": f"/data/{name}", "value": value}
            for n, (name, value) in enumerate(answers.items(), start=1)
        ]
        return self.visitor.api("sync", draft=self.draft, client="honest", ops=ops)

    def submit(self) -> Answer:
        return self.visitor.api("submit", draft=self.draft, client="honest", ops=[])


@pytest.fixture(scope="module")
def house(project, tmp_path_factory) -> Iterator[SurveyHouse]:
    with survey_house(tmp_path_factory.mktemp("forged"), project=project) as house:
        house.store.forms.publish(convert(xlsform=FORM, pretty_print=False).xform, by=RESEARCHER)
        yield house


@pytest.fixture(scope="module")
def filler(house) -> Filler:
    filler = Filler.invited(house)
    filler.sync(owner="Aminah", workers="4", licensed="yes", number="7")
    return filler


@pytest.fixture(scope="module")
def victim(house) -> Filler:
    """Somebody else, with answers and a file that are nobody's business."""
    victim = Filler.invited(house)
    victim.sync(owner="Ibu Rahasia")
    assert upload(victim, "rahasia.png").status == 200
    return victim


@pytest.fixture(scope="module")
def sent(house) -> dict[str, str]:
    """What was sent honestly: the owner by receipt code."""
    return {}


def send_honestly(filler: Filler, sent: dict[str, str], owner: str) -> str:
    filler.sync(owner=owner)
    code = str(filler.submit().json["receipt"]["code"])
    sent[code] = owner
    return code


def upload(filler: Filler, name: str, content: bytes = b"\x89PNG", *, path: str = "/data/photo") -> Answer:
    address = f"/survey/api/upload?draft={quote(filler.draft)}&path={quote(path)}"
    return filler.visitor.ask(address, content, X_PK_Form="1", X_File_Name=quote(name))


def assert_told(answer: Answer, status: int) -> None:
    """Make sure of the status, and that the answer says nothing of how the house is built."""
    assert answer.status == status, answer.text[:300]
    assert [secret for secret in NEVER_TOLD if secret in answer.text] == []


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


# --- cookies


def session_at(house: SurveyHouse, moment: datetime) -> str:
    """Return the session of somebody who came in some time ago."""
    access = at(house, moment)
    made = access.invite("toko", by=SUPERVISOR, expires_at=moment + timedelta(hours=1))
    return access.enter(made.token, origin="127.0.0.1").token


def at(house: SurveyHouse, moment: datetime) -> Access:
    return replace(house.store.access, clock=lambda: moment)


def forged_cookies(house: SurveyHouse, victim: Filler) -> dict[str, str]:
    session, link = victim.cookie("pk_session"), house.invite("toko")
    guest = Actor("invitation", victim.actor.identifier, Role.RESPONDENT, frozenset({"toko"}))
    ring = Keyring((Key(victim.draft, "AAAAAAAA", victim.actor.identifier.partition("/")[0], guest),))
    last = "A" if session[-2] != "A" else "B"
    return {
        "nothing": "",
        "empty": "pk_session=",
        "no signature": f"pk_session={session.rpartition('.')[0]}",
        "another signature": f"pk_session={session[:-2]}{last}{session[-1]}",
        "another's name": f"pk_session={victim.actor.identifier}",
        "an invitation": f"pk_session={link.rpartition('/')[2]}",
        "ended long ago": f"pk_session={session_at(house, datetime.now(UTC) - timedelta(days=2))}",
        "a role": "pk_session=admin; role=admin; actor=house-admin",
        "very long": f"pk_session={'A' * 8000}",
        "SQL": "pk_session=' OR '1'='1",
        "no base64": "pk_session=%00.%ff",
        "a keyring under another key": f"pk_keyring={ring.written(b'guessed')}",
        "a keyring without a key": f"pk_keyring={ring.written(b'')}",
        "a keyring of nonsense": "pk_keyring=W10.AAAA",
    }


COOKIES = (
    "nothing", "empty", "no signature", "another signature", "another's name", "an invitation",
    "ended long ago", "a role", "very long", "SQL", "no base64", "a keyring under another key",
    "a keyring without a key", "a keyring of nonsense",
)  # fmt: skip


@pytest.mark.parametrize("kind", COOKIES)
def test_a_cookie_this_house_did_not_write_opens_nothing(house, victim, kind):
    before = victim.kept()
    forger = Visitor(house, Cookie=forged_cookies(house, victim)[kind])
    ask = {
        "draft": victim.draft,
        "client": "c",
        "ops": [{"n": 1, "op": "answer", "path": "/data/owner", "value": "x"}],
    }
    assert_told(forger.api("sync", **ask), 401)
    answer = forger.ask(f"/survey/api/file?draft={victim.draft}&name=rahasia.png")
    assert_told(answer, 401)
    assert "Ibu Rahasia" not in answer.text
    assert victim.kept() == before


def test_a_session_that_was_signed_out_is_none(house):
    filler = Filler.invited(house)
    cookie = f"pk_session={filler.cookie('pk_session')}"
    assert_told(Visitor(house, Cookie=cookie).api("open", draft=filler.draft), 200)
    filler.visitor.send("/survey/signout")
    assert_told(Visitor(house, Cookie=cookie).api("open", draft=filler.draft), 401)


# --- what is another's

ANOTHERS = [
    ("open", {}),
    ("sync", {"client": "c", "ops": [{"n": 1, "op": "answer", "path": "/data/owner", "value": "mine"}]}),
    ("submit", {"client": "c", "ops": []}),
    ("search", {"path": "/data/licensed", "query": "ya"}),
]


@pytest.mark.parametrize(("what", "body"), ANOTHERS)
def test_the_draft_of_another_is_as_if_there_were_none(filler, victim, what, body):
    before = victim.kept()
    answer = filler.visitor.api(what, draft=victim.draft, **body)
    assert_told(answer, 404)
    assert answer.text == filler.visitor.api(what, draft=NOBODYS, **body).text
    assert victim.kept() == before


@pytest.mark.parametrize(
    "address",
    [
        "/survey/fill/DRAFT",
        "/survey/api/file?draft=DRAFT&name=rahasia.png",
        "/survey/api/media?draft=DRAFT&name=rahasia.png",
        "/survey/api/file?draft=OWN&name=rahasia.png",
        "/survey/api/file?draft=OWN&name=../DRAFT/rahasia.png",
        "/survey/api/file?draft=OWN&name=%00",
        "/survey/api/media?draft=OWN&name=../../../etc/passwd",
        "/survey/sheet/empty/usaha",
        "/survey/sheet/empty/..%2F..%2Fetc%2Fpasswd",
        "/survey/sheet/filled/AAAA-AAAA",
        "/survey/receipt/AAAA-AAAA",
        "/survey/receipt/%27%20OR%20%271%27%3D%271",
        "/survey/fill/uuid:..%2F..%2Fstore.sqlite",
        "/survey/static/..%2f..%2fapi.py",
        "/survey/api/list/" + "a" * 64 + ".json",
    ],
)
def test_there_is_nothing_at_an_address_of_anothers_or_made_up(filler, victim, address):
    answer = filler.visitor.ask(address.replace("DRAFT", victim.draft).replace("OWN", filler.draft))
    assert_told(answer, 404)
    assert "Rahasia" not in answer.text


def test_a_file_is_not_put_into_the_draft_of_another(filler, victim):
    forged = Filler(filler.visitor, victim.draft)
    assert_told(upload(forged, "rahasia.png", b"another"), 404)
    assert victim.visitor.ask(f"/survey/api/file?draft={victim.draft}&name=rahasia.png").text.endswith("PNG")


def test_an_enumerator_reads_the_receipt_but_not_the_answers_of_another(house, sent):
    code = send_honestly(Filler.invited(house), sent, "Ibu Tertutup")
    siti, ratna = Visitor(house), Visitor(house)
    siti.sign_in("siti")
    ratna.sign_in("ratna")
    sheet = siti.ask(f"/survey/sheet/filled/{code}")
    assert_told(sheet, 401)
    receipt = siti.ask(f"/survey/receipt/{code}")
    assert_told(receipt, 200)
    assert code in receipt.text
    assert "Tertutup" not in sheet.text + receipt.text
    assert "Ibu Tertutup" in ratna.ask(f"/survey/sheet/filled/{code}").text, "who supervises may read it"


def test_what_was_sent_is_not_changed_by_sending_it_again(house, sent):
    filler = Filler.invited(house)
    code = send_honestly(filler, sent, "Ibu Sekali")
    assert_told(filler.sync(owner="Ibu Lain"), 409)
    again = [{"n": 99, "op": "answer", "path": "/data/owner", "value": "Ibu Lain"}]
    answer = filler.visitor.api("submit", draft=filler.draft, client="honest", ops=again)
    assert answer.json["receipt"]["code"] == code
    assert_told(upload(filler, "late.png"), 409)
    sheet = filler.visitor.ask(f"/survey/sheet/filled/{code}").text
    assert "Ibu Sekali" in sheet
    assert "Ibu Lain" not in sheet


# --- invitations and codes


def test_an_invitation_that_expired_lets_nobody_in(house):
    then = datetime.now(UTC) - timedelta(hours=2)
    made = at(house, then).invite("toko", by=SUPERVISOR, expires_at=then + timedelta(minutes=1))
    assert_told(Visitor(house).ask(f"/i/{made.token}"), 403)


def test_an_invitation_taken_back_ends_the_visits_by_it(house):
    filler, link = Filler.invited(house), house.invite("toko")
    filler.visitor.ask(link)
    filler = Filler(filler.visitor, filler.visitor.begin("toko"))
    made = next(i for i in house.store.access.invitations(by=SUPERVISOR) if link.endswith(i.token))
    house.store.access.revoke(made.identifier, by=SUPERVISOR)
    assert_told(Visitor(house).ask(link), 403)
    assert_told(filler.sync(owner="x"), 403)
    assert_told(filler.submit(), 403)


def test_an_invitation_used_up_lets_nobody_in_any_more(house, sent):
    link, visitor = house.invite("toko", max_uses=1), Visitor(house)
    visitor.ask(link)
    send_honestly(Filler(visitor, visitor.begin("toko")), sent, "Ibu Satu")
    assert_told(Visitor(house).ask(link), 403)
    second = Filler(visitor, begun_again(visitor))
    second.sync(owner="Ibu Dua")
    assert_told(second.submit(), 403)


def begun_again(visitor: Visitor) -> str:
    """Begin again in a session that came in while the invitation was still good."""
    return str(visitor.api("open", form="toko").json["draft"])


@pytest.mark.parametrize("form_id", ["usaha", "desa"])
def test_an_invitation_opens_its_own_form_only(filler, form_id):
    assert_told(filler.visitor.api("open", form=form_id), 403)
    assert_told(filler.visitor.send("/survey/begin", form=form_id), 403)


@pytest.mark.parametrize(
    "token",
    ["TOKENx", "xTOKEN", "CUT", "TOKEN.TOKEN", "SESSION", "..%2F..%2Fsurvey", "%00", "%27%3B--", "A" * 299],
)
def test_a_link_that_was_tampered_with_lets_nobody_in(house, filler, token):
    link = house.invite("toko").rpartition("/")[2]
    forged = token.replace("TOKEN", link).replace("CUT", link[:-1])
    forged = forged.replace("SESSION", filler.cookie("pk_session"))
    visitor = Visitor(house)
    assert_told(visitor.ask(f"/i/{forged}"), 403)
    assert list(visitor.jar) == []


@pytest.mark.parametrize(
    "code", ["", "AAAAAAAA", "%", "' OR '1'='1", "RECEIPT", "DRAFT", "A" * 50_000, "../.."]
)
def test_a_guessed_code_opens_nothing(house, victim, sent, code):
    receipt = next(iter(sent), None) or send_honestly(Filler.invited(house), sent, "Ibu Kode")
    guess = code.replace("RECEIPT", receipt).replace("DRAFT", victim.draft)
    visitor = Visitor(house)
    assert_told(visitor.send("/survey/resume", code=guess), 404)
    assert list(visitor.jar) == []


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("begin", {"form": "toko\0"}),
        ("resume", {"code": "AAAA\0AAAA"}),
        ("signin", {"name": "siti\0", "password": "x"}),
        ("signin", {f"field{n}": "x" for n in range(50)}),
    ],
)
def test_fields_that_no_browser_sends_are_not_read(house, filler, place, fields):
    assert_told(filler.visitor.send(f"/survey/{place}", **fields), 400)


# --- files


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "/etc/passwd", "a/b.png", "..\\b.png", "C:\\b.png", "..", ".", "", " ",
        "a\x00.png", "a\n.png", "a\r\nSet-Cookie: x=1", "a" * 300 + ".png", "é" * 150,
        "<script>alert(1)</script>.png", 'x" onload="alert(1).png', "photo.png ", "a|b.png", "a\u202egnp.exe",
    ],
    ids=ascii,
)  # fmt: skip
def test_a_file_name_that_is_more_than_a_name_is_not_taken(filler, name):
    assert_told(upload(filler, name), 400)
    assert filler.visitor.house.store.drafts.attachments(filler.draft, by=filler.actor) == {}


@pytest.mark.parametrize(
    "path",
    ["/data/owner", "/data", "/data/nothing", "", "/data/photo/..", "//photo", "/data/tax", "x" * 9000],
)
def test_a_file_is_no_answer_to_a_question_that_asks_for_none(filler, path):
    assert_told(upload(filler, "photo.png", path=path), 404)
    assert filler.visitor.house.store.drafts.attachments(filler.draft, by=filler.actor) == {}


@pytest.mark.parametrize("query", ["", "draft=DRAFT", "path=/data/photo", "draft=%ff&path=%ff"])
def test_an_upload_that_does_not_say_where_to_is_not_taken(filler, query):
    address = f"/survey/api/upload?{query.replace('DRAFT', filler.draft)}"
    assert_told(filler.visitor.ask(address, b"x", X_PK_Form="1", X_File_Name="a.png"), 400)


@pytest.mark.parametrize(
    ("what", "length", "status"),
    [
        ("upload?draft=DRAFT&path=/data/photo", str(50 * 1024**2 + 1), 413),
        ("upload?draft=DRAFT&path=/data/photo", str(10**15), 413),
        ("sync", str(2 * 1024**2 + 1), 413),
        ("submit", str(10**15), 413),
    ],
)
def test_a_body_that_is_announced_too_large_is_not_waited_for(filler, what, length, status):
    house = filler.visitor.house
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=20)
    connection.putrequest("POST", f"/survey/api/{what.replace('DRAFT', filler.draft)}")
    cookie = f"pk_session={filler.cookie('pk_session')}"
    headers = {"Origin": house.address, "X-PK-Form": "1", "Cookie": cookie, "Content-Length": length}
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()  # and not a byte of body
    answer = connection.getresponse()
    assert_told(Answer(answer.status, answer.read().decode(), {}, ""), status)
    connection.close()


@pytest.mark.parametrize(
    "name", ["a.html", "a.htm", "a.svg", "a.xhtml", "a.txt", "a.js", "a.xml", "a", "a.png.html"]
)
def test_a_file_that_could_be_a_page_is_only_to_be_saved(house, name):
    filler = Filler.invited(house)
    assert_told(upload(filler, name, HTML), 200)
    answer = filler.visitor.ask(f"/survey/api/file?draft={filler.draft}&name={name}")
    assert_told(answer, 200)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


# --- what only looks dangerous

HOSTILE = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>', "' onfocus=alert(1) autofocus='", "]]><script>alert(1)</script>",
    "<!--<script>", "</textarea></title></style><iframe src=javascript:alert(1)>", "${7*7} {{7*7}} {% raw %}",
    "'; DROP TABLE submission; --", "=cmd|' /C calc'!A0", "&lt;script&gt; &#60;script>",
    "javascript:alert(1)",
]  # fmt: skip


class Page(HTMLParser):
    """What a browser makes of a page: its texts, and whatever could act."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.acting: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.words += given.values()
        is_ours = given.get("type") == "application/json" or given.get("src", "").startswith(
            "/survey/static/"
        )
        if (tag == "script" and not is_ours) or tag in {"iframe", "object", "embed"}:
            self.acting.append(tag)
        self.acting += [f"{tag} {name}" for name, value in given.items() if acts(name, value)]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def holds(self, text: str) -> bool:
        return any(text in word for word in self.words)


def acts(attribute: str, value: str) -> bool:
    """Tell whether an attribute makes a browser run something."""
    is_address = attribute in {"href", "src", "action", "formaction"}
    return attribute.startswith("on") or (is_address and value.strip().startswith("javascript:"))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_dangerous_comes_back_as_the_text_it_is(house, sent, text):
    filler = Filler.invited(house)
    filler.sync(owner=text)
    opened = filler.visitor.api("open", draft=filler.draft)
    assert opened.headers["Content-Type"].startswith("application/json")
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert text in [node.get("value") for node in nodes(opened.json["tree"])]
    code = send_honestly(filler, sent, text)
    sheet = Page(filler.visitor.ask(f"/survey/sheet/filled/{code}").text)
    assert sheet.holds(text)
    assert sheet.acting == []


@pytest.mark.parametrize("text", HOSTILE)
def test_the_page_that_is_filled_holds_it_as_text_too(house, text):
    filler = Filler.invited(house)
    filler.sync(owner=text)
    page = Page(filler.visitor.ask(f"/survey/fill/{filler.draft}").text)
    assert page.holds(text)
    assert page.acting == []


def nodes(tree: dict[str, object]) -> list[dict[str, object]]:
    return [tree, *(found for child in tree.get("children") or () for found in nodes(child))]


# --- in the end


def test_the_store_holds_what_was_honestly_sent_and_the_log_verifies(house, filler, sent):
    """After everything above; alone, after one honest filling."""
    send_honestly(Filler.invited(house), sent, "Ibu Terakhir")
    kept = house.store.submissions.list("toko", by=SUPERVISOR)
    form = house.store.forms.opened("toko", "1")
    owners = [form.start(instance=filled.xml, origin="checked").value("/data/owner") for filled in kept]
    assert sorted(owners) == sorted(sent.values())
    assert house.submissions() == []
    assert house.store.audit.verify().faults == ()
    assert "Traceback" not in house.log.read_text()
