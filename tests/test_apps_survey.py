"""The survey app asked as a browser asks it: a real server in a process of its own."""

from __future__ import annotations

import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from survey_server import PASSWORD, SUPERVISOR, SurveyHouse, Visitor, survey_house

from pk_research.apps.survey.fillings import Fillings
from pk_research.settings import MIB
from pk_research.store.tables import invitation

PHOTO = b"\x89PNG a photo"


@pytest.fixture(scope="module")
def house(project, tmp_path_factory):
    with survey_house(tmp_path_factory.mktemp("survey"), project=project) as house:
        yield house


@pytest.fixture
def guest(house: SurveyHouse) -> Visitor:
    """Somebody who opened an invitation link of their own."""
    guest = Visitor(house)
    guest.ask(house.invite(max_uses=1))
    return guest


# --- coming in


def test_fifty_people_behind_one_address_fill_and_send_at_once_by_one_link(house):
    """As where a village shares one mobile connection, or a proxy does not say for whom it asks."""
    link = house.invite()

    def fill(number: int) -> list[int]:
        visitor = Visitor(house)
        statuses = [visitor.ask(link).status]
        draft = visitor.begin()
        statuses.append(visitor.answer(draft, owner=f"Ibu {number}", workers="2", licensed="no").status)
        sent = visitor.api("submit", draft=draft, client="phone", ops=[])
        code = sent.json["receipt"]["code"]
        pages = (f"/survey/receipt/{code}", f"/survey/sheet/filled/{code}")
        return [*statuses, sent.status, *(visitor.ask(page).status for page in pages)]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(fill, range(50))) == [[200] * 5] * 50


def test_who_is_not_known_is_shown_the_ways_in_and_no_form(house):
    page = Visitor(house).ask("/survey").text
    assert '<html lang="id">' in page
    assert "Dengan kode lanjutan" in page
    assert "Usaha rumah tangga" not in page


def test_an_invitation_link_becomes_a_cookie_and_leaves_the_address(house):
    guest = Visitor(house)
    page = guest.ask(house.invite())
    assert page.address == f"{house.address}/survey"
    assert "Usaha rumah tangga" in page.text
    [cookie] = guest.jar
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"


@pytest.mark.parametrize("token", ["i-0123456789abcdef.AAAA", "x", "..%2F..", "%00"])
def test_a_forged_link_is_told_so_and_nothing_more(house, token):
    answer = Visitor(house).ask(f"/i/{token}")
    assert answer.status in {403, 404}
    assert "Traceback" not in answer.text


def test_signing_in_goes_to_the_forms_or_on_to_an_app_but_to_no_other_site(house):
    assert Visitor(house).sign_in("siti").address == f"{house.address}/survey"
    fields = {"name": "siti", "password": PASSWORD}
    for place in ("//elsewhere.example", "https://elsewhere.example", "a/../b", "findings\n"):
        assert Visitor(house).send("/survey/signin", next=place, **fields).address.endswith("/survey")


def test_a_wrong_password_says_the_same_as_an_unknown_name(house):
    answers = [Visitor(house).sign_in(name, "salah sama sekali") for name in ("siti", "nobody")]
    assert {answer.status for answer in answers} == {403}
    assert answers[0].text == answers[1].text


def test_signing_out_forgets_everything_on_this_device(house):
    siti = Visitor(house)
    siti.sign_in("siti")
    siti.begin()
    siti.send("/survey/signout")
    assert list(siti.jar) == []


# --- filling


def test_the_form_comes_whole_as_html_that_can_be_read_and_filled(guest):
    draft = guest.begin()
    page = guest.ask(f"/survey/fill/{draft}").text
    assert "Siapa pemiliknya?" in page
    assert 'name="/data/usaha/owner"' in page
    assert re.search(r'type="radio" name="/data/usaha/licensed" value="yes"', page)
    assert "Berapa nomor izinnya?" not in page.split("<script type")[0], "it is not relevant yet"


def test_the_policy_of_the_page_lets_in_no_script_and_style_but_ours(guest):
    answer = guest.ask(f"/survey/fill/{guest.begin()}")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert re.findall(r"<script(?! type=\"application/json\"| type=\"module\" src)", answer.text) == []
    assert re.findall(r"<style| style=| on[a-z]+=", answer.text) == []


