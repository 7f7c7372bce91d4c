"""The static site: whole or not at all, linked throughout, made data called made, same data same bytes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urljoin, urlsplit

import pandas as pd
import pytest
from awaiting import awaited
from axe_playwright_python.sync_playwright import Axe
from browser.conftest import SIZES
from playwright.sync_api import expect
from ports import free_port

from pk_research import sample
from pk_research.apps.site import Grid, gather, write_site
from pk_research.apps.site.content import lowest_terms
from pk_research.apps.site.pages import potential_path, types_path
from pk_research.disclosure import withheld_message
from pk_research.errors import BadInput, NotReady
from pk_research.store import open_store

SMALL = Grid(numbers=(None, 3), levels=(1, 2))
FIRST_VIEW_BYTES = 1_500_000
PERSON = "Siti Aminah binti Karto"


def part_of_the_sample():
    """Four kecamatan of the made sample, the last two years, asked by the same person."""
    whole = sample.load_sample()
    frame = whole.frame.assign(enumerator=PERSON)
    kept = (frame["village_code"].str[:6] <= "321604") & (frame["year"] >= 2023)
    frame = frame[kept].reset_index(drop=True)
    told = frame[["product_sales_idr_month", "stunted_children"]].dropna().index[0]
    frame.loc[told, ["product_sellers", "stunted_children"]] = [2, 3]
    return replace(whole, frame=frame)


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('site') / 'store.sqlite'}")
    store.keep(part_of_the_sample())
    return gather(store, grid=SMALL)


@pytest.fixture(scope="module")
def site(content, tmp_path_factory):
    return write_site(content, tmp_path_factory.mktemp("public") / "site")


@pytest.fixture(scope="module")
def pages(site):
    return {
        str(path.relative_to(site.folder)): path.read_text(encoding="utf-8")
        for path in sorted(site.folder.rglob("*.html"))
    }


class Read(HTMLParser):
    """What a page refers to, and what it says of itself."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.ids, self.tags, self.unnamed = [], [], [], []
        self.language = self.title = ""
        self.meta = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.addresses += [found[name] for name in ("href", "src", "action", "data-table") if found.get(name)]
        self.ids += [found["id"]] if "id" in found else []
        self.language = found.get("lang", self.language) if tag == "html" else self.language
        if tag == "meta" and "name" in found:
            self.meta[found["name"]] = found["content"]
        if tag == "img" and "alt" not in found:
            self.unnamed.append(found)


def test_every_language_has_every_page(content, pages):
    indonesian = {path for path in pages if not path.startswith("en/")}
    assert {path.removeprefix("en/") for path in pages if path.startswith("en/")} == indonesian
    villages = {path for path in indonesian if path.startswith("desa/")}
    assert villages == {f"desa/{code}.html" for code in content.villages}
    assert len(villages) == 187
    assert {"index.html", "potential.html", "villages.html", "downloads.html", "about.html"} <= indonesian
    assert {types_path(content, year, k) for year in (2024, 2023) for k in (None, 3)} <= indonesian


def test_every_link_leads_somewhere_and_nothing_is_fetched_from_elsewhere(site, pages):
    checked = set()
    for path, text in pages.items():
        for address in Read(text).addresses:
            parts = urlsplit(address)
            if parts.scheme == "data":
                continue
            assert not parts.scheme, (path, address)
            assert not parts.netloc, (path, address)
            target = urlsplit(urljoin(f"/{path}", address)).path
            checked.add(unquote(target).removeprefix("/"))
    missing = sorted(target for target in checked if not (site.folder / target).is_file())
    assert missing == []
    assert len(checked) > 380


@pytest.mark.parametrize(("root", "below"), [("/", ""), ("/findings/", "findings/")])
def test_the_page_for_an_address_that_is_not_there_leads_back_from_any_folder(content, tmp_path, root, below):
    site = write_site(content, tmp_path / "site", root=root)
    for path in ("404.html", "en/404.html"):
        text = (site.folder / path).read_text(encoding="utf-8")
        addresses = [address for address in Read(text).addresses if not address.startswith(("data:", "#"))]
        assert len(addresses) > 8
        for asked in (f"{root}nowhere", f"{root}desa/9/no/such.html", f"{root}en/desa/1.html"):
            for address in addresses:
                found = urljoin(asked, address)
                assert found.startswith(root), address
                assert (site.folder / found.removeprefix(f"/{below}")).is_file(), (path, asked, address)
        assert f"data-home='{root}{'en/' if path.startswith('en/') else ''}'" in text, "for the search"


