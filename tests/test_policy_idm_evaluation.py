"""Villages that gained an economic institution, 2021 to 2024: the evaluation of notebook 15, by hand."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from pk_research import sources
from pk_research.language import Message
from pk_research.policy.effects import did
from pk_research.policy.effects.panel import read_panel
from pk_research.settings import Settings
from pk_research.store import open_store
from pk_research.workbench import curated_notebooks, load_basics, run_notebooks

OTHERS = [f"ike{n:02d}" for n in range(1, 13) if n != 9]


@pytest.fixture(scope="module")
def scores_file(shared):
    return shared / "data" / "idm-indicators" / "idm_indicators_2021_2024.csv.gz"


@pytest.fixture(scope="module")
def rows(scores_file):
    """Villages seen in all four years that had no institution in 2021 and lost none again."""
    given = sources.load(scores_file).frame.astype({"village_code": str})
    given["others"] = given[OTHERS].astype(float).sum(axis=1) / 55 * 100
    given["ikl_points"] = 100 * given["ikl"].astype(float)
    given["has"] = (given["ike09"] >= 3).astype(int)
    by_year = given.pivot_table(index="village_code", columns="year", values="has")
    kept = by_year.dropna().loc[
        lambda has: (has[2021] == 0) & (has.diff(axis=1).iloc[:, 1:] >= 0).all(axis=1)
    ]
    return given[given["village_code"].isin(kept.index)]


def by_hand(rows, outcome):
    """Callaway and Sant'Anna without covariates from means: each cohort's change less the never treated's."""
    wide = rows.pivot_table(index="village_code", columns="year", values=outcome)
    gained = rows[rows["has"] == 1].groupby("village_code")["year"].min()
    start = gained.reindex(wide.index)
    never = wide[start.isna()]
    by_time: dict[int, list[tuple[int, float]]] = {}
    for cohort, villages in wide.groupby(start):
        for year in range(int(cohort), 2025):
            base = int(cohort) - 1
            effect = (villages[year] - villages[base]).mean() - (never[year] - never[base]).mean()
            by_time.setdefault(year - int(cohort), []).append((len(villages), effect))
    times = [sum(n * effect for n, effect in cells) / sum(n for n, _ in cells) for cells in by_time.values()]
    return sum(times) / len(times)


def ours(rows, outcome):
    panel = read_panel(rows, unit="village_code", period="year", outcome=outcome, treated="has")
    return did.staggered(panel, outcome=Message("points"))


def test_the_villages_compared(rows):
    gained = rows.groupby("village_code")["has"].max()
    assert (len(gained), int(gained.sum())) == (331, 131)


@pytest.mark.parametrize("outcome", ["others", "ikl_points"])
def test_the_effect_is_that_of_means_by_hand(rows, outcome):
    assert ours(rows, outcome).estimate == pytest.approx(by_hand(rows, outcome), rel=1e-9)


def test_the_environment_moved_as_well_so_the_rise_is_nobodys_credit(rows):
    others, environment = ours(rows, "others"), ours(rows, "ikl_points")
    assert others.estimate == pytest.approx(4.64, abs=0.01)
    assert environment.estimate == pytest.approx(4.94, abs=0.01)
    assert min(others.interval[0], environment.interval[0]) > 0
    both = rows.assign(beyond=rows["others"] - rows["ikl_points"])
    low, high = ours(both, "beyond").interval
    assert low < 0 < high


@pytest.fixture
def page(project, tmp_path, monkeypatch):
    """Run the notebook in a house of its own and return what its page says."""

    def run(file):
        monkeypatch.setenv("PK_IDM_INDICATORS", str(file))
        settings = Settings(project, tmp_path / "home", f"sqlite:///{tmp_path / 'store.sqlite'}", None)
        store = open_store(settings.database_url)
        load_basics(settings, store)
        made = run_notebooks(curated_notebooks(settings, ["15"]), settings=settings, store=store)
        return re.sub(r"<[^>]+>", "", made[0].page.read_text(encoding="utf-8"))

    return run


def test_the_notebook_tells_it_of_the_real_scores(page, scores_file):
    text = page(scores_file)
    verdict = "the rise cannot be credited to the institution"
    assert text.count(verdict) == 2, "once in the code, once told"
    assert text.count("Made data (an example), not observed") == 0


def test_without_the_scores_every_step_runs_on_made_ones_and_says_so(page):
    text = page("")
    assert "Made data (an example), not observed." in text
    assert pd.Series(re.findall(r"Traceback|Error:", text)).empty
