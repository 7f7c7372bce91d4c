"""The app about products as a stakeholder meets it, on a phone 360 pixels wide and on a wide screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

WAIT_MS = 20_000
FIRST_MS = 90_000  # a kernel begins
SIZES = {"wide": (1280, 900), "phone": (360, 740)}
TABS = ("Produk desa", "Satu desa satu produk", "Pabrik bersama", "Pembeli", "Simulator pasar")


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
    page.goto(f"{apps_address}/products", wait_until="commit")
    page.wait_for_selector("body.pk-swapped", timeout=FIRST_MS)
    yield page
    page.close(run_before_unload=True)  # which lets the server stop the kernel
    context.close()
    assert complaints == []


def keep_picture(page: Page, name: str, size: str, project: Path) -> None:
    folder = Path(os.environ.get("PK_TEST_OUTPUT") or project / "workspace" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"products-{name}-{size}.png", full_page=True)


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


def slide(page: Page, label: str, key: str) -> None:
    """Move a slider with a key, as somebody without a mouse does."""
    row = page.locator(".pk-sliders .widget-hslider", has_text=label)
    row.get_by_role("slider").focus()
    page.keyboard.press(key)


def finding(page: Page) -> Locator:
    return page.locator(".pk-live .pk-panel:visible .pk-finding")


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def test_it_can_be_read_without_any_script(chromium: Browser, apps_address: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{apps_address}/products", wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Apa produk desa, dengan siapa, untuk siapa?")
    expect(page.get_by_text("Data contoh (buatan), bukan data sebenarnya")).to_be_visible()
    expect(page.locator("#pk-first .pk-finding")).to_contain_text("desa menyebutkan")
    context.close()


def test_every_tab_opens_answers_and_fits_the_screen(page: Page, size: str, project: Path) -> None:
    keep_picture(page, "first", size, project)
    assert not scrolls_sideways(page)

    page.get_by_label("Kecamatan", exact=True).select_option("Tarumajaya")
    page.get_by_label("Desa/kelurahan", exact=True).select_option("Setia Asih")
    expect(page.locator(".pk-live #pk-village")).to_contain_text("Urutan produk di Kecamatan Tarumajaya",
                                                                 timeout=WAIT_MS)  # fmt: skip
    keep_picture(page, "village", size, project)
    assert not scrolls_sideways(page)

    open_tab(page, "Satu desa satu produk")
    expect(finding(page)).to_contain_text("setahun", timeout=WAIT_MS)
    before = finding(page).inner_text()
    keep_picture(page, "plan", size, project)
    slide(page, "dalam satu kecamatan", "Home")  # one village of a kecamatan a product
    expect(finding(page)).not_to_have_text(before, timeout=WAIT_MS)
    expect(page.locator(".pk-live #pk-plan")).to_contain_text("tidak mendapat produk dalam batas ini")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Unduh rencana").click()
    assert taken.value.suggested_filename.endswith(".csv")
    assert not scrolls_sideways(page)

    open_tab(page, "Pabrik bersama")
    expect(page.locator(".pk-live #pk-plants")).to_contain_text("Letak desa tidak diketahui", timeout=WAIT_MS)
    keep_picture(page, "plants", size, project)
    assert not scrolls_sideways(page)

    open_tab(page, "Pembeli")
    expect(page.locator(".pk-live #pk-misses")).to_contain_text("Pembeli H0", timeout=WAIT_MS)
    page.locator(".pk-live #pk-misses summary").first.click()
    keep_picture(page, "buyers", size, project)
    assert not scrolls_sideways(page)

    open_tab(page, "Simulator pasar")
    expect(finding(page)).to_contain_text("akan memilih produk Anda", timeout=WAIT_MS)
    before = finding(page).inner_text()
    slide(page, "Harga, produk Anda", "End")
    expect(finding(page)).not_to_have_text(before, timeout=WAIT_MS)
    keep_picture(page, "market", size, project)
    assert not scrolls_sideways(page)

    expect(page.get_by_text("Data contoh (buatan), bukan data sebenarnya")).to_be_visible()
