"""For whom a request is made, and how often it is heard: proxies that are trusted, links that many share."""

from __future__ import annotations

import http.client
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from ports import free_port
from pyxform.xls2xform import convert
from survey_process import SurveyProcess
from survey_server import FORM, RESEARCHER, SUPERVISOR, Visitor

from pk_research.apps.survey.origins import origin_of, scheme_of
from pk_research.errors import BadInput
from pk_research.settings import read_settings
from pk_research.store import open_store
from pk_research.store.access import read_secret

HERE, ELSEWHERE = ip_network("127.0.0.1"), ip_network("10.0.0.0/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "origin"),
    [
        # nobody is trusted: whatever is said, it is whoever connects
        ("203.0.113.7", [], (), "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.9"], (), "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.9"], (), "127.0.0.1"),
        # one proxy: the last entry is its own, those before anybody may have sent
        ("127.0.0.1", ["203.0.113.7"], (HERE,), "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.9, 203.0.113.7"], (HERE,), "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.9", "203.0.113.7"], (HERE,), "203.0.113.7"),
        ("127.0.0.1", ["2001:db8::7"], (HERE,), "2001:db8::7"),
        ("::ffff:127.0.0.1", ["::ffff:203.0.113.7"], (HERE,), "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.9"], (HERE,), "203.0.113.7"),
        # two: the outer one stands in the entry of the inner one
        ("127.0.0.1", ["198.51.100.9, 203.0.113.7, 10.1.2.3"], (HERE, ELSEWHERE), "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7, 10.1.2.3"], (HERE,), "10.1.2.3"),
        # what is no address ends the way back
        ("127.0.0.1", [], (HERE,), "127.0.0.1"),
        ("127.0.0.1", [""], (HERE,), "127.0.0.1"),
        ("127.0.0.1", ["unknown"], (HERE,), "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7, _hidden"], (HERE,), "127.0.0.1"),
        ("127.0.0.1", ["127.0.0.1"] * 3, (HERE,), "127.0.0.1"),
        ("a socket", ["203.0.113.7"], (HERE,), "a socket"),
    ],
)
def test_only_trusted_proxies_are_believed_for_whom_they_ask(peer, forwarded, proxies, origin):
    assert origin_of(peer, forwarded, proxies) == origin


@pytest.mark.parametrize(
    ("protocol", "peer", "said", "scheme"),
    [
        ("http", "127.0.0.1", "https", "https"),
        ("http", "127.0.0.1", "HTTPS, http", "https"),
        ("https", "127.0.0.1", "http", "http"),
        ("http", "127.0.0.1", "", "http"),
        ("http", "127.0.0.1", "gopher", "http"),
        ("http", "203.0.113.7", "https", "http"),
        ("https", "203.0.113.7", "http", "https"),
    ],
)
def test_only_trusted_proxies_are_believed_how_they_were_asked(protocol, peer, said, scheme):
    assert scheme_of(protocol, peer, said, (HERE,)) == scheme


def test_which_proxies_are_trusted_is_a_setting():
    assert read_settings({}).trusted_proxies == ()
    given = {"PK_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,"}
    assert read_settings(given).trusted_proxies == (HERE, ELSEWHERE)


@pytest.mark.parametrize("given", ["proxy.example", "10.0.0.1/8", "300.0.0.1", "127.0.0.1;::1", "*"])
def test_a_proxy_that_is_no_address_is_told(given):
    with pytest.raises(BadInput, match="PK_TRUSTED_PROXIES"):
        read_settings({"PK_TRUSTED_PROXIES": given})


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = tmp_path_factory.mktemp("origins")
    url = f"sqlite:///{home / 'store.sqlite'}"
    store = open_store(url, key=read_secret(home))
    store.forms.publish(convert(xlsform=FORM, pretty_print=False).xform, by=RESEARCHER)
    process = SurveyProcess(home, url, free_port(), {"DRAFTS_BY_OWNER": "3/hour"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PK_TRUSTED_PROXIES", "127.0.0.1")
        process.start()
    try:
        yield process, store
    finally:
        process.kill()
        store.engine.dispose()


def test_behind_a_trusted_proxy_everybody_is_counted_for_themselves(served):
    process, _ = served

    def guess(origin: str) -> int:
        return (
            Visitor(process, X_Forwarded_For=f"198.51.100.9, {origin}")
            .send("/survey/resume", code="A")
            .status
        )

    assert {guess(f"203.0.113.{n}") for n in range(130)} == {404}
    assert [guess("203.0.113.200") for _ in range(121)] == [404] * 120 + [429]
    assert guess("203.0.113.201") == 404


@pytest.mark.parametrize(("said", "is_secure"), [("https", True), ("http", False)])
def test_cookies_keep_to_the_encrypted_way_where_a_trusted_proxy_encrypts(served, said, is_secure):
    process, store = served
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    invitation = store.access.invite("usaha", by=SUPERVISOR, expires_at=tomorrow)
    connection = http.client.HTTPConnection(urlsplit(process.address).netloc, timeout=30)
    connection.request("GET", f"/i/{invitation.token}", headers={"X-Forwarded-Proto": said})
    cookies = connection.getresponse().headers.get_all("Set-Cookie")
    connection.close()
    assert cookies
    assert [("secure" in cookie.lower()) for cookie in cookies] == [is_secure] * len(cookies)


def test_one_link_begins_so_many_forms_from_wherever_it_is_opened(served):
    process, store = served
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    leaked, other = (
        f"{process.address}/i/{store.access.invite('usaha', by=SUPERVISOR, expires_at=tomorrow).token}"
        for _ in range(2)
    )

    def begin(link: str, origin: str, *, times: int = 1) -> list[int]:
        visitor = Visitor(process, X_Forwarded_For=origin)
        visitor.ask(link)
        return [visitor.api("open", form="usaha").status for _ in range(times)]

    assert begin(leaked, "203.0.113.1", times=2) + begin(leaked, "203.0.113.2") == [200] * 3
    assert begin(leaked, "203.0.113.3") == [429]
    assert begin(other, "203.0.113.1") == [200]
