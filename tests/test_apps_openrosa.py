"""The OpenRosa endpoint asked as phones ask it, over the wire.

No library on PyPI does what ODK Collect does (pyodk speaks the REST interface of ODK Central, osm-fieldwork
likewise), so there are two clients here: curl, and `Phone`, which is written from the OpenRosa 1.0 pages
and Collect's habits with the standard library alone. Neither shares a line with the server.
"""

from __future__ import annotations

import copy
import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from ports import free_port
from pyxform.xls2xform import convert
from survey_server import ADMIN, PASSWORD, RESEARCHER, SUPERVISOR, SurveyHouse, Visitor, survey_house
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from pk_research.apps.openrosa import collect_qr, collect_settings
from pk_research.apps.openrosa.doors import by_password
from pk_research.apps.openrosa.trouble import Challenged
from pk_research.apps.serve import voila_environment
from pk_research.language import catalogue
from pk_research.store.access import NotEntered
from pk_research.store.attachments import composed

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
RESPONSE = "{http://openrosa.org/http/response}"
XFORMS = "{http://www.w3.org/2002/xforms}"
MIB = 1024 * 1024
PICTURE, VILLAGES = b"\x89PNG a map", b"name,label\nv1,Karangsatria\nv2,Sriamur\n"
PHOTOS = """
| survey |
|  | type                              | name    | label             | media::image |
|  | select_one_from_file villages.csv | village | Desa mana?        | peta.png     |
|  | begin_repeat                      | item    | Produk            |              |
|  | image                             | photo   | Foto              |              |
|  | end_repeat                        |         |                   |              |
| settings |
|  | form_id   | version | form_title           |
|  | foto & co | 2 "b"   | Foto <produk> & desa |
"""
FORM, OTHER = "usaha", "foto & co"


@pytest.fixture(scope="module")
def house(project, tmp_path_factory):
    with survey_house(tmp_path_factory.mktemp("openrosa"), project=project) as house:
        files = {"peta.png": PICTURE, "villages.csv": VILLAGES}
        xform = convert(xlsform=PHOTOS, pretty_print=False).xform
        house.store.forms.publish(xform, by=RESEARCHER, files=files)
        yield house


@dataclass
class Answer:
    """What came back."""

    status: int
    content: bytes
    headers: http.client.HTTPMessage

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(self.content)

    @property
    def message(self) -> str:
        """What Collect shows."""
        assert self.xml.tag == f"{RESPONSE}OpenRosaResponse", self.content
        return self.xml.find(f"{RESPONSE}message").text


@dataclass
class Phone:
    """ODK Collect, as far as the wire shows: the address of a project, and perhaps name and password."""

    url: str
    headers: dict[str, str] = field(default_factory=lambda: {"X-OpenRosa-Version": "1.0"})

    def ask(self, url: str, body: bytes | None = None, *, method: str | None = None, **headers) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, body, {**self.headers, **named}, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=120)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Answer(answer.status, answer.read(), answer.headers)

    def forms(self, query: str = "") -> list[dict[str, str]]:
        """Return the list of forms."""
        entries = self.ask(f"{self.url}/formList{query}").xml
        assert entries.tag == f"{LIST}xforms"
        return [{child.tag.removeprefix(LIST): child.text for child in entry} for entry in entries]

    def form(self, form_id: str) -> bytes:
        """Download a form, and make sure that it is whole."""
        [entry] = [entry for entry in self.forms() if entry["formID"] == form_id]
        content = self.ask(entry["downloadUrl"]).content
        assert entry["hash"] == md5(content)
        return content

    def media(self, form_id: str) -> dict[str, bytes]:
        """Download what belongs to a form."""
        [entry] = [entry for entry in self.forms() if entry["formID"] == form_id]
        listed = self.ask(entry["manifestUrl"]).xml
        assert listed.tag == f"{MANIFEST}manifest"
        files = {}
        for file in listed:
            name, digest, url = (
                file.find(f"{MANIFEST}{what}").text for what in ("filename", "hash", "downloadUrl")
            )
            files[name] = self.ask(url).content
            assert digest == md5(files[name])
        return files

    def post(
        self, xml: bytes, files: dict[str, bytes] | None = None, *, query: str = "", **options
    ) -> Answer:
        """Send one request."""
        kind, body = multipart(xml, files or {}, is_partial=options.pop("is_partial", False))
        return self.ask(f"{self.url}/submission{query}", body, Content_Type=kind, **options)

    def send(self, xml: bytes, files: dict[str, bytes], *, at_once: int) -> list[Answer]:
        """Send a filling as Collect does: ask first, then in as many requests as the size asks for."""
        first = self.ask(f"{self.url}/submission?deviceID=collect%3Aabc", method="HEAD")
        assert first.status == 204
        assert urlsplit(first.headers["Location"]).hostname == urlsplit(self.url).hostname
        limit = min(at_once, int(first.headers["X-OpenRosa-Accept-Content-Length"]))
        parts: list[dict[str, bytes]] = [{}]
        for name, content in files.items():
            if parts[-1] and sum(map(len, parts[-1].values())) + len(content) + len(xml) > limit:
                parts.append({})
            parts[-1][name] = content
        return [
            self.post(xml, part, query="?deviceID=collect%3Aabc", is_partial=part is not parts[-1])
            for part in parts
        ]


