"""The apps as the town sees them: over TLS, with nginx in front as ``deploy/nginx.conf`` sets it up."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from nginx_before_apps import MISSING, WHY_NOT, Front, nginx_before
from ports import free_port

from pk_research import sample
from pk_research.apps.serve import write_first_pages
from pk_research.settings import Settings
from pk_research.store import open_store
from pk_research.workbench import apps_server, serve

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=WHY_NOT)]


@pytest.fixture(scope="module")
def front(project, tmp_path_factory) -> Iterator[Front]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(project, home, f"sqlite:///{home / 'store.sqlite'}", boundaries=None)
    settings = replace(settings, trusted_proxies=(ip_network("127.0.0.1"),))
    store = open_store(settings.database_url)
    store.keep(sample.load_sample())
    write_first_pages(settings, store)
    server = apps_server(settings, ip="127.0.0.1", port=free_port())
    with serve([server]), nginx_before(project, home / "nginx", apps=server.port) as front:
        yield front


def ask(front: Front, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(front.address + path, body)
    try:
        answer = urllib.request.urlopen(request, context=front.tls, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, dict(answer.headers), answer.read()


def test_an_app_comes_alive_over_tls(front, chromium):
    context = chromium.new_context(ignore_https_errors=True, viewport={"width": 360, "height": 740})
    page = context.new_page()
    lines: list[str] = []
    page.on("websocket", lambda line: lines.append(line.url))
    page.goto(f"{front.address}/findings", wait_until="commit")
    page.wait_for_selector("#pk-first", timeout=20_000)
    page.wait_for_selector("body.pk-swapped", timeout=90_000)
    assert any(url.startswith("wss://") and "/channels" in url for url in lines)
    page.close(run_before_unload=True)
    context.close()


def test_a_form_is_reached_and_its_cookies_go_over_tls_only(front):
    status, headers, page = ask(front, "/survey?language=en")
    assert status == 200
    assert b"Traceback" not in page
    assert "Secure" in headers.get("Set-Cookie", "Secure")
    assert "Secure" in ask(front, "/?language=en")[1]["Set-Cookie"]


@pytest.mark.parametrize("path", ["/", "/health", "/nothing", "/survey"])
def test_browsers_are_told_to_come_over_tls_only(front, path):
    assert ask(front, path)[1]["Strict-Transport-Security"].startswith("max-age=31536000")


def test_whoever_comes_without_tls_is_led_to_the_same_address_with_it(front):
    connection = http.client.HTTPConnection("127.0.0.1", front.http, timeout=20)
    connection.request("GET", "/findings?x=1")
    answer = connection.getresponse()
    assert answer.status == 301
    assert answer.getheader("Location") == f"{front.address}/findings?x=1"


def test_too_large_a_body_ends_at_the_front(front):
    assert ask(front, "/survey/begin", b"x" * 2_000_000)[0] == 413


def test_too_many_live_apps_from_one_address_end_at_the_front_and_the_rest_is_served(front):
    with ThreadPoolExecutor(8) as pool:  # an app that asks for an account starts no kernel here
        statuses = list(pool.map(lambda _: ask(front, "/supervise")[0], range(90)))
    assert 429 in statuses
    assert ask(front, "/")[0] == 200


def test_scripts_are_kept_at_the_front_without_anybodys_cookie(front):
    _, _, page = ask(front, "/survey")
    path = re.search(rb'(/survey/static/[^"]+\.js)', page)[1].decode()
    for _ in range(2):
        status, headers, _ = ask(front, path)
        assert status == 200
        assert "Set-Cookie" not in headers


def test_the_log_of_the_front_holds_no_address(front):
    for path in Path(front.certificate).parent.glob("*.log"):
        assert "/i/" not in path.read_text()