def test_scripts_and_styles_stand_at_addresses_that_never_change_their_content(guest):
    page = guest.ask(f"/survey/fill/{guest.begin()}").text
    for address in re.findall(r'(?:src|href)="(/survey/static/[^"]+)"', page):
        answer = guest.ask(address)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_an_answer_is_saved_before_it_is_acknowledged_and_follows_the_rules(guest):
    draft = guest.begin()
    patch = guest.answer(draft, licensed="yes").json
    assert patch["saved"]
    assert patch["applied"] == {"phone": 1}
    screen = guest.api("open", draft=draft).json
    assert '"/data/usaha/number"' in str(screen).replace("'", '"')


def test_an_answer_sent_twice_counts_once(guest):
    draft = guest.begin()
    guest.answer(draft, n=1, owner="Aminah")
    guest.answer(draft, n=2, owner="Bu Aminah")
    assert guest.answer(draft, n=1, owner="Aminah").json["applied"] == {"phone": 2}
    assert "Bu Aminah" in guest.ask(f"/survey/fill/{draft}").text


def test_what_was_saved_is_there_after_the_server_was_killed(house, guest):
    draft = guest.begin()
    guest.answer(draft, owner="Pak Budi")
    house.kill()
    house.start()
    assert 'value="Pak Budi"' in guest.ask(f"/survey/fill/{draft}").text


def test_text_cannot_end_the_script_element_it_travels_in(guest):
    draft = guest.begin()
    guest.answer(draft, owner="</script><script>alert(1)</script>")
    assert "<script>alert" not in guest.ask(f"/survey/fill/{draft}").text


def test_a_file_comes_back_as_it_was_sent_and_never_as_a_page(guest):
    draft = guest.begin()
    assert guest.upload(draft, "photo.png", PHOTO).json == {"name": "photo.png"}
    answer = guest.ask(f"/survey/api/file?draft={draft}&name=photo.png")
    assert answer.headers["Content-Type"] == "image/png"
    guest.upload(draft, "page.html", b"<script>alert(1)</script>")
    answer = guest.ask(f"/survey/api/file?draft={draft}&name=page.html")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_that_is_one_too_many_is_refused_for_good(house, guest):
    """A temporary refusal would make the script offer it again and again, and nothing behind it go on."""
    draft = guest.begin()
    for n in range(2):
        assert guest.upload(draft, f"{n}.png", b"x" * 40 * MIB).status == 200
    refused = guest.upload(draft, "2.png", b"x" * 40 * MIB)
    assert refused.status == 413
    assert refused.json["error"]["message"] == "Berkas dalam satu isian paling banyak 100 MiB seluruhnya."
    assert guest.ask(f"/survey/api/file?draft={draft}&name=2.png").status == 404


def test_a_long_list_comes_apart_from_the_form_and_is_kept_for_a_year(house):
    siti = Visitor(house)
    siti.sign_in("siti")
    draft = siti.begin("desa")
    [page] = siti.api("open", draft=draft).json["tree"]["children"]
    [question] = page["children"]
    assert question["list"]["count"] == 400
    house.kill()  # a new server has drawn nothing yet, and finds the list in the drafts of this device
    house.start()
    answer = siti.ask(f"/survey/api/list/{question['list']['hash']}.json")
    assert answer.json[399] == ["v399", "Desa 399"]
    assert "immutable" in answer.headers["Cache-Control"]
    assert Visitor(house).ask(f"/survey/api/list/{'0' * 64}.json").status == 404
    found = siti.api("search", draft=draft, path="/data/village", query="desa 399").json
    assert found == [["v399", "Desa 399"]]


# --- languages


def languages_of(visitor: Visitor, draft: str, query: str = "") -> tuple[str, str]:
    """Return the language of the page, and that of the form on it."""
    page = visitor.ask(f"/survey/fill/{draft}{query}").text
    form = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    return re.search(r'<html lang="(..)">', page)[1], form["screen"]["form"]["language"]


INDONESIAN, ENGLISH = ("id", "Bahasa Indonesia (id)"), ("en", "English (en)")


def test_a_form_is_opened_in_the_language_of_the_page(guest):
    guest.ask("/survey?language=en")
    assert languages_of(guest, guest.begin()) == ENGLISH


def test_a_form_follows_when_the_language_of_the_page_is_changed(guest):
    draft = guest.begin()
    assert languages_of(guest, draft) == INDONESIAN
    assert languages_of(guest, draft, "?language=en") == ENGLISH
    assert guest.answer(draft, n=1, workers="-1").json["nodes"]["/data/usaha/workers"]["violation"][
        "message"
    ] == ("Not below zero.")
    guest.ask("/survey?language=id")
    assert languages_of(guest, draft) == INDONESIAN