def md5(content: bytes) -> str:
    return "md5:" + hashlib.md5(content).hexdigest()


def multipart(xml: bytes, files: dict[str, bytes], *, is_partial: bool = False) -> tuple[str, bytes]:
    boundary = f"--------{uuid4().hex}"
    parts = [("xml_submission_file", "filling.xml", "text/xml", xml)]
    parts += [(name, name, "image/jpeg", content) for name, content in files.items()]
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: {kind}\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, filename, kind, content in parts
    )
    if is_partial:
        disposition = 'Content-Disposition: form-data; name="*isIncomplete*"'
        body += f"--{boundary}\r\n{disposition}\r\n\r\nyes\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def key(house: SurveyHouse, form_id: str = FORM, **options: Any) -> Phone:
    """Return a phone that was given an invitation."""
    return Phone(f"{house.address}/key/{house.invite(form_id, **options).rpartition('/')[2]}")


def basic(name: str, password: str = PASSWORD) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def enumerator(house: SurveyHouse, name: str = "siti", password: str = PASSWORD) -> Phone:
    return Phone(f"{house.address}/openrosa", {"Authorization": basic(name, password)})


def filled(form: bytes, answers: dict[str, str], *, photos: list[str] = (), instance: str = "") -> bytes:
    """Fill a form as Collect does: its first instance, without what is not relevant."""
    root = copy.deepcopy(ET.fromstring(form).find(f".//{XFORMS}instance")[0])
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name in [name for name in element.attrib if name.startswith("{")]:
            del element.attrib[name]
    for group in [*root.iter()]:
        for child in [child for child in group if child.tag in {"number", "item"}]:
            group.remove(child)
    for path, answer in answers.items():
        root.find(path).text = answer
    for photo in photos:
        item = ET.Element("item")
        ET.SubElement(item, "photo").text = photo
        root.insert(1, item)
    root.find("meta/instanceID").text = instance or f"uuid:{uuid4()}"
    return b"<?xml version='1.0' ?>" + ET.tostring(root)


def business(house: SurveyHouse, owner: str = "Bu Aminah", **answers: str) -> bytes:
    """Return a filling of the form about businesses."""
    paths = {f"usaha/{name}": value for name, value in {"owner": owner, **answers}.items()}
    return filled(house.store.forms.find(FORM).xml.encode(), paths)


def instance_of(xml: bytes) -> str:
    return re.search(rb"uuid:[0-9a-f-]{36}", xml)[0].decode()


def kept(house: SurveyHouse, xml: bytes) -> Any:
    """Return the submission that has the identifier of a filling."""
    return house.store.submissions.read(instance_of(xml), by=SUPERVISOR)


