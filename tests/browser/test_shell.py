"""The server around the apps, asked without a browser."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request

import brotli
import pytest

from pk_research.apps.shell.scripts import LOOKS_ONCE_MORE


def ask(address: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


def fetch(address: str, accepted: str = "identity") -> bytes:
    with urllib.request.urlopen(
        urllib.request.Request(address, headers={"Accept-Encoding": accepted})
    ) as answer:
        return answer.read()


def scripts_of(apps_address: str) -> str:
    """Return the address of the joined scripts, as an app's page names it."""
    _, page, _ = ask(f"{apps_address}/findings")
    return apps_address + page.split('<script defer src="', 1)[1].split('"', 1)[0]


def test_the_start_page_lists_the_apps_by_their_titles(apps_address):
    status, page, _ = ask(f"{apps_address}/")
    assert status == 200
    assert '<html lang="id">' in page
    assert '<a href="/findings">Desa mana yang serupa?</a>' in page


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/voila/tree", "/voila/render/findings.ipynb", "/voila/files/findings.ipynb",
     "/voila/api/contents/findings.ipynb", "/findings.ipynb", "/findings/../findings.ipynb"],
)  # fmt: skip
def test_where_there_is_nothing_a_page_says_so_in_indonesian(apps_address, path):
    status, page, _ = ask(apps_address + path)
    assert status == 404
    assert "Halaman ini tidak ada" in page
    assert "Traceback" not in page


def test_the_whole_page_of_an_app_names_no_other_server_and_no_source(apps_address):
    status, page, headers = ask(f"{apps_address}/findings")
    assert status == 200
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert page.index("Desa mana yang serupa?") < page.index("jupyter-config-data")
    assert "cdn" not in page
    assert "findings.show" not in page
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_the_scripts_come_in_one_file_that_is_kept_for_a_year(apps_address):
    status, scripts, headers = ask(scripts_of(apps_address))
    assert status == 200
    assert "immutable" in headers["Cache-Control"]
    assert scripts.count("webpackChunk") > 50
    assert scripts.count(LOOKS_ONCE_MORE.decode()) == 1


def test_the_scripts_come_packed_as_small_as_the_browser_takes_it(apps_address):
    address = scripts_of(apps_address)
    plain = fetch(address)
    gzipped, brotlied = fetch(address, "gzip, deflate"), fetch(address, "gzip, deflate, br, zstd")
    assert gzip.decompress(gzipped) == brotli.decompress(brotlied) == plain
    assert 3 * len(gzipped) < len(plain)
    assert 1.15 * len(brotlied) < len(gzipped)


@pytest.mark.parametrize(
    ("accepted", "packed_by"),
    [("br", "br"), ("gzip, br", "br"), ("gzip;q=1.0, br;q=0.5", "br"), ("br;q=0, gzip", "gzip"),
     ("br; q=0.000, gzip", "gzip"), ("x-br, gzip", "gzip"), ("br;q=0", None), ("", None), (";;,=", None)],
)  # fmt: skip
def test_scripts_are_packed_in_no_way_the_browser_does_not_take(apps_address, accepted, packed_by):
    request = urllib.request.Request(scripts_of(apps_address), headers={"Accept-Encoding": accepted})
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Encoding"] == packed_by


def test_an_app_whose_kernel_fails_says_so_on_a_whole_page(broken_address):
    status, page, _ = ask(f"{broken_address}/broken")
    assert status == 200
    assert "<h1>Aplikasi rusak</h1>" in page
    assert "pkShell.giveUp()" in page
    assert "Pilihan tidak dapat dimuat." in page
    assert "secret" not in page
    assert "Traceback" not in page
    assert page.rstrip().endswith("</html>")
