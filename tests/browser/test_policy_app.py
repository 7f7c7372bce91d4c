"""The app about policies as a stakeholder meets it, on a phone 360 pixels wide and on a wide screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

WAIT_MS = 30_000
FIRST_MS = 90_000  # a kernel begins
SIZES = {"wide": (1280, 900), "phone": (360, 740)}


@pytest.fixture(params=["phone", "wide"])
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(chromium: Browser, apps_address: str, size: str) -> Iterator[Page]:
    """The app once its controls can be used; no script of it may complain."""
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height})
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{apps_address}/policy", wait_until="commit")
    page.wait_for_selector("body.pk-swapped", timeout=FIRST_MS)
    yield page
    page.close(run_before_unload=True)  # which lets the server stop the kernel
    context.close()
    assert complaints == []


def keep_picture(page: Page, name: str, size: str, project: Path) -> None:
    folder = Path(os.environ.get("PK_TEST_OUTPUT") or project / "workspace" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"policy-{name}-{size}.png", full_page=True)


def finding(page: Page) -> Locator:
    return page.locator(".pk-live .pk-panel:visible .pk-finding")


def fits(page: Page) -> bool:
    return not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_it_can_be_read_without_any_script(chromium: Browser, apps_address: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{apps_address}/policy", wait_until="commit")
    title = "Bantuan mana yang berhasil, untuk siapa, berapa biayanya?"
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_text("Data contoh (buatan), bukan data sebenarnya")).to_be_visible()
    expect(page.locator("#pk-first .pk-finding")).to_contain_text("Desa yang dibantu: 30")
    context.close()


def test_a_visitor_tries_help_out_compares_spends_and_reads_what_was_found(
    page: Page, size: str, project: Path
) -> None:
    expect(finding(page)).to_contain_text("Desa yang dibantu: 30", timeout=WAIT_MS)
    assert fits(page)
    page.get_by_role("button", name="Simpan rencana ini").click()
    expect(page.get_by_text("Sekarang ubah sesuatu")).to_be_visible(timeout=WAIT_MS)

    # Another help beside the one that was kept, and how far apart they are.
    page.get_by_label("Bantuan", exact=True).select_option(label="Alat pengering bersama")
    compared = page.locator(".pk-live #pk-aid-compared")
    expect(compared).to_contain_text("Selisih: sekarang dikurangi yang disimpan", timeout=WAIT_MS)
    expect(page.locator(".pk-live #pk-aid-drawn").get_by_role("img")).to_be_visible()
    page.get_by_label("Bantuan", exact=True).select_option(label="Izin pangan dan pelatihan kebersihan")

    # With the keyboard alone: one village only, then another rule.
    slider = page.locator(".pk-sliders .widget-hslider", has_text="Jumlah desa paling banyak")
    slider.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(finding(page)).to_contain_text("Desa yang dibantu: 1 dari", timeout=WAIT_MS)
    page.get_by_label("Penerima").select_option(label="Sama banyak di tiap kecamatan")
    expect(page.get_by_text("Jumlah desa paling banyak di tiap kecamatan: 1")).to_be_visible(timeout=WAIT_MS)
    expect(compared).to_contain_text("Disimpan", timeout=WAIT_MS)
    keep_picture(page, "aid", size, project)
    assert fits(page)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Unduh per desa (CSV)").first.click()
    assert taken.value.suggested_filename == "bantuan-per-desa-contoh-buatan.csv"

    page.get_by_role("tab", name="Pembagian anggaran").click()
    expect(finding(page)).to_contain_text("Bantuan: ", timeout=WAIT_MS)
    page.get_by_label("Sisihkan sebagian untuk").select_option(label="setiap kecamatan")
    expect(page.get_by_text("Disisihkan untuk setiap kecamatan (%): 1")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator(".pk-live #pk-spend")).to_contain_text("Kecamatan yang memperoleh", timeout=WAIT_MS)
    keep_picture(page, "spend", size, project)
    assert fits(page)

    page.get_by_role("tab", name="Yang sudah dicoba").click()
    expect(page.locator(".pk-live #pk-tried .pk-card")).to_have_count(3, timeout=WAIT_MS)
    expect(page.locator(".pk-live #pk-targets .pk-card")).to_have_count(4)
    expect(page.locator(".pk-live #pk-targets")).to_contain_text("▼ tertinggal")
    keep_picture(page, "tried", size, project)
    page.get_by_role("button", name="English").click()
    expect(page.locator(".pk-live #pk-tried")).to_contain_text("It raised sales, if", timeout=WAIT_MS)
    assert fits(page)