def test_the_pages_follow_when_the_language_of_a_form_is_changed(guest):
    draft = guest.begin()
    for n, language in enumerate((ENGLISH, INDONESIAN, ENGLISH), start=1):
        ops = [{"n": n, "op": "language", "value": language[1]}]
        guest.api("sync", draft=draft, client="phone", ops=ops)
        assert languages_of(guest, draft) == language


def test_a_form_that_has_not_the_language_of_the_page_stays_in_its_own(house):
    siti = Visitor(house)
    siti.sign_in("siti")
    siti.ask("/survey?language=en")
    page, form = languages_of(siti, siti.begin("desa"))
    assert (page, form) == ("en", "")


# --- sending


def test_a_filling_with_something_wrong_is_not_sent(house, guest):
    before = len(house.submissions())
    draft = guest.begin()
    guest.answer(draft, workers="-1")
    violations = guest.api("submit", draft=draft, client="phone", ops=[]).json["violations"]
    assert {entry["path"] for entry in violations} == {"/data/usaha/owner", "/data/usaha/workers"}
    assert "Tidak boleh kurang dari nol." in {entry["message"] for entry in violations}
    assert len(house.submissions()) == before


def test_a_filling_arrives_once_however_often_it_is_sent(house, guest):
    before = len(house.submissions())
    draft = guest.begin()
    guest.answer(draft, owner="Aminah")
    with ThreadPoolExecutor(6) as pool:
        sent = list(
            pool.map(lambda _: guest.api("submit", draft=draft, client="phone", ops=[]).json, range(6))
        )
    house.kill()
    house.start()
    sent.append(guest.api("submit", draft=draft, client="phone", ops=[]).json)
    assert len({answer["receipt"]["code"] for answer in sent}) == 1
    assert len(house.submissions()) == before + 1


def test_a_retry_after_the_store_failed_sends_the_same(house, guest, monkeypatch):
    """The XML is put down before the first attempt: a second, by another process, sends no other."""
    draft = guest.begin()
    guest.answer(draft, owner="Aminah")
    [key] = [cookie for cookie in guest.jar if cookie.name == "pk_session"]
    actor, attempts = house.store.access.who(key.value), []

    def broken(_, xml, **__):
        attempts.append(xml)
        raise ConnectionError

    monkeypatch.setattr(type(house.store.submissions), "receive", broken)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            Fillings(house.store).submit(draft, by=actor, client="phone", ops=[], language="id")
    monkeypatch.undo()
    receipt = Fillings(house.store).submit(draft, by=actor, client="phone", ops=[], language="id")
    assert attempts[0] == attempts[1]
    assert house.store.submissions.read(receipt.instance_id, by=SUPERVISOR).xml == attempts[0]


def test_the_receipt_shows_the_answers_to_whoever_sent_them_only(house, guest):
    draft = guest.begin()
    guest.answer(draft, owner="Ibu Dewi")
    code = guest.api("submit", draft=draft, client="phone", ops=[]).json["receipt"]["code"]
    assert guest.ask(f"/survey/fill/{draft}").address.endswith(f"/survey/receipt/{code}")
    assert "Ibu Dewi" in guest.ask(f"/survey/sheet/filled/{code}").text
    stranger = Visitor(house)
    assert code in stranger.ask(f"/survey/receipt/{code}").text
    assert stranger.ask(f"/survey/sheet/filled/{code}").status == 401


def test_answers_that_come_after_a_filling_was_sent_are_told_not_to_be_part_of_it(house, guest):
    draft = guest.begin()
    guest.answer(draft, owner="Ibu Dewi")
    first = guest.api("submit", draft=draft, client="phone", ops=[]).json
    later = [{"n": 9, "op": "answer", "path": "/data/usaha/owner", "value": "Ibu Lain"}]
    again = guest.api("submit", draft=draft, client="phone", ops=later).json
    assert again["receipt"] == first["receipt"]
    assert again["note"].startswith("Isian ini sudah dikirim sebelumnya.")
    assert "note" not in guest.api("submit", draft=draft, client="phone", ops=[]).json
    assert "Ibu Lain" not in guest.ask(f"/survey/sheet/filled/{first['receipt']['code']}").text


def test_an_invitation_for_one_submission_takes_one(house):
    link = house.invite(max_uses=1)
    first, second = Visitor(house), Visitor(house)
    first.ask(link)
    second.ask(link)
    drafts = [first.begin(), second.begin()]
    for visitor, draft in zip((first, second), drafts, strict=True):
        visitor.answer(draft, owner="Aminah")
    assert "receipt" in first.api("submit", draft=drafts[0], client="phone", ops=[]).json
    refused = second.api("submit", draft=drafts[1], client="phone", ops=[])
    assert refused.status == 403
    assert refused.json["error"]["message"] == "Undangan ini sudah habis dipakai."