def n_kept(house: SurveyHouse, xml: bytes, form_id: str = FORM) -> int:
    every = house.store.submissions.list(form_id, by=SUPERVISOR)
    return sum(one.instance_id == instance_of(xml) for one in every)


# --- getting forms


def test_the_list_holds_the_form_of_the_invitation_and_no_other(house):
    [entry] = key(house).forms()
    assert (entry["formID"], entry["name"], entry["version"]) == (FORM, "Usaha rumah tangga", "1")
    assert set(entry) == {"formID", "name", "version", "hash", "downloadUrl"}


def test_an_account_sees_all_forms_or_the_one_it_asks_for(house):
    siti = enumerator(house)
    assert {entry["formID"] for entry in siti.forms()} == {FORM, "desa", OTHER}
    assert [entry["formID"] for entry in siti.forms("?formID=desa")] == ["desa"]
    assert siti.forms("?formID=nothing") == []


def test_a_verbose_list_describes_the_forms(house):
    [entry] = key(house).forms("?verbose=true")
    assert entry["descriptionText"].startswith("Usaha rumah tangga, 20")


def test_a_form_arrives_byte_for_byte_with_everything_that_belongs_to_it(house):
    phone = key(house, OTHER)
    [entry] = phone.forms()
    assert (entry["name"], entry["version"]) == ("Foto <produk> & desa", '2 "b"')
    assert phone.form(OTHER) == house.store.forms.find(OTHER).xml.encode()
    assert phone.media(OTHER) == {"peta.png": PICTURE, "villages.csv": VILLAGES}


def test_a_version_that_is_not_the_newest_is_still_there_with_its_own_files(house):
    form = "| survey |\n|  | type | name | label |\n|  | note | n | {n} |\n| settings |\n"
    form += "|  | form_id | version | form_title |\n|  | lama | {n} | Lama |\n"
    for n in (1, 2):
        xform = convert(xlsform=form.format(n=n), pretty_print=False).xform
        house.store.forms.publish(xform, by=RESEARCHER)
    phone = key(house, "lama")
    [newest] = phone.forms()
    assert newest["version"] == "2"
    address = newest["downloadUrl"].replace("version=2", "version=1")
    assert phone.ask(address).content == house.store.forms.find("lama", "1").xml.encode()
    house.store.forms.close("lama", by=RESEARCHER)
    assert phone.forms() == []
    assert phone.ask(address).status == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [("formList", 200), ("submission", 405), ("form.xml?formID=x", 404), ("manifest", 400), ("nothing", 404)],
)
def test_every_answer_says_its_version_and_date(house, path, status):
    answer = key(house).ask(f"{key(house).url}/{path}")
    assert answer.status == status
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert abs(parsedate_to_datetime(answer.headers["Date"]) - datetime.now(UTC)) < timedelta(hours=1)
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"


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


# --- who comes in


@pytest.mark.parametrize("token", ["i-0123456789abcdef.AAAA", "x", "..%2F..", "%00", "a" * 300])
@pytest.mark.parametrize("path", ["formList", "form.xml?formID=usaha", "submission"])
def test_a_forged_token_opens_nothing(house, token, path):
    phone = Phone(f"{house.address}/key/{token}")
    assert phone.ask(f"{phone.url}/{path}").status in {403, 404}
    assert phone.post(business(house)).status in {403, 404}


def test_a_token_of_one_form_opens_no_other(house):
    phone = key(house)
    for name in ("form.xml", "manifest", "media"):
        statuses = {
            phone.ask(f"{phone.url}/{name}?formID={form_id}&name=peta.png").status
            for form_id in ("desa", quote(OTHER), "nobody")
        }
        assert statuses == {404}


def test_an_invitation_taken_back_opens_nothing_not_even_to_finish(house):
    phone, xml = key(house), business(house)
    assert phone.post(xml).status == 201
    [mine] = [
        one
        for one in house.store.access.invitations(by=SUPERVISOR, form_id=FORM)
        if phone.url.endswith(one.token)
    ]
    house.store.access.revoke(mine.identifier, by=SUPERVISOR)
    assert phone.ask(f"{phone.url}/formList").message == "Undangan ini sudah dicabut."
    for answer in (phone.ask(f"{phone.url}/formList"), phone.post(xml), phone.post(business(house))):
        assert answer.status == 403