@pytest.mark.parametrize("root", ["", "findings/", "https://x.id/", "//x/", "/a'b/", "/a"])
def test_an_address_that_is_none_is_refused(content, tmp_path, root):
    with pytest.raises(BadInput, match="Write it as '/' or '/findings/'"):
        write_site(content, tmp_path / "site", root=root)
    assert not (tmp_path / "site").exists()


def test_every_page_says_what_it_is_and_that_its_data_is_made(pages):
    for path, text in pages.items():
        read = Read(text)
        assert read.language == ("en" if path.startswith("en/") else "id"), path
        assert read.meta["description"], path
        assert "width=device-width" in read.meta["viewport"], path
        assert read.tags.count("h1") == 1, path
        assert {"header", "main", "footer", "nav", "title"} <= set(read.tags), path
        assert len(read.ids) == len(set(read.ids)), path
        assert read.unnamed == [], path
        assert ("made up" if path.startswith("en/") else "buatan") in text, path
        assert "<dd>None</dd>" not in text, path


def test_the_first_view_is_light(site):
    first = [site.folder / name for name in ("index.html", "assets/site.css", "assets/site.js")]
    assert sum(path.stat().st_size for path in first) < FIRST_VIEW_BYTES / 5
    assert max(path.stat().st_size for path in site.folder.rglob("*.html")) < FIRST_VIEW_BYTES / 5


def test_numbers_on_the_pages_are_those_of_the_results(content, pages):
    ranks = content.weighted[1, 1, 1, 1]
    first = ranks.iloc[0]
    text = pages["potential.html"]
    row = re.search(r"<tbody><tr>(.*?)</tr>", text)[1]
    assert f"desa/{first['village_code']}.html" in row
    assert f"{first['low']:.0f}–{first['high']:.0f}" in row
    village = pages[f"en/desa/{first['village_code']}.html"]
    assert re.search(rf"rank 1 of {len(ranks)}; in 90% of the calculations between", village)
    assert "could build on" in village
    assert "Over the years" in pages["en/desa/3216012001.html"]
    typology = content.types[2024, 3]
    for cluster, n in typology.summary["n_villages"].items():
        assert f"Type {cluster}" in pages[f"en/{types_path(content, 2024, 3)}"]
        assert f"({n})" in pages[f"en/{types_path(content, 2024, 3)}"]
    assert content.entry.content_hash[:12] in pages["about.html"]
    assert "dibuat oleh pk_research.sample" in pages["about.html"]
    assert "made by pk_research.sample" in pages["en/about.html"]
    assert potential_path(content, 2023) == "potensi/2023.html"


def test_a_village_without_data_says_so(content, pages):
    without = next(code for code in content.villages if code.startswith("321620"))
    assert "There are no data of this village" in pages[f"en/desa/{without}.html"]


def test_an_entry_under_a_code_that_no_village_has_is_told_apart_from_the_villages(content, tmp_path):
    wrong = "3216012099"
    folder = write_site(replace(content, villages=(*content.villages, wrong)), tmp_path / "site").folder
    listed = (folder / "villages.html").read_text(encoding="utf-8")
    assert f"{len(content.register)} desa dan kelurahan" in listed
    assert listed.count("tidak ada di daftar desa)") == 1
    page = (folder / "desa" / f"{wrong}.html").read_text(encoding="utf-8")
    assert f"(kode {wrong} tidak ada di daftar desa)" in page


def test_weights_to_try_give_the_ranks_of_those_weights(content, site):
    told = json.loads((site.folder / "en/data/potential.json").read_text(encoding="utf-8"))
    assert set(told["tables"]) == {"-".join(map(str, weights)) for weights in content.weighted}
    for weights, rows in content.weighted.items():
        first = told["tables"]["-".join(map(str, weights))][0]
        assert told["villages"][first[0]][0] == rows["village_code"].iloc[0]
        assert first[1:4] == [1, *rows[["low", "high"]].iloc[0].astype(int)]
    assert lowest_terms((2, 2, 4, 2)) == (1, 1, 2, 1)
    assert len(SMALL.weights(4)) == 15