# --- other devices, other people


def test_a_resume_code_opens_the_draft_on_another_device(house, guest):
    draft = guest.begin()
    guest.answer(draft, owner="Ibu Sari")
    code = guest.api("open", draft=draft).json["resume_code"]
    phone = Visitor(house)
    page = phone.send("/survey/resume", code=code.lower())
    assert "Ibu Sari" in page.text
    phone.answer(draft, n=1, workers="3")
    sent = phone.api("submit", draft=draft, client="phone", ops=[]).json
    assert "receipt" in sent
    assert "Ibu Sari" in phone.ask(f"/survey/sheet/filled/{sent['receipt']['code']}").text


GONE = "Undangan yang dipakai untuk memulai isian ini sudah dicabut."


def begun(house: SurveyHouse, link: str) -> tuple[Visitor, str, str]:
    """Begin by a link; return who did, the draft and its code."""
    visitor = Visitor(house)
    visitor.ask(link)
    draft = visitor.begin()
    visitor.answer(draft, owner="Ibu Rahasia")
    return visitor, draft, visitor.api("open", draft=draft).json["resume_code"]


def take_back(house: SurveyHouse, link: str) -> None:
    [mine] = [made for made in house.store.access.invitations(by=SUPERVISOR) if link.endswith(made.token)]
    house.store.access.revoke(mine.identifier, by=SUPERVISOR)


def test_what_was_begun_by_a_link_taken_back_opens_for_no_code_and_no_device(house):
    link = house.invite()
    visitor, draft, code = begun(house, link)
    phone = Visitor(house)
    phone.send("/survey/resume", code=code)
    take_back(house, link)
    for device in (visitor, phone):
        page = device.ask(f"/survey/fill/{draft}")
        assert page.status == 403
        assert GONE in page.text
        assert "Ibu Rahasia" not in page.text
        answers = [
            device.answer(draft, n=9, owner="Ibu Lain"),
            device.api("open", draft=draft),
            device.api("submit", draft=draft, client="phone", ops=[]),
            device.upload(draft, "photo.png", PHOTO),
        ]
        assert [answer.status for answer in answers] == [403] * 4
        assert answers[0].json["error"]["message"].startswith(GONE)
        assert device.ask(f"/survey/api/list/{'0' * 64}.json").status == 404
    resumed = Visitor(house).send("/survey/resume", code=code)
    assert resumed.status == 403
    assert GONE in resumed.text


def test_a_new_link_and_the_code_open_what_was_begun_by_one_taken_back(house):
    link = house.invite()
    visitor, draft, code = begun(house, link)
    take_back(house, link)
    visitor.ask(house.invite())
    assert visitor.ask(f"/survey/fill/{draft}").status == 404, "the new link alone does not say whose it is"
    assert "Ibu Rahasia" in visitor.send("/survey/resume", code=code).text
    assert "receipt" in visitor.api("submit", draft=draft, client="phone", ops=[]).json


def test_what_was_sent_by_a_link_taken_back_is_shown_no_more_but_for_its_receipt(house):
    link = house.invite()
    _, draft, code = begun(house, link)
    phone = Visitor(house)
    phone.send("/survey/resume", code=code)
    receipt = phone.api("submit", draft=draft, client="phone", ops=[]).json["receipt"]["code"]
    assert "Ibu Rahasia" in phone.ask(f"/survey/sheet/filled/{receipt}").text
    take_back(house, link)
    assert phone.ask(f"/survey/sheet/filled/{receipt}").status == 401
    page = phone.ask(f"/survey/receipt/{receipt}").text
    assert receipt in page
    assert "sheet/filled" not in page


def test_whoever_began_before_an_invitation_expired_loses_nothing(house):
    link = house.invite()
    _, draft, code = begun(house, link)
    token = link.rpartition("/")[2]
    with house.store.engine.begin() as connection:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        mine = invitation.c.identifier == token.partition(".")[0]
        connection.execute(invitation.update().where(mine).values(expires_at=yesterday))
    assert Visitor(house).ask(link).status == 403, "nobody comes in by it any more"
    phone = Visitor(house)
    assert "Ibu Rahasia" in phone.send("/survey/resume", code=code).text
    assert "receipt" in phone.api("submit", draft=draft, client="phone", ops=[]).json


def test_a_wrong_resume_code_opens_nothing(house):
    answer = Visitor(house).send("/survey/resume", code="AAAA-AAAA")
    assert answer.status == 404
    assert "Tidak ada isian dengan kode ini." in answer.text


