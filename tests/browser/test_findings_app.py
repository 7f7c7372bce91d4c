"""The findings app as a visitor meets it, on a wide screen and on a phone 360 pixels wide."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlparse

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

WAIT_MS = 15_000
on_both = pytest.mark.parametrize("visit", ["wide", "phone"], indirect=True)
on_wide = pytest.mark.parametrize("visit", ["wide"], indirect=True)
on_phone = pytest.mark.parametrize("visit", ["phone"], indirect=True)


def open_choices(page: Page) -> None:
    """On a phone the choices are folded away."""
    button = page.get_by_role("button", name="Ubah pilihan")
    if button.is_visible():
        button.click()


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("tab", name=name)


def types_on_tiles(page: Page) -> set[str]:
    return set(page.locator(".pk-live .pk-picture [data-village-code]").all_inner_texts()) - {"–"}


def test_findings_can_be_read_without_any_script(chromium, apps_address):
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{apps_address}/findings", wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Desa mana yang serupa?")
    expect(page.get_by_text("Data contoh (buatan), bukan data sebenarnya")).to_be_visible()
    expect(page.locator(".pk-finding")).to_contain_text("desa/kelurahan")
    expect(page.locator("#pk-first [data-village-code]")).to_have_count(187)
    assert "Peramban ini tidak menjalankan skrip" in page.content()
    context.close()


@on_both
def test_the_live_app_takes_over_without_a_jump(visit, keep_picture):
    page = visit.page
    first = page.locator("#pk-first .pk-finding")
    expect(first).to_be_visible()
    before = first.bounding_box()
    keep_picture(page, "first")
    page.wait_for_selector("body.pk-swapped", timeout=60_000)
    after = page.locator(".pk-live .pk-finding").bounding_box()
    assert abs(after["y"] - before["y"]) <= 8
    assert abs(after["x"] - before["x"]) <= 2
    expect(page.locator("#pk-first")).to_have_count(0)
    keep_picture(page, "live")


@on_phone
def test_the_reader_keeps_the_place(visit):
    page = visit.page
    page.wait_for_selector("#pk-first #pk-types")
    page.evaluate("document.querySelector('#pk-first #pk-types').scrollIntoView()")
    page.wait_for_selector("body.pk-swapped", timeout=60_000)
    assert abs(page.locator(".pk-live #pk-types").bounding_box()["y"]) <= 4


@on_phone
def test_a_village_tapped_too_early_is_chosen_all_the_same(visit):
    page = visit.page
    tile = page.locator("#pk-first [data-village-code]").first
    code = tile.get_attribute("data-village-code")
    tile.click()
    page.wait_for_selector("body.pk-swapped", timeout=60_000)
    expect(page.locator(f".pk-live .pk-selected[data-village-code='{code}']")).to_have_count(1)
    expect(page.locator(".pk-chosen")).to_contain_text("Buka halamannya", timeout=WAIT_MS)


@on_both
def test_a_number_of_types_chosen_too_early_is_answered_at_once_and_kept(visit, keep_picture):
    page = visit.page
    choice = page.locator("#pk-first").get_by_label("Jumlah tipe")
    choice.select_option("4")
    expect(page.locator("#pk-first .pk-finding")).to_contain_text("4 tipe", timeout=WAIT_MS)
    before = page.locator("#pk-first .pk-finding").bounding_box()
    keep_picture(page, "chosen-early")
    page.wait_for_selector("body.pk-swapped", timeout=60_000)
    expect(page.locator(".pk-live .pk-finding")).to_contain_text("4 tipe")
    assert types_on_tiles(page) == {"1", "2", "3", "4"}
    assert abs(page.locator(".pk-live .pk-finding").bounding_box()["y"] - before["y"]) <= 8
    open_choices(page)
    expect(page.locator(".pk-live").get_by_label("Jumlah tipe")).to_have_value("4")


@on_both
def test_moving_a_control_changes_the_picture(live, keep_picture):
    open_choices(live)
    live.get_by_label("Jumlah tipe").select_option("4")
    expect(live.locator(".pk-finding")).to_contain_text("4 tipe", timeout=WAIT_MS)
    expect(live.locator(".pk-live .pk-picture .pk-c4")).not_to_have_count(0)
    assert types_on_tiles(live) == {"1", "2", "3", "4"}
    expect(live.locator(".pk-card")).to_have_count(4)
    keep_picture(live, "four-types")


@on_phone
def test_indicators_are_ticked_in_a_searchable_list(live):
    open_choices(live)
    live.get_by_label("Cari indikator").fill("pasar")
    expect(live.locator(".pk-option:visible")).to_have_count(1)
    live.get_by_label("Jarak ke pasar").check()
    expect(live.locator("#pk-headline")).to_contain_text("Jarak ke pasar", timeout=WAIT_MS)


@on_phone
def test_without_an_indicator_a_plain_sentence_says_what_to_do(live, keep_picture):
    open_choices(live)
    ticked = live.locator(".pk-option input:checked")
    while ticked.count():
        ticked.first.uncheck()
    expect(live.get_by_role("alert")).to_have_text("Pilih sedikitnya satu indikator.", timeout=WAIT_MS)
    expect(live.locator(".pk-finding")).to_be_hidden()
    keep_picture(live, "no-indicator")
    live.locator(".pk-option input").first.check()
    expect(live.locator(".pk-finding")).to_be_visible(timeout=WAIT_MS)


@on_phone
def test_the_language_is_switched_in_place(live, keep_picture):
    live.get_by_role("button", name="English").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("Which villages are alike?", timeout=WAIT_MS)
    expect(live.get_by_text("Example data (made up), not real data")).to_be_visible()
    expect(live.locator(".pk-finding")).to_contain_text("villages")
    expect(live.locator(".pk-live")).to_have_attribute("lang", "en")
    keep_picture(live, "english")


@on_both
def test_a_tap_on_a_village_leads_to_its_page(live, keep_picture):
    tile = live.locator(".pk-live .pk-picture .pk-c1[data-village-code]").nth(3)
    name = tile.get_attribute("title").split(":")[0]
    tile.click()
    live.get_by_role("link", name="Buka halamannya").click()
    expect(tab(live, "Satu desa")).to_have_attribute("aria-selected", "true", timeout=WAIT_MS)
    expect(live.locator("#pk-village h2")).to_have_text(name)
    expect(live.locator("#pk-village")).to_contain_text("Dibandingkan dengan tipenya")
    assert -1 < tab(live, "Satu desa").bounding_box()["y"] < 200  # screens have parts of a pixel
    expect(live.locator("#pk-village-index")).to_contain_text("perhitungan berada di antara", timeout=WAIT_MS)
    keep_picture(live, "one-village")


@on_wide
def test_the_picture_is_used_with_keys_alone(live):
    tiles = live.locator(".pk-live .pk-picture [data-village-code]")
    tiles.first.focus()
    live.keyboard.press("ArrowRight")
    live.keyboard.press("Enter")
    code = tiles.nth(1).get_attribute("data-village-code")
    expect(live.locator(f".pk-live .pk-selected[data-village-code='{code}']")).to_have_count(1)
    expect(live.locator(".pk-chosen")).to_contain_text("Buka halamannya", timeout=WAIT_MS)
    assert live.locator(".pk-live .pk-picture [tabindex='0']").count() == 1


@on_phone
def test_a_village_is_found_by_its_name(live):
    tab(live, "Satu desa").click()
    field = live.get_by_label("Desa/kelurahan", exact=True)
    label = live.locator("datalist option[value*='Kedungjaya']").first.get_attribute("value")
    field.fill(label)
    field.press("Enter")
    expect(live.locator("#pk-village h2")).to_have_text(label.split(" (")[0], timeout=WAIT_MS)


@on_phone
def test_the_ranking_turns_round(live):
    first = live.locator("#pk-ranking tbody tr").first
    highest = first.inner_text()
    live.get_by_role("button", name="Terendah dulu").click()
    expect(first).not_to_have_text(highest, timeout=WAIT_MS)


def download(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download(timeout=WAIT_MS) as waiting:
        page.get_by_role("button", name=button).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


@on_wide
def test_what_is_downloaded_reads_back(live, tmp_path):
    n_villages = int(re.search(r"\d+", live.locator(".pk-finding").inner_text()).group())
    csv = download(live, "Daftar desa (CSV)", tmp_path)
    workbook = download(live, "Semua hasil (Excel)", tmp_path)
    from_csv = pd.read_csv(csv, dtype="string")
    from_excel = pd.read_excel(workbook, sheet_name="Daftar desa", dtype="string", engine="calamine")
    code = "Kode desa/kelurahan (Kemendagri)"
    for path, table in ((csv, from_csv), (workbook, from_excel)):
        assert "contoh-buatan" in path.name
        assert len(table) == n_villages
        assert table.iloc[:, -1].str.contains("buatan").all()
    assert list(from_csv[code]) == list(from_excel[code])
    assert from_csv[code].str.fullmatch(r"3216\d{6}").all()


@on_wide
def test_nothing_is_asked_of_another_server_and_scripts_come_in_one_file(visit):
    visit.page.wait_for_selector("body.pk-swapped", timeout=60_000)
    visit.page.wait_for_load_state("networkidle")
    own = urlparse(visit.page.url).netloc
    asked = [url for url in visit.requests if not url.startswith(("data:", "blob:"))]
    assert {urlparse(url).netloc for url in asked} == {own}
    pieces = [url for url in asked if re.search(r"\d\.voila\.js|/static/\d+\.[0-9a-f]+\.js", url)]
    assert pieces == [], f"add these to pk_research/apps/shell/scripts.txt: {pieces}"
    assert len(asked) <= 8


@on_both
def test_it_fits_the_screen_and_every_control_has_a_name(live):
    assert live.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    unnamed = live.evaluate(
        """() => [...document.querySelectorAll('.pk-live :is(input, select, button)')]
            .filter((node) => node.offsetParent !== null)
            .filter((node) => !node.labels?.length && !node.textContent.trim() && !node.ariaLabel)
            .map((node) => node.outerHTML)"""
    )
    assert unnamed == []
    assert live.evaluate("document.documentElement.lang") == "id"
    assert live.title().startswith("Desa mana yang serupa?")


# Tabs


@on_both
def test_tabs_are_turned_with_keys_alone(live):
    expect(live.get_by_role("tablist")).to_have_accessible_name("Bagian hasil")
    tab(live, "Tipe desa").focus()
    live.keyboard.press("ArrowRight")
    expect(tab(live, "Potensi ekonomi")).to_be_focused()
    expect(tab(live, "Potensi ekonomi")).to_have_attribute("aria-selected", "true")
    expect(live.get_by_role("tabpanel", name="Potensi ekonomi")).to_be_visible()
    expect(live.locator(".pk-finding")).to_be_hidden()
    live.keyboard.press("End")
    expect(live.get_by_role("tabpanel", name="Satu desa")).to_be_visible()
    live.keyboard.press("ArrowRight")
    expect(live.get_by_role("tabpanel", name="Tipe desa")).to_be_visible()
    assert live.locator("[role=tab][tabindex='0']").count() == 1


@on_phone
def test_a_tab_touched_too_early_opens_all_the_same(visit):
    page = visit.page
    page.locator("#pk-first .pk-tab", has_text="Potensi ekonomi").click()
    page.wait_for_selector("body.pk-swapped", timeout=60_000)
    expect(page.get_by_role("tabpanel", name="Potensi ekonomi")).to_be_visible()
    expect(page.locator("#pk-potential tbody tr").first).to_be_visible(timeout=WAIT_MS)


# The index


@on_both
def test_sliders_give_ranks_with_their_intervals(live, keep_picture):
    tab(live, "Potensi ekonomi").click()
    panel = live.locator("#pk-potential")
    expect(panel).to_contain_text("jangan menyebut yang satu lebih baik", timeout=WAIT_MS)
    before = panel.locator("tbody tr").first.inner_text()
    live.get_by_role("button", name="Ubah indikator dan bobot").click()
    expect(live.locator(".pk-weight").first).to_contain_text("25%")
    expect(live.locator(".pk-weight").first).to_be_visible()
    live.evaluate(RECORD_STATUS)
    live.locator(".pk-weight [role=slider], .pk-weight .noUi-handle").first.focus()
    live.keyboard.press("End")
    expect(live.locator(".pk-weight").first).to_contain_text("40%", timeout=WAIT_MS)
    rows = panel.locator("tbody tr")
    expect(rows.first).not_to_have_text(before, timeout=WAIT_MS)
    places = rows.evaluate_all("rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))")
    for rank, _village, interval, *_ in places[:15]:
        low, high = map(int, interval.split("–"))
        assert low <= high
        assert 1 <= int(rank) <= 187
    assert live.evaluate("window.pkSaid").count("Sedang menghitung …")
    assert live.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    keep_picture(live, "index")
    reset = live.get_by_role("button", name="Kembali ke usulan")
    assert reset.evaluate("node => getComputedStyle(node).borderTopWidth") == "2px"
    reset.focus()
    assert reset.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    live.keyboard.press("Enter")
    expect(live.locator(".pk-weight").first).to_contain_text("25%", timeout=WAIT_MS)


RECORD_STATUS = """() => {
  window.pkSaid = [];
  const panel = document.querySelector(".pk-panel-potential");
  const look = () => window.pkSaid.push(panel.querySelector(".pk-working")?.textContent.trim());
  new MutationObserver(look).observe(panel, { childList: true, subtree: true });
}"""


@on_phone
def test_indicators_are_picked_and_turned_and_a_refusal_gives_its_reason(live, keep_picture):
    tab(live, "Potensi ekonomi").click()
    live.get_by_role("button", name="Ubah indikator dan bobot").click()
    listed = live.locator(".pk-directions")
    turn = listed.get_by_role("button", name="Jarak ke pasar permanen: makin rendah makin baik")
    turn.click(timeout=WAIT_MS)
    expect(
        listed.get_by_role("button", name="Jarak ke pasar permanen: makin tinggi makin baik")
    ).to_be_visible()
    expect(live.locator("#pk-potential tbody tr").first).to_be_visible(timeout=WAIT_MS)
    listed.locator("input:checked").evaluate_all("boxes => boxes.slice(1).forEach((box) => box.click())")
    expect(live.get_by_role("alert").filter(visible=True)).to_have_text(
        "Indeks memerlukan sedikitnya dua indikator. Pilih lebih banyak indikator di atas.", timeout=WAIT_MS
    )
    keep_picture(live, "index-refused")
    live.get_by_role("button", name="Kembali ke usulan").click()
    expect(listed.locator("legend")).to_contain_text("(14)", timeout=WAIT_MS)
    expect(live.locator("#pk-potential tbody tr").first).to_be_visible(timeout=WAIT_MS)


# The page of one village

KNOWN = "3216012001"


def come_to(visit, search: str) -> Page:
    page = visit.page
    page.goto(page.url.partition("?")[0] + search, wait_until="commit")
    page.wait_for_selector("body.pk-swapped", timeout=60_000)
    return page


@on_both
def test_an_address_with_a_village_opens_its_page_and_is_copied(visit):
    page = come_to(visit, f"?village={KNOWN}")
    expect(page.locator("#pk-village h2")).to_have_text("Sagara Makmur", timeout=WAIT_MS)
    expect(page.locator("#pk-village-index")).to_contain_text("Yang tidak ada datanya", timeout=WAIT_MS)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Salin alamat halaman ini").click()
    expect(page.locator(".pk-address [role=status]")).to_have_text("Alamat sudah disalin.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url.partition("?")[0] + f"?village={KNOWN}"


@on_phone
@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("?village=3216012099", "Tidak ada desa/kelurahan dengan kode 3216012099."),
        ("?village=%3Cimg%20src=x%3E", "kode desa/kelurahan terdiri atas 10 angka"),
    ],
)
def test_a_bad_address_says_so_and_offers_a_way_on(visit, search, said, keep_picture):
    page = come_to(visit, search)
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text(said, timeout=WAIT_MS)
    assert page.locator(".pk-panel img").count() == 0
    keep_picture(page, "bad-address")
    near = page.locator(".pk-near a")
    if near.count():
        name = near.first.inner_text().split(" (")[0]
        near.first.press("Enter")
        expect(page.locator("#pk-village h2")).to_have_text(name, timeout=WAIT_MS)
        assert re.search(r"\?village=\d{10}$", page.url)


@on_wide
@pytest.mark.parametrize("name", ["Tipe desa", "Potensi ekonomi"])
def test_a_village_in_a_table_is_opened_by_click_or_key(live, name):
    tab(live, name).click()
    if name == "Tipe desa":
        live.locator("#pk-doubts summary").first.click()
        link = live.locator("#pk-doubts a[data-pk-village]").first
    else:
        link = live.locator("#pk-potential a[data-pk-village]").first
    code = link.get_attribute("data-pk-village", timeout=WAIT_MS)
    link.press("Enter")
    expect(tab(live, "Satu desa")).to_be_focused(timeout=WAIT_MS)
    expect(live.locator("#pk-village")).to_contain_text(code)
    assert live.url.endswith(f"?village={code}")


@on_both
def test_the_page_of_a_village_is_one_sheet_of_paper(visit, tmp_path):
    page = come_to(visit, f"?village={KNOWN}")
    expect(page.locator("#pk-village-index")).to_contain_text("Yang tidak ada datanya", timeout=WAIT_MS)
    page.emulate_media(media="print")
    expect(
        page.get_by_text("Data contoh (buatan), bukan data sebenarnya").filter(visible=True)
    ).to_have_count(1)
    shown = page.locator(".pk-live :is(button, select, input)").filter(visible=True)
    expect(shown).to_have_count(0)
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (210, 297)


@on_phone
def test_text_stands_out_from_its_ground_by_day_and_by_night(live, keep_picture):
    for scheme in ("light", "dark"):
        live.emulate_media(color_scheme=scheme)
        ratios = live.evaluate(CONTRASTS)
        assert {text: ratio for text, ratio in ratios.items() if ratio < 4.5} == {}
        keep_picture(live, scheme)


# The contrast ratio (WCAG 2.2, success criterion 1.4.3) of every visible text that has an own ground.
CONTRASTS = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => channels(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0.99) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = {};
  const walker = document.createTreeWalker(document.querySelector(".pk-live"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || node.closest("style, option")) continue;
    if (node.offsetParent === null) continue;
    const [dark, light] = [getComputedStyle(node).color, ground(node)].map(luminance).sort((a, b) => a - b);
    found[`${node.className}: ${node.textContent.trim().slice(0, 40)}`] = (light + 0.05) / (dark + 0.05);
  }
  return found;
}"""
