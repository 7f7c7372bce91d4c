"""Who may get forms and send by the OpenRosa endpoint, by a link or by a password."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from openrosa_phone import (
    FORM,
    LIST,
    OTHER,
    Phone,
    basic,
    business,
    enumerator,
    filled,
    instance_of,
    kept,
    key,
)
from pyxform.xls2xform import convert
from survey_server import RESEARCHER, SUPERVISOR
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from pk_research.apps.openrosa.doors import by_password
from pk_research.apps.openrosa.trouble import Challenged
from pk_research.store.access import NotEntered


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
