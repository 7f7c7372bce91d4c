"""The pages of notebooks on a telephone and on a desk: the answer in sight, nothing sideways."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page

from pk_research.settings import Settings
from pk_research.store import open_store
from pk_research.workbench import curated_notebooks, load_basics, run_notebooks, shown
from pk_research.workbench.notebook_page import page_of

SIZES = {"phone": (360, 740), "desk": (1280, 900)}
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
LONG_CODE = "# " + "a comment without an end " * 30


def picture(width_px: int) -> str:
    figure = Figure(figsize=(width_px / 100, 2), dpi=100)
    figure.subplots().plot([1, 2, 3])
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return base64.b64encode(file.getvalue()).decode()


def shows(**data: str) -> dict[str, object]:
    return new_output("display_data", {kind.replace("_", "/"): content for kind, content in data.items()})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a notebook with all that could be too wide, run already."""
    wide = pd.DataFrame({f"A heading of some length, number {n}": range(60) for n in range(12)})
    cells = [
        new_markdown_cell("# How many?\n\nAsked of made data."),
        new_code_cell(LONG_CODE, outputs=[shows(text_markdown="**Seven**, give or take two.")]),
        new_code_cell(LONG_CODE),
        new_markdown_cell("## Which?\n\n`" + "a_name_without_a_break" * 12 + "`"),
        new_code_cell("shown(wide)", outputs=[shows(text_html=shown(wide).to_html())]),
        new_code_cell("narrow.plot()", outputs=[shows(image_png=picture(400))]),
        new_code_cell("wide.plot()", outputs=[shows(image_png=picture(1400))]),
        new_code_cell("print()", outputs=[new_output("stream", text="a line without an end " * 40)]),
        new_markdown_cell("## Sources\n\n**Next question:** [Why?](11-did-it-work.ipynb)"),
    ]
    page = tmp_path_factory.mktemp("pages") / "97-made.html"
    page.write_bytes(page_of(new_notebook(cells=cells)))
    return page.as_uri()


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height})
    yield context.new_page()
    context.close()


def test_nothing_makes_the_page_wider_than_the_screen(page, made):
    page.goto(made)
    assert not page.evaluate(SIDEWAYS)
    for fold in page.locator("summary").all():
        fold.click()
    assert not page.evaluate(SIDEWAYS)


def test_the_answer_is_seen_before_any_scrolling_and_code_is_folded(page, made):
    page.goto(made)
    answer = page.get_by_text("Seven").bounding_box()
    assert answer is not None
    assert answer["y"] + answer["height"] < page.viewport_size["height"] / 2
    assert not page.get_by_text("a comment without an end").first.is_visible()
    page.get_by_text("Code", exact=True).first.click()
    assert page.get_by_text("a comment without an end").first.is_visible()


def test_a_long_table_scrolls_in_its_own_box_under_its_headings(page, made):
    page.goto(made)
    box = page.locator(".jp-RenderedHTML")
    assert box.evaluate("box => box.clientHeight < 0.8 * box.scrollHeight")
    heading = page.locator("th").first
    above = heading.bounding_box()["y"]
    box.evaluate("box => box.scrollTo(0, 300)")
    assert abs(heading.bounding_box()["y"] - above) < 2


def test_a_picture_shrinks_only_while_its_words_can_be_read(page, made):
    page.goto(made)
    narrow, wide = (image.bounding_box()["width"] for image in page.locator("img").all())
    assert narrow >= 300
    assert wide >= 0.75 * 1400
    assert [image.get_attribute("alt") for image in page.locator("img").all()] == ["Which?", "Which?"]


def test_links_lead_to_pages_and_nothing_is_asked_of_a_network(page, made):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(made)
    assert page.get_by_role("link", name="Why?").get_attribute("href") == "11-did-it-work.html"
    assert page.title() == "How many?"
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.fixture(scope="module")
def pages(project: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The pages of all numbered notebooks, run on the made sample."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(project, home, f"sqlite:///{home / 'store.sqlite'}", boundaries=None)
    store = open_store(settings.database_url)
    load_basics(settings, store)
    runs = run_notebooks(curated_notebooks(settings), settings=settings, store=store)
    return [run.page for run in runs]


@pytest.mark.slow
def test_every_numbered_notebook_fits_the_screen_and_complains_of_nothing(page, pages):
    assert len(pages) >= 15
    wrong = []
    for path in pages:
        page.goto(path.as_uri())
        if page.evaluate(SIDEWAYS):
            wrong.append(f"{path.stem}: wider than the screen")
        if complaints := page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').all_inner_texts():
            wrong.append(f"{path.stem}: {complaints[0][:80]}")
    assert wrong == []


@pytest.mark.slow
def test_every_answer_begins_on_the_first_screen(page, pages):
    late = []
    for path in pages:
        page.goto(path.as_uri())
        first = page.locator(".jp-OutputArea-output").first.bounding_box()
        assert first is not None
        if first["y"] > 0.6 * page.viewport_size["height"]:
            late.append(f"{path.stem}: at {first['y']:.0f} px")
    assert late == []
