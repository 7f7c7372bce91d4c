"""The programme board as an official meets it, on a phone 360 pixels wide and on a wide screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

WAIT_MS = 30_000
FIRST_MS = 90_000  # a kernel begins
SIZES = {"wide": (1280, 900), "phone": (360, 740)}


@pytest.fixture(scope="module")
def page(chromium: Browser, apps_address: str) -> Iterator[Page]:
    """The board once its controls can be used; no script of it may complain."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, accept_downloads=True)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{apps_address}/programme", wait_until="commit")
    # What is read first needs no kernel.
    expect(page.locator("#pk-first .pk-finding")).to_contain_text("terlambat", timeout=WAIT_MS)
    expect(page.locator("#pk-first")).to_contain_text("Data contoh (buatan), bukan data sebenarnya")
    page.wait_for_selector("body.pk-swapped", timeout=FIRST_MS)
    yield page
    page.close(run_before_unload=True)  # which lets the server stop the kernel
    context.close()
    assert complaints == []


def keep_pictures(page: Page, name: str, project: Path) -> None:
    """Keep the page in both sizes; in neither may it be wider than the screen."""
    folder = Path(os.environ.get("PK_TEST_OUTPUT") or project / "workspace" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=folder / f"programme-{name}-{size}.png", full_page=True)
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), (name, size)


def test_an_official_reads_filters_and_takes_the_list_away(page: Page, project: Path) -> None:
    live = page.locator(".pk-live")
    expect(live.locator("#pk-programme-late li").first).to_contain_text("Terlambat", timeout=WAIT_MS)
    keep_pictures(page, "board", project)

    page.get_by_label("Kantor", exact=True).select_option(label="Balitbangda")
    expect(live.locator(".pk-offices > li")).to_have_count(1, timeout=WAIT_MS)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Unduh daftar (CSV)").click()
    assert taken.value.suggested_filename == "tindak-lanjut-program-contoh-buatan.csv"
    page.get_by_role("button", name="Hapus semua saringan").click()
    expect(live.locator(".pk-offices > li").nth(1)).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("button", name="Hapus semua saringan")).to_be_hidden(timeout=WAIT_MS)

    # Due between two days; a last day before the first is told, and then leaves nothing out.
    first, last = (page.get_by_label(name, exact=True) for name in ("Tenggat dari", "Tenggat sampai"))
    counts = live.locator("#pk-programme-counts")
    first.fill("2026-10-01")
    last.fill("2026-10-31")
    expect(counts).to_contain_text("Ditampilkan di sini: 3;", timeout=WAIT_MS)
    late = live.locator("#pk-programme-late li")
    expect(late.filter(has_not_text="Okt")).to_have_count(0, timeout=WAIT_MS)
    expect(late.first).to_contain_text("Okt")
    last.fill("2026-09-01")
    expect(page.get_by_role("alert")).to_contain_text("lebih lambat daripada tanggal akhir", timeout=WAIT_MS)
    expect(last).to_have_attribute("aria-invalid", "true")
    expect(counts).to_contain_text("tidak cocok dengan saringan: 0", timeout=WAIT_MS)
    keep_pictures(page, "wrong-dates", project)
    page.get_by_role("button", name="Hapus semua saringan").click()
    expect(first).to_have_value("", timeout=WAIT_MS)
    expect(page.get_by_role("alert")).to_have_count(0, timeout=WAIT_MS)

    # With the keyboard alone: from tab to tab.
    page.get_by_role("tab", name="Papan").focus()
    for key, name, shown in (
        ("ArrowRight", "place", "#pk-programme-place .pk-timeline"),
        ("ArrowRight", "decisions", "#pk-programme-decisions a"),
        ("ArrowRight", "changes", "#pk-programme-changes .pk-list"),
    ):
        page.keyboard.press(key)
        expect(live.locator(shown).first).to_be_visible(timeout=WAIT_MS)
        keep_pictures(page, name, project)
    page.get_by_role("button", name="English").click()
    expect(live.locator("#pk-programme-changes .pk-finding")).to_contain_text(
        "changes since", timeout=WAIT_MS
    )
