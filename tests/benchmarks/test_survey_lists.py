"""How long a list of all the country's villages takes to answer a keystroke, and whether it ever freezes.

The clock runs inside the page: from the moment the key went down to the frame that shows what was found.
Four times slower stands for a cheap phone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest
from benchmarks.waiting import until
from browser.forms import filling
from playwright.sync_api import Browser, Page
from pytest_benchmark.fixture import BenchmarkFixture
from pyxform.xls2xform import convert

from pk_research.survey import Form, files_beside, parse_form

VILLAGES = 83_762
VISITS = 12
WORD = "sukaru"
SYLLABLES = ("su", "ka", "ma", "ju", "ba", "ru", "ci", "rang", "sa", "ri", "mul", "ya", "lam", "bang", "ran")

WATCH = """(() => {
  const clock = { tasks: [], keys: [] };
  window.pkKeys = clock;
  const note = (entries) => clock.tasks.push(...entries.map((entry) => entry.duration));
  clock.observer = new PerformanceObserver((list) => note(list.getEntries()));
  clock.observer.observe({ type: "longtask", buffered: true });
  clock.longest = () => {
    note(clock.observer.takeRecords());
    return Math.max(0, ...clock.tasks.splice(0));
  };

  // The list is drawn anew at each letter; the message is handled once its frame is on its way.
  addEventListener("keydown", (event) => {
    const list = document.querySelector("[role=listbox]");
    const drawn = new MutationObserver(() => {
      drawn.disconnect();
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => clock.keys.push(performance.now() - event.timeStamp);
        port2.postMessage(null);
      });
    });
    drawn.observe(list, { childList: true });
  }, { capture: true });
})()"""
IS_READY = """() => {
  const { form } = document.querySelector("[data-pk-form]").pkForm;
  return [...form.lists.lists.values()].some((loading) => loading.list) && form.queue.isIdle;
}"""


def village_names() -> Iterator[str]:
    """Made names of two to four syllables, many of them shared as real ones are."""
    dice = random.Random(7)
    for number in range(VILLAGES):
        name = "".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))).title()
        yield f"{name}, Kecamatan {number % 7285}"


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    folder: Path = tmp_path_factory.mktemp("villages")
    rows = "".join(f'{1101010001 + number},"{name}"\n' for number, name in enumerate(village_names()))
    (folder / "villages.csv").write_text(f"name,label\n{rows}", encoding="utf-8")
    tables = (
        "| survey |\n| | type | name | label | appearance |\n"
        "| | select_one_from_file villages.csv | village | Desa mana? | minimal autocomplete |\n"
        "| settings |\n| | form_id | version | form_title |\n| | villages | 1 | Desa |\n"
    )
    return parse_form(convert(xlsform=tables, pretty_print=False).xform, resource=files_beside(folder))


@pytest.mark.benchmark(group="survey: a keystroke in a list of all the country's villages")
@pytest.mark.parametrize("slower", [1, 4])
def test_typing(
    benchmark: BenchmarkFixture,
    chromium: Browser,
    form: Form,
    slower: int,
    tabulate: Callable[..., None],
) -> None:
    first, later, loading, typing = [], [], [], []
    with filling(chromium, form) as desk:

        def visit() -> None:
            context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="id-ID")
            context.add_init_script(WATCH)
            page = context.new_page()
            tools = context.new_cdp_session(page)
            tools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
            desk.load(page)
            until(page, IS_READY)
            loading.append(page.evaluate("pkKeys.longest()"))
            page.get_by_role("combobox", name="Desa mana?").focus()
            took = [press(page, letter, place) for place, letter in enumerate(WORD, start=1)]
            assert WORD in page.locator("[role=option]").first.inner_text().lower()
            page.wait_for_timeout(100)
            typing.append(page.evaluate("pkKeys.longest()"))
            first.append(took[0])
            later.extend(took[1:])
            context.close()

        benchmark.pedantic(visit, rounds=VISITS, warmup_rounds=1)
    assert len(first) > VISITS
    tabulate(
        f"survey lists: {VILLAGES:,} villages, {VISITS} visits of {len(WORD)} keystrokes",
        f"CPU {slower}x slower",
        **{
            "first key, median ms": round(median(first[1:]), 1),
            "its worst": round(max(first[1:]), 1),
            "later keys, median ms": round(median(later[len(WORD) - 1 :]), 1),
            "their worst": round(max(later[len(WORD) - 1 :]), 1),
            "longest task, typing": round(max(typing[1:])),
            "longest task, loading (median)": round(median(loading[1:])),
            "loading (worst)": round(max(loading[1:])),
        },
    )


def press(page: Page, letter: str, nth: int) -> float:
    """Type the nth letter; return the milliseconds until what it finds is on the screen."""
    page.keyboard.press(letter)
    until(page, f"() => pkKeys.keys.length >= {nth}")
    return float(page.evaluate("pkKeys.keys.at(-1)"))