def test_files_to_take_away_are_whole_and_marked(site, content):
    types = next(site.folder.glob("en/unduh/village-types-*.csv"))
    table = pd.read_csv(types)
    assert len(table) == len(content.types[2024, None].villages) or "2023" in types.name
    assert all(
        "made" in path.name or "data-dictionary" in path.name for path in site.folder.glob("en/unduh/*")
    )


def test_nothing_of_persons_is_on_the_site(content, site):
    assert PERSON in content.dataset.frame["enumerator"].to_list()
    with_it = [
        path.name
        for path in site.folder.rglob("*")
        if path.is_file() and PERSON.encode() in path.read_bytes()
    ]
    assert with_it == []


def test_what_tells_of_a_few_is_left_out_and_counted(content, pages):
    frame, shown = content.dataset.frame, content.shown.frame
    few = (frame["product_sellers"] < 5).fillna(value=True)
    assert few.any()
    assert shown.loc[few, "product_sales_idr_month"].isna().all()
    assert shown.loc[~few, "product_sales_idr_month"].equals(frame.loc[~few, "product_sales_idr_month"])
    counts = shown[["stunted_children", "unemployed", "factory_workers"]]
    assert not ((counts > 0) & (counts < 5)).fillna(value=False).any(axis=None)
    assert content.n_blanked == int(frame.notna().sum().sum() - shown.notna().sum().sum()) > 0
    assert withheld_message(content.n_blanked).text("en") in pages["en/about.html"]


def test_an_earlier_site_is_replaced_and_another_folder_is_left_alone(content, tmp_path):
    few = replace(content, villages=content.villages[:3])
    once = write_site(few, tmp_path / "site")
    (tmp_path / "site" / "index.html").write_text("old", encoding="utf-8")
    again = write_site(few, tmp_path / "site")
    assert again.content_hash == once.content_hash
    assert (tmp_path / "site" / "index.html").read_text(encoding="utf-8") != "old"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(BadInput, match="it holds files that are no earlier site"):
        write_site(content, tmp_path / "mine")
    with pytest.raises(BadInput, match="it is a file"):
        write_site(content, tmp_path / "mine" / "notes.txt")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_without_data_there_is_no_site(tmp_path):
    with pytest.raises(NotReady, match="no dataset of villages"):
        gather(open_store(f"sqlite:///{tmp_path / 'store.sqlite'}"))


# In a browser