def test_an_invitation_that_was_used_up_still_takes_the_rest_of_what_it_took(house):
    phone = key(house, OTHER, max_uses=1)
    xml = filled(phone.form(OTHER), {"village": "v1"}, photos=["a.jpg", "b.jpg"])
    assert phone.post(xml, {"a.jpg": b"a"}, is_partial=True).status == 202
    assert phone.ask(f"{phone.url}/formList").status == 403
    assert phone.post(xml, {"b.jpg": b"b"}).status == 201
    assert None not in kept(house, xml).attachments.values()
    another = xml.replace(instance_of(xml).encode(), f"uuid:{uuid4()}".encode())
    answer = phone.post(another)
    assert (answer.status, answer.message) == (403, "Undangan ini sudah habis dipakai.")


def test_an_invitation_that_has_expired_is_refused(house):
    soon = datetime.now(UTC) + timedelta(seconds=2)
    made = house.store.access.invite(FORM, by=SUPERVISOR, expires_at=soon)
    phone = Phone(f"{house.address}/key/{made.token}")
    while datetime.now(UTC) <= soon:
        time.sleep(0.1)
    for answer in (phone.ask(f"{phone.url}/formList"), phone.post(business(house))):
        assert (answer.status, answer.message) == (403, "Undangan ini sudah kedaluwarsa.")


def test_an_invitation_for_a_village_takes_no_answers_for_another(house):
    form = "| survey |\n|  | type | name | label |\n|  | text | village_code | Kode |\n| settings |\n"
    form += "|  | form_id | version | form_title |\n|  | kode | 1 | Kode |\n"
    house.store.forms.publish(convert(xlsform=form, pretty_print=False).xform, by=RESEARCHER)
    phone = key(house, "kode", village_code="3216062001")
    sent = [filled(phone.form("kode"), {"village_code": code}) for code in ("3216062001", "3216062002")]
    assert [phone.post(xml).status for xml in sent] == [201, 422]


@pytest.mark.parametrize("header", [None, "Basic", "Basic !!!", "Bearer abc", basic("siti", "salah sekali")])
def test_without_the_right_password_a_phone_is_asked_for_it(house, header):
    phone = Phone(f"{house.address}/openrosa", {"Authorization": header} if header else {})
    for answer in (phone.ask(f"{phone.url}/formList"), phone.post(business(house))):
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
        assert answer.message
    assert phone.ask(f"{phone.url}/submission", method="HEAD").status == 401


def test_a_wrong_password_says_the_same_as_an_unknown_name(house):
    answers = [enumerator(house, name, "salah sama sekali") for name in ("ratna", "nobody")]
    assert len({phone.ask(f"{phone.url}/formList").content for phone in answers}) == 1


