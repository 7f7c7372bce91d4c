"""Fillings sent as phones send them: each arrives once and as it was, or is refused with a sentence."""

from __future__ import annotations

import http.client
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from openrosa_phone import (
    MIB,
    OTHER,
    RESPONSE,
    business,
    enumerator,
    filled,
    instance_of,
    kept,
    key,
    multipart,
    n_kept,
)
from survey_server import ADMIN, SUPERVISOR

from pk_research.store.attachments import composed

# --- sending


def test_before_sending_a_phone_is_told_where_and_how_much(house):
    phone = key(house)
    answer = phone.ask(f"{phone.url}/submission", method="HEAD")
    assert (answer.status, answer.content) == (204, b"")
    assert answer.headers["Location"] == f"{phone.url}/submission"
    assert int(answer.headers["X-OpenRosa-Accept-Content-Length"]) == 64 * MIB


def test_a_filling_arrives_as_it_was_sent(house):
    xml = business(house, "Bu Siti & <anak>", workers="3", licensed="no")
    answer = key(house).post(xml, query="?deviceID=collect%3Aabc")
    assert answer.status == 201
    assert answer.xml.find(f"{RESPONSE}message").attrib == {"nature": "submit_success"}
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    filling = kept(house, xml)
    assert filling.xml.encode() == xml
    assert filling.device_id == "collect:abc"
    code = re.search(r"Kode tanda terima: (\S+)[.]", answer.message)[1]
    assert house.store.submissions.find_receipt(code).instance_id == instance_of(xml)


def test_an_enumerator_sends_under_their_own_name(house):
    xml = business(house)
    assert enumerator(house).post(xml).status == 201
    account = next(one for one in house.store.access.accounts(by=ADMIN) if one.name == "siti")
    assert kept(house, xml).submitter_id == account.identifier


def test_sixty_photographs_come_in_several_requests_and_are_one_submission(house):
    phone = key(house, OTHER, max_uses=1)
    photos = {f"foto {n:02}.jpg": bytes([n]) * 40_000 for n in range(60)}
    xml = filled(phone.form(OTHER), {"village": "v1"}, photos=list(photos))
    answers = phone.send(xml, photos, at_once=500_000)
    assert [answer.status for answer in answers] == [202] * 4 + [201]
    filling = kept(house, xml)
    assert n_kept(house, xml, OTHER) == 1
    assert filling.xml.encode() == xml
    arrived = {
        name: house.store.submissions.attachment(filling.instance_id, name, by=SUPERVISOR) for name in photos
    }
    assert arrived == photos
    [invitation] = [
        one
        for one in house.store.access.invitations(by=SUPERVISOR, form_id=OTHER)
        if phone.url.endswith(one.token)
    ]
    assert invitation.n_uses == 1


def test_the_same_again_is_harmless(house):
    phone = key(house, max_uses=1)
    xml = business(house)
    answers = [phone.post(xml) for _ in range(3)]
    assert [answer.status for answer in answers] == [201] * 3
    assert len({answer.message for answer in answers}) == 1
    assert n_kept(house, xml) == 1


def test_the_same_from_six_connections_at_once_arrives_once(house):
    phone, xml = key(house, max_uses=1), business(house)
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _: phone.post(xml).status, range(6)))
    assert statuses == [201] * 6
    assert n_kept(house, xml) == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99, 1.0])
def test_a_connection_that_breaks_and_a_second_attempt_give_one_submission(house, share):
    """At 1.0 everything arrived and only the acknowledgement was lost."""
    phone = key(house, OTHER, max_uses=1)
    photos = {f"f{n}.jpg": bytes([n]) * 200_000 for n in range(5)}
    xml = filled(phone.form(OTHER), {"village": "v2"}, photos=list(photos))
    kind, body = multipart(xml, photos)
    with socket.create_connection(("127.0.0.1", house.port)) as broken:
        head = f"POST {urlsplit(phone.url).path}/submission HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\n"
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        broken.sendall(head.encode() + body[: int(share * len(body))])
    assert phone.post(xml, photos).status == 201
    assert n_kept(house, xml, OTHER) == 1
    assert set(kept(house, xml).attachments) == set(photos)
    assert None not in kept(house, xml).attachments.values()


def test_what_was_acknowledged_outlives_the_server(house):
    phone, xml = key(house), business(house)
    assert phone.post(xml).status == 201
    house.kill()
    house.start()
    assert phone.post(xml).status == 201
    assert n_kept(house, xml) == 1


def test_a_photograph_no_answer_names_does_not_keep_a_filling_on_the_phone(house):
    phone = key(house, OTHER)
    xml = filled(phone.form(OTHER), {"village": "v1"}, photos=["new.jpg"])
    assert phone.post(xml, {"new.jpg": b"new", "retaken.jpg": b"old"}).status == 201
    assert set(kept(house, xml).attachments) == {"new.jpg"}