@pytest.fixture(scope="module")
def address(site):
    """The site on a plain web server."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site.folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["wide", pytest.param("phone", marks=pytest.mark.slow)])
def page(request, chromium, address):
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="id-ID")
    page = context.new_page()
    page.said = []
    page.on("console", lambda told: page.said.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(f"{address}/index.html")
    yield page
    assert page.said == []
    context.close()


def test_a_village_is_found_despite_its_spelling(page):
    page.get_by_label("Cari desa").fill("sagara makmr")
    page.locator("#pk-found a", has_text="Sagara Makmur").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sagara Makmur")
    page.get_by_label("Cari desa").fill("zzzzzz")
    expect(page.locator("#pk-found")).to_have_text("Tidak ada desa bernama demikian.")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sagara Makmur")
    expect(page.get_by_role("link", name="All villages")).to_have_attribute("aria-current", "true")


def test_on_a_phone_no_year_is_cut_off_and_facts_have_the_whole_width(chromium, address):
    context = chromium.new_context(viewport=dict(zip(("width", "height"), SIZES["phone"], strict=True)))
    page = context.new_page()
    page.goto(f"{address}/desa/3216012001.html")
    years = page.get_by_role("group", name="Dari tahun ke tahun")
    expect(years.locator("thead th")).to_have_text(["Indeks", "2023", "2024"])
    assert years.evaluate("box => box.scrollWidth <= box.clientWidth")
    page.goto(f"{address}/about.html")
    fact = page.locator(".pk-facts dd").first
    assert fact.evaluate("one => one.clientWidth > innerWidth * 0.8")
    context.close()


def test_choices_are_links_and_tiles_lead_to_villages(page):
    page.get_by_role("navigation", name="Jumlah tipe").get_by_role("link", name="3").click()
    expect(page.locator("h2.pk-finding")).to_contain_text("3 tipe")
    page.get_by_role("navigation", name="Tahun").get_by_role("link", name="2023").click()
    expect(page.locator("#pk-headline")).to_contain_text("2023")
    tile = page.locator(".pk-tile a").first
    title = tile.get_attribute("title")
    tile.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title.split(":")[0])


def test_weights_are_tried_in_the_browser(page, content):
    page.goto(page.url.replace("index", "potential"))
    page.get_by_text("Beri bobot sendiri pada tiap bagian").click()
    page.get_by_role("group", name="Akses pasar").get_by_label("Biasa").check()
    page.get_by_role("group", name="Kegiatan usaha").get_by_label("Kurang penting").check()
    expect(page.locator("#pk-weights [role=status]")).to_contain_text("Menurut bobot Anda")
    first = content.weighted[1, 2, 2, 2].iloc[0]
    row = page.locator("#pk-ranked tbody tr").first
    expect(row.locator("a")).to_have_attribute("href", f"desa/{first['village_code']}.html")
    expect(row).to_contain_text(f"{first['low']:.0f}–{first['high']:.0f}")
    page.get_by_role("group", name="Kegiatan usaha").get_by_label("Biasa").check()
    expect(page.locator("#pk-weights [role=status]")).to_have_text("Sesuai usulan")


@pytest.mark.parametrize("path", ["index.html", "potential.html", "desa/3216012001.html", "villages.html",
                                  "downloads.html", "en/about.html"])  # fmt: skip
def test_everybody_can_read_it(page, address, path):
    page.goto(f"{address}/{path}")
    rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    grave = [one["id"] for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
    assert grave == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Tab")
    expect(page.locator("a.pk-skip")).to_be_focused()


CODE = """
import sys
from pathlib import Path
from pk_research.apps.site import Grid, gather, write_site
from pk_research.store import open_store
content = gather(open_store(sys.argv[1]), grid=Grid(numbers=(None,), levels=(1,)))
print(write_site(content, Path(sys.argv[2])).content_hash)
"""


@pytest.mark.slow
def test_two_runs_give_the_same_bytes(tmp_path):
    store = f"sqlite:///{tmp_path / 'store.sqlite'}"
    open_store(store).keep(part_of_the_sample())
    hashes = {
        subprocess.check_output(
            [sys.executable, "-c", CODE, store, str(tmp_path / seed)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            text=True,
        )
        for seed in ("0", "1")
    }
    assert len(hashes) == 1


async def read_by_many(port: int, path: str, *, readers: int, times: int) -> Counter[tuple[str, bytes]]:
    """Count what readers got who ask at once, each so many times, by first line and body."""
    asked = f"GET /{path} HTTP/1.0\r\nHost: x\r\n\r\n".encode()
    got: Counter[tuple[str, bytes]] = Counter()

    async def read() -> None:
        for _ in range(times):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(asked)
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            writer.close()
            got[head.split(b"\r\n")[0].decode(), body] += 1

    await asyncio.gather(*(read() for _ in range(readers)))
    return got


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (Debian: nginx-light)")
def test_a_plain_web_server_carries_many_readers(site, project, tmp_path):
    """10,000 requests of a page, 200 at a time: each is answered by the whole page."""
    port = free_port()
    server = (project / "deploy" / "nginx-site.conf").read_text(encoding="utf-8")
    server = server.replace("127.0.0.1:8080", f"127.0.0.1:{port}").replace(
        "/srv/pabrik-kampoeng/site", str(site.folder)
    )
    user = "user root;" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {tmp_path / kind};" for kind in kinds)
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"{user} daemon off; worker_processes 2; pid {tmp_path / 'pid'};\n"
        f"error_log {tmp_path / 'error.log'}; events {{ worker_connections 1024; }}\n"
        f"http {{ include /etc/nginx/mime.types; access_log off; {places}\n{server} }}\n",
        encoding="utf-8",
    )
    nginx = subprocess.Popen(["nginx", "-c", str(config), "-p", str(tmp_path)])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        for path in ("index.html", "desa/3216012001.html", "data/potential.json"):
            got = awaited(read_by_many(port, path, readers=200, times=50))
            [((status, body), n)] = got.items()
            assert (status, n) == ("HTTP/1.1 200 OK", 10_000)
            assert body == (site.folder / path).read_bytes()
    finally:
        nginx.terminate()
        nginx.wait(timeout=10)