@pytest.mark.parametrize(
    ("protocol", "origin", "headers", "refusal"),
    [
        ("http", "192.168.1.4", {}, NotEntered),
        ("http", "192.168.1.4", {"X-Forwarded-Proto": "https"}, NotEntered),
        ("http", "127.0.0.1", {}, Challenged),
        ("http", "::1", {}, Challenged),
        ("http", "127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, NotEntered),
        ("http", "127.0.0.1", {"X-Forwarded-Proto": "http"}, NotEntered),
        ("http", "127.0.0.1", {"X-Forwarded-Proto": "https, http"}, Challenged),
        ("https", "203.0.113.9", {}, Challenged),
    ],
)
def test_a_password_is_asked_for_only_where_nobody_can_listen(house, protocol, origin, headers, refusal):
    connection: Any = SimpleNamespace(context=SimpleNamespace(protocol=protocol, remote_ip=origin))
    line = RequestStartLine("GET", "/openrosa/formList", "HTTP/1.1")
    request = HTTPServerRequest(
        start_line=line, headers=HTTPHeaders({"Host": "a", **headers}), connection=connection
    )
    with pytest.raises(refusal):
        by_password(house.store, request, "", origin=origin)


def test_behind_a_proxy_that_encrypts_all_addresses_are_encrypted(house):
    phone, headers = key(house), {"X_Forwarded_Proto": "https", "Host": "desa.example"}
    [url] = phone.ask(f"{phone.url}/formList", **headers).xml.iter(f"{LIST}downloadUrl")
    assert url.text.startswith("https://desa.example/key/")
    assert "https://desa.example/key/" in phone.ask(phone.url, **headers).content.decode()


def test_guessing_is_slowed_down(house):
    phone = enumerator(house, "nobody at all", "salah sama sekali")
    answers = [phone.ask(f"{phone.url}/formList") for _ in range(12)]
    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


# --- the code to scan


def test_a_settings_code_holds_the_address_and_nothing_else():
    settings = json.loads(zlib.decompress(b64decode(collect_settings("https://example.org/key/i-0.a"))))
    assert settings == {"general": {"server_url": "https://example.org/key/i-0.a"}, "admin": {}}


def picture_of(svg: str) -> np.ndarray:
    """Paint the strokes of a QR code, four pixels to a module."""
    [light] = re.findall(r'fill="#fff" d="M0 0h(\d+)v\1', svg)
    [dark] = re.findall(r'd="([^"]+)"[^>]* stroke="#000"|stroke="#000" d="([^"]+)"', svg)
    pixels, x, y = np.full((int(light), int(light)), 255, np.uint8), 0.0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", "".join(dark)):
        if command == "h":
            pixels[int(y), int(x) : int(x + float(first))] = 0
            x += float(first)
        else:
            x, y = float(first) + x * (command == "m"), float(second) + y * (command == "m")
    return np.kron(pixels, np.ones((4, 4), np.uint8))


def test_another_program_reads_the_code(house):
    zxingcpp = pytest.importorskip("zxingcpp", reason="needs zxing-cpp, a second reader of QR codes")
    url = key(house).url
    [found] = zxingcpp.read_barcodes(picture_of(collect_qr(url)))
    assert json.loads(zlib.decompress(b64decode(found.text)))["general"]["server_url"] == url


def test_the_page_shows_the_code_and_three_steps_in_two_languages(house):
    phone = key(house)
    page, visitor = urlsplit(phone.url).path, Visitor(house)
    for address in (page, f"{page}/"):
        answer = visitor.ask(address)
        assert answer.status == 200
        assert "Isi dengan ODK Collect" in answer.text
        assert answer.text.count("<li>") == 3
        assert collect_qr(phone.url) in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Fill in with ODK Collect" in visitor.ask(f"{page}/?language=en").text
    assert re.findall(r"<style| style=| on[a-z]+=", answer.text) == []


def test_every_text_of_the_page_has_its_indonesian(project):
    page = (project / "pk_research/apps/openrosa/templates/collect.html").read_text(encoding="utf-8")
    texts = {first or second for first, second in re.findall(r"""say\((?:"([^"]+)"|'([^']+)')\)""", page)}
    assert len(texts) == 9
    assert sorted(texts - set(catalogue("id"))) == []


def test_the_page_of_a_forged_link_shows_nothing(house):
    answer = Visitor(house).ask("/key/i-0123456789abcdef.AAAA/")
    assert answer.status == 403
    assert "<svg" not in answer.text


# --- another client


def curl(*arguments: str) -> Answer:
    """Ask with curl; its answer with the headers of the last response."""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "60", *arguments]
    head, _, content = subprocess.check_output(command).partition(b"\r\n\r\n")
    while b" 100 " in head.split(b"\r\n")[0]:
        head, _, content = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = http.client.HTTPMessage()
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name] = value
    return Answer(int(first.split()[1]), content, headers)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_gets_a_form_and_sends_it_with_a_large_photograph(house, tmp_path):
    [entry] = enumerator(house).forms(f"?formID={quote(OTHER)}")
    user = ["--user", f"siti:{PASSWORD}"]
    listed = curl(*user, f"{house.address}/openrosa/formList")
    assert entry["downloadUrl"] in [url.text for url in listed.xml.iter(f"{LIST}downloadUrl")]
    form = curl(*user, entry["downloadUrl"]).content
    assert md5(form) == entry["hash"]
    submission = f"{house.address}/openrosa/submission"
    assert curl(submission, "--head").status == 401
    assert curl(*user, submission, "--head").status == 204
    xml = filled(form, {"village": "v2"}, photos=["besar.jpg"])
    (tmp_path / "filling.xml").write_bytes(xml)
    (tmp_path / "besar.jpg").write_bytes(os.urandom(12 * MIB))
    parts = [("xml_submission_file", "filling.xml", "text/xml"), ("besar.jpg", "besar.jpg", "image/jpeg")]
    fields = [f"{name}=@{tmp_path / file};type={kind}" for name, file, kind in parts]
    answer = curl(*user, *(word for one in fields for word in ("--form", one)), submission)
    assert answer.status == 201, answer.content
    sent = (tmp_path / "besar.jpg").read_bytes()
    assert house.store.submissions.attachment(instance_of(xml), "besar.jpg", by=SUPERVISOR) == sent