@pytest.mark.parametrize(
    ("names", "contents", "status"),
    [
        (("a.jpg", "a.jpg"), (b"one", b"one"), 201),
        (("a.jpg", "a.jpg"), (b"one", b"two"), 400),
        (("caf\u00e9.jpg", "cafe\u0301.jpg"), (b"one", b"two"), 400),
        (("a.jpg", "b.jpg"), (b"one", b"two"), 201),
    ],
)
def test_two_files_of_one_name_are_taken_only_if_they_are_the_same(house, names, contents, status):
    phone = key(house, OTHER)
    xml = filled(phone.form(OTHER), {"village": "v1"}, photos=list(dict.fromkeys(names)))
    boundary, parts = "x" * 20, [("xml_submission_file", "filling.xml", xml)]
    parts += [
        (f"part {n}", name, content) for n, (name, content) in enumerate(zip(names, contents, strict=True))
    ]
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for part, name, content in parts
    )
    kind = f"multipart/form-data; boundary={boundary}"
    answer = phone.ask(f"{phone.url}/submission", body + f"--{boundary}--\r\n".encode(), Content_Type=kind)
    assert answer.status == status
    assert n_kept(house, xml, OTHER) == (status == 201)
    if status == 400:
        assert answer.message == f"Ada dua berkas berbeda dengan nama {composed(names[0])}."


# --- what is refused


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (None, "Kiriman ini tidak sesuai dengan formulirnya. Tidak boleh kurang dari nol."),
        ("in-ID,en;q=0.5", "Kiriman ini tidak sesuai dengan formulirnya. Tidak boleh kurang dari nol."),
        ("en-GB", "The submission does not keep to its form. Tidak boleh kurang dari nol."),
    ],
)
def test_a_broken_constraint_is_said_in_the_language_of_the_phone(house, language, sentence):
    spoken = {"Accept_Language": language} if language else {}
    xml = business(house, workers="-1")
    answer = key(house).post(xml, **spoken)
    assert answer.status == 422
    assert answer.message == sentence  # what the form itself says, it says in its own first language
    assert n_kept(house, xml) == 0


def test_another_filling_under_a_known_identifier_is_a_conflict(house):
    phone, xml = key(house), business(house)
    assert phone.post(xml).status == 201
    assert phone.post(xml.replace(b"Aminah", b"Aisyah")).status == 409
    assert kept(house, xml).xml.encode() == xml


def test_another_photograph_under_a_known_name_does_not_replace_it(house):
    phone = key(house, OTHER)
    xml = filled(phone.form(OTHER), {"village": "v1"}, photos=["a.jpg"])
    assert phone.post(xml, {"a.jpg": b"first"}).status == 201
    assert phone.post(xml, {"a.jpg": b"second"}).status == 409
    assert house.store.submissions.attachment(instance_of(xml), "a.jpg", by=SUPERVISOR) == b"first"


ENTITY = b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d id="usaha">&e;</d>'
REFUSED = {
    "no XML": (lambda xml: b"not xml", 422),
    "no XML to its end": (lambda xml: xml[:-9], 422),
    "an entity": (lambda xml: ENTITY, 422),
    "not UTF-8": (lambda xml: xml.replace(b"Bu ", b"\xff\xfe"), 422),
    "another form": (lambda xml: xml.replace(b'id="usaha"', b'id="desa"'), 404),
    "a form nobody has": (lambda xml: xml.replace(b'id="usaha"', b'id="nobody"'), 404),
    "a version nobody has": (lambda xml: xml.replace(b'version="1"', b'version="99"'), 422),
    "no identifier": (lambda xml: re.sub(rb"uuid:[0-9a-f-]+", b"", xml), 422),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_filling_that_cannot_be_taken_gets_a_sentence_and_leaves_nothing(house, what):
    change, status = REFUSED[what]
    before = len(house.submissions())
    answer = key(house).post(change(business(house)))
    assert answer.status == status
    assert answer.message
    assert "Traceback" not in answer.message
    assert "passwd" not in answer.message
    assert len(house.submissions()) == before


@pytest.mark.parametrize("what", ["no XML", "no XML to its end", "an entity", "not UTF-8"])
def test_what_cannot_be_read_is_in_the_audit_log_without_a_word_of_it(house, what):
    change, _ = REFUSED[what]
    key(house).post(change(business(house, "Bu Rahasia")))
    event = house.store.audit.events(1)[0]
    assert event.kind == "submission refused"
    assert event.details == {"reason": "flaws", "flaws": ["unreadable"], "via": "openrosa"}
    assert (event.subject, event.actor[:2]) == ("", "i-")


def test_a_form_of_others_and_one_nobody_has_sound_the_same(house):
    answers = [
        key(house).post(business(house).replace(b'id="usaha"', f'id="{form_id}"'.encode()))
        for form_id in ("desa", "nobody")
    ]
    assert answers[0].message == answers[1].message


NO_FILLING = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/xml", b"<data/>"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n\xff\xfe: \x00\r\n\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", NO_FILLING),
    ],
)  # fmt: skip
def test_a_body_that_is_none_gets_a_sentence(house, kind, body):
    phone = key(house)
    answer = phone.ask(f"{phone.url}/submission", body, Content_Type=kind)
    assert answer.status == 400
    assert answer.message.startswith("Permintaan ini tidak dapat dipahami.")


def test_what_is_too_large_is_turned_away_before_it_is_read(house):
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=20)
    connection.putrequest("POST", f"{urlsplit(key(house).url).path}/submission")
    connection.putheader("Content-Length", str(65 * MIB))
    connection.endheaders()  # and not a byte of body
    answer = connection.getresponse()
    assert answer.status == 413
    assert b"Ukurannya terlalu besar" in answer.read()
    connection.close()


def test_a_page_of_another_site_cannot_send_with_the_password_a_browser_keeps(house):
    phone, xml = enumerator(house), business(house)
    assert phone.post(xml, Origin="https://elsewhere.example").status == 403
    assert phone.post(xml, Sec_Fetch_Site="cross-site").status == 403
    assert n_kept(house, xml) == 0
