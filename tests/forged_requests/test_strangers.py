"""Who was not let in, and asks all the same of the running survey app what is another's.

Nobody sees or changes what is another's, by whatever cookie, address, invitation or code.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from forged_survey import (
    NOBODYS,
    Filler,
    assert_only_what_is_honest,
    assert_told,
    send_honestly,
    upload,
)
from survey_server import SUPERVISOR, SurveyHouse, Visitor

from pk_research.apps.survey.keyring import Key, Keyring
from pk_research.store.access import Access
from pk_research.store.actors import Actor, Role

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


# --- in the end


def test_the_store_holds_what_was_honestly_sent_and_the_log_verifies(house, filler, sent):
    """After everything above; alone, after one honest filling."""
    send_honestly(Filler.invited(house), sent, "Ibu Terakhir")
    assert_only_what_is_honest(house, sent)