# --- a Jupyter server, and what servers write down


def secrets_of(phone: Phone, xml: bytes) -> tuple[str, ...]:
    token = phone.url.rpartition("/")[2]
    return token, token[:18], instance_of(xml), "Rahasia", "collect:abc", "collect%3Aabc"


def test_the_log_holds_no_token_identifier_device_or_answer(house):
    phone, xml = key(house), business(house, "Rahasia")
    phone.forms()
    phone.post(xml, query="?deviceID=collect%3Aabc")
    phone.post(xml.replace(b"Rahasia", b"Rahasia 2"))
    phone.ask(f"{phone.url}/form.xml?formID=desa")
    phone.ask(f"{phone.url}/nothing")
    phone.ask(phone.url)
    written = house.log.read_text()
    assert "409 POST Submission" in written
    assert "404 GET FormFile" in written
    for secret in (*secrets_of(phone, xml), "/key/"):
        assert secret not in written
    assert "Traceback" not in written


def test_a_jupyter_server_answers_phones_as_well(house, tmp_path):
    port, log = free_port(), tmp_path / "jupyter.log"
    places = {f"JUPYTER_{what}_DIR": str(tmp_path) for what in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **voila_environment(house.settings), **places}
    chosen = tmp_path / "jupyter_server_config.d" / "pk_openrosa.json"
    chosen.parent.mkdir()
    chosen.write_text(json.dumps({"ServerApp": {"jpserver_extensions": {"pk_research.apps.openrosa": True}}}))
    serve = ["--no-browser", "--allow-root", "--debug", f"--ServerApp.port={port}"]
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *serve, f"--ServerApp.root_dir={tmp_path}"],
            env=environment,
            stdout=file,
            stderr=file,
        )
    try:
        token = key(house).url.rpartition("/")[2]
        phone, xml = Phone(f"http://127.0.0.1:{port}/key/{token}"), business(house, "Rahasia")
        _wait_for(f"{phone.url}/formList", log)
        assert [entry["formID"] for entry in phone.forms()] == [FORM]
        assert phone.ask(f"{phone.url}x/formList").status == 403
        assert phone.post(xml, query="?deviceID=collect%3Aabc").status == 201
        page = phone.ask(f"{phone.url}/").content.decode()
        for address in re.findall(r'(?:src|href)="(/survey/static/[^"]+)"', page):
            assert phone.ask(f"http://127.0.0.1:{port}{address}").status == 200
    finally:
        server.kill()
        server.wait()
    assert kept(house, xml).xml.encode() == xml
    written = log.read_text()
    for secret in secrets_of(phone, xml):
        assert secret not in written


def _wait_for(url: str, log: Path) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