def test_a_draft_begun_with_an_account_is_not_opened_by_the_code_alone(house):
    siti = Visitor(house)
    siti.sign_in("siti")
    draft = siti.begin()
    code = siti.api("open", draft=draft).json["resume_code"]
    assert Visitor(house).send("/survey/resume", code=code).status == 403
    tablet = Visitor(house)
    tablet.sign_in("siti")
    assert tablet.send("/survey/resume", code=code).address.endswith(draft)


def test_whoever_comes_in_again_by_the_link_finds_their_draft(house):
    link, phone = house.invite(), Visitor(house)
    phone.ask(link)
    draft = phone.begin()
    page = phone.ask(link)  # another visit, and so for the store somebody else
    assert draft in page.text
    assert phone.ask(f"/survey/fill/{draft}").status == 200


def test_people_who_share_a_link_do_not_see_one_anothers_drafts(house):
    link, first, second = house.invite(), Visitor(house), Visitor(house)
    first.ask(link)
    second.ask(link)
    draft = first.begin()
    assert second.ask(f"/survey/fill/{draft}").status == 404
    assert second.answer(draft, owner="x").status == 404


def test_without_having_come_in_nothing_is_answered(house, guest):
    draft, stranger = guest.begin(), Visitor(house)
    assert stranger.ask(f"/survey/fill/{draft}").status == 401
    assert stranger.api("open", draft=draft).status == 401
    assert stranger.api("open", form="usaha").status == 401
    assert stranger.ask(f"/survey/api/file?draft={draft}&name=a").status == 401
    assert stranger.ask("/survey/sheet/empty/usaha").status == 401


# --- what is turned away


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec_Fetch_Site": "same-origin"}, 200),
        ({"X_PK_Form": "0"}, 403),
    ],
)
def test_other_sites_cannot_make_a_browser_send_answers(guest, headers, status):
    draft = guest.begin()
    body = f'{{"draft": "{draft}", "client": "c", "ops": []}}'.encode()
    assert guest.ask("/survey/api/sync", body, **{"X_PK_Form": "1", **headers}).status == status


def test_what_is_too_large_is_turned_away_before_it_is_read(house):
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=20)
    connection.putrequest("POST", "/survey/api/sync")
    for name, value in {"Origin": house.address, "X-PK-Form": "1", "Content-Length": "9" * 10}.items():
        connection.putheader(name, value)
    connection.endheaders()  # and not a byte of body
    answer = connection.getresponse()
    assert answer.status in {400, 413}
    connection.close()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"draft": 1}', b"\xff\xfe",
        b'{"draft": "x", "client": "c", "ops": 5}', b'{"draft": "\' OR 1=1 --", "client": "c", "ops": []}',
        b'{"draft": "' + b"a" * 9999 + b'"}',
    ],
)  # fmt: skip
def test_nonsense_gets_a_sentence_and_no_traceback(guest, body):
    for what in ("open", "sync", "search", "submit"):
        answer = guest.ask(f"/survey/api/{what}", body, X_PK_Form="1")
        assert 400 <= answer.status < 500
        assert answer.json["error"]["message"]
        assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "path", ["/survey/nothing", "/survey/api/nothing", "/survey/fill/x", "/i/", "/survey/static/x.js"]
)
def test_where_there_is_nothing_a_page_says_so(house, path):
    answer = Visitor(house).ask(path)
    assert answer.status == 404
    assert "Traceback" not in answer.text


def test_guessing_codes_is_slowed_down_whoever_the_guesser_says_to_ask_for(house):
    """No proxy is trusted, so a forged header makes nobody somebody else."""
    guesses = [
        Visitor(house, X_Forwarded_For=f"203.0.113.{n}").send("/survey/resume", code=f"AAAA{n:04}")
        for n in range(130)
    ]
    assert [guess.status for guess in guesses[-5:]] == [429] * 5


# --- what is written down


def test_the_log_holds_no_token_code_draft_or_answer(house):
    guest, link = Visitor(house), house.invite()
    guest.ask(link)
    draft = guest.begin()
    code = guest.api("open", draft=draft).json["resume_code"]
    guest.answer(draft, owner="Rahasia")
    guest.ask(f"/survey/api/file?draft={draft}&name=nothing.png")
    guest.ask("/nothing?secret=1")
    guest.send("/survey/resume", code=code)
    written = house.log.read_text()
    assert "404 GET File" in written
    token = link.rpartition("/")[2]
    for secret in (token, token[:18], draft, code, "Rahasia", "secret=1", "/survey/fill"):
        assert secret not in written
