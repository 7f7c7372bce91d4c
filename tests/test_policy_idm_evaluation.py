"""Villages that gained an economic institution, 2021 to 2024: the evaluation of notebook 15, by hand."""

from __future__ import annotations

import html
import re

import numpy as np
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
YEARS = [2021, 2022, 2023, 2024]
FIRST, FURTHER = (1, 3), (3, 5)
VERDICT = "the rise cannot be credited to the institution"


@pytest.fixture(scope="module")
def folder(shared):
    return shared / "data" / "idm-indicators"


@pytest.fixture(scope="module")
def scores_file(folder):
    return folder / "idm_indicators_2021_2024.csv.gz"


@pytest.fixture(scope="module")
def rubric(folder):
    return (
        pd.read_csv(folder / "idm_rubric_observed.csv")
        .set_index(["indeks", "no", "skor"])["keterangan"]
        .sort_index()
    )


@pytest.fixture(scope="module")
def given(scores_file):
    given = sources.load(scores_file).frame.astype({"village_code": str})
    given["others"] = given[OTHERS].astype(float).sum(axis=1) / 55 * 100
    given["ikl_points"] = 100 * given["ikl"].astype(float)
    given["beyond"] = given["others"] - given["ikl_points"]
    return given.assign(regency=given["village_code"].str[:4])


def compared(given, before, since):
    """Villages seen in all four years that had the score ``before`` in 2021 and lost none again."""
    rows = given.assign(has=(given["ike09"] >= since).astype(int))
    has = rows.pivot_table(index="village_code", columns="year", values="has").dropna()
    score = rows[rows["year"] == 2021].set_index("village_code")["ike09"].reindex(has.index)
    kept = has[(score == before) & (has.diff(axis=1).iloc[:, 1:] >= 0).all(axis=1)]
    return rows[rows["village_code"].isin(kept.index)]


@pytest.fixture(scope="module")
def rows(given):
    return compared(given, *FIRST)


@pytest.fixture(scope="module")
def further(given):
    return compared(given, *FURTHER)


def by_hand(rows, outcome, *, of_the_regency=False):
    """Callaway and Sant'Anna without covariates from means: each village's change less the never treated's.

    The never treated are those of all regencies, or of the village's own where it has any.
    """
    wide = rows.pivot_table(index="village_code", columns="year", values=outcome)
    start = rows[rows["has"] == 1].groupby("village_code")["year"].min().reindex(wide.index)
    place = pd.Series(wide.index.str[:4] if of_the_regency else "all", index=wide.index)
    by_time: dict[int, list[float]] = {}
    for cohort in (2022, 2023, 2024):
        for year in range(cohort, 2025):
            change = wide[year] - wide[cohort - 1]
            would_have = place.map(change[start.isna()].groupby(place).mean())
            effects = (change - would_have)[start == cohort].dropna()
            by_time.setdefault(year - cohort, []).extend(effects)
    return float(np.mean([np.mean(effects) for effects in by_time.values()]))


def ours(rows, outcome, **options):
    panel = read_panel(rows, unit="village_code", period="year", outcome=outcome, treated="has", **options)
    return did.staggered(panel, outcome=Message("points"))


def test_the_rubric_says_what_the_score_of_institutions_counts(rubric, given):
    assert rubric.loc["IKE", 9].to_dict() == {
        1: "Jumlah koperasi aktif dan BUMDESA = 0",
        3: "Jumlah koperasi aktif dan BUMDESA = 1",
        5: "Jumlah koperasi aktif dan BUMDESA > 1",
    }
    assert set(given["ike09"]) == {1, 3, 5}


def test_zeros_of_the_other_economic_scores_are_answers_and_not_gaps(rubric, given):
    zero = [n for n in range(1, 13) if (given[f"ike{n:02d}"] == 0).any()]
    assert zero == [5, 6, 7]
    assert rubric.loc[[("IKE", n, 0) for n in zero]].notna().all()
    assert rubric.loc[[("IKS", 16, 0)]].isna().all(), "a zero without a meaning of its own"
    assert rubric.loc["IKL", 2, 0].split("=")[-1] == rubric.loc["IKL", 2, 5].split("=")[-1], "nor this one"


def test_the_index_without_institutions_is_the_published_one_but_for_its_score(given):
    scores = given["others"] * 55 + 100 * given["ike09"].astype(float)
    assert np.allclose(scores / 60, 100 * given["ike"].astype(float))


def test_the_villages_compared(given, rows, further):
    assert (len(given), given.duplicated(["village_code", "year"]).sum()) == (9930, 0)
    counts = [
        (len(gained), int(gained.sum()))
        for gained in (those.groupby("village_code")["has"].max() for those in (rows, further))
    ]
    assert counts == [(331, 131), (1421, 239)]


@pytest.mark.parametrize("outcome", ["others", "ikl_points", "beyond"])
@pytest.mark.parametrize("which", ["rows", "further"])
def test_the_effect_is_that_of_means_by_hand(which, outcome, request):
    those = request.getfixturevalue(which)
    assert ours(those, outcome).estimate == pytest.approx(by_hand(those, outcome), rel=1e-9)


def saturated(rows, outcome):
    """A regression with a term for each starting group and year; mean over event times, clustered error."""
    import statsmodels.api as sm

    rows = rows.sort_values(["village_code", "year"])
    start = rows["village_code"].map(rows[rows["has"] == 1].groupby("village_code")["year"].min())
    start = start.fillna(0).astype(int)
    cells = [(cohort, year) for cohort in (2022, 2023, 2024) for year in YEARS if year != cohort - 1]
    terms = pd.DataFrame({cell: (start == cell[0]) & (rows["year"] == cell[1]) for cell in cells}).astype(
        float
    )
    fixed = pd.concat(
        [pd.get_dummies(rows["village_code"]), pd.get_dummies(rows["year"]).iloc[:, 1:]], axis=1
    ).astype(float)
    fit = sm.OLS(rows[outcome].to_numpy(), np.hstack([terms, fixed])).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(rows["regency"])[0], "use_correction": False}
    )
    size = rows.drop_duplicates("village_code")["village_code"].map(
        start.groupby(rows["village_code"]).first()
    )
    n = size.value_counts()
    share = np.zeros(len(fit.params))
    for time in range(3):
        those = [cell for cell in cells if cell[1] - cell[0] == time]
        for cell in those:
            share[cells.index(cell)] = n[cell[0]] / sum(n[cohort] for cohort, _ in those) / 3
    return share @ fit.params, float(np.sqrt(share @ fit.cov_params() @ share))


def test_effect_and_error_are_those_of_a_saturated_regression(rows):
    effect = ours(rows, "others", cluster="regency")
    estimate, error = saturated(rows, "others")
    assert effect.estimate == pytest.approx(estimate, abs=1e-8)
    assert effect.standard_error == pytest.approx(error, rel=0.01)


def test_the_environment_moved_as_well_so_the_rise_is_nobodys_credit(rows):
    others, environment = ours(rows, "others"), ours(rows, "ikl_points")
    assert others.estimate == pytest.approx(4.64, abs=0.01)
    assert environment.estimate == pytest.approx(4.94, abs=0.01)
    assert min(others.interval[0], environment.interval[0]) > 0
    low, high = ours(rows, "beyond").interval
    assert low < 0 < high


def test_of_the_environment_only_what_a_village_sets_up_moved(rows):
    state = rows.assign(state=10 * (rows["ikl01"] + rows["ikl02"]).astype(float))
    low, high = ours(state, "state").interval
    assert low < 0 < high
    prepared = ours(rows.assign(prepared=20 * rows["ikl03"].astype(float)), "prepared")
    assert prepared.estimate == pytest.approx(13.45, abs=0.01)
    assert prepared.interval[0] > 0


def test_a_further_institution_gives_another_answer(further):
    assert ours(further, "others").estimate == pytest.approx(5.56, abs=0.01)
    assert ours(further, "beyond").estimate == pytest.approx(3.15, abs=0.01)
    assert ours(further, "beyond", cluster="regency").interval[0] > 0


@pytest.fixture
def page(project, tmp_path, monkeypatch):
    """Run the notebook in a house of its own and return what its page says."""

    def run(file=None):
        if file is None:
            monkeypatch.delenv("PK_IDM_INDICATORS", raising=False)
        else:
            monkeypatch.setenv("PK_IDM_INDICATORS", str(file))
        settings = Settings(project, tmp_path / "home", f"sqlite:///{tmp_path / 'store.sqlite'}", None)
        store = open_store(settings.database_url)
        load_basics(settings, store)
        made = run_notebooks(curated_notebooks(settings, ["15"]), settings=settings, store=store)
        text = html.unescape(re.sub(r"<[^>]+>", " ", made[0].page.read_text(encoding="utf-8")))
        return re.sub(r"\s+", " ", text)

    return run


def test_the_notebook_tells_the_same(page, scores_file, rows, further):
    text = page(scores_file)
    assert text.count(VERDICT) == 2, "once in the code, once told"
    assert "Made data (an example), not observed" not in text
    for reason, n in (
        ("the same row once more", 0),
        ("a score or index is missing", 0),
        ("not seen in the first year", 113),
        ("another number of institutions at first", 8440),
        ("lost it again", 286),
        ("given", 9930),
        ("left", 1400),
        ("villages at the highest IKL at first", 5),
        ("villages with a zero that the rubric does not explain", 15),
        ("rows given whose published IKS is not that of their scores", 627),
    ):
        assert f" {reason} {n} " in text, reason
    both = {"first": rows, "further": further}
    near = {name: by_hand(those, "others", of_the_regency=True) for name, those in both.items()}
    for said in (
        f"a first institution 131 / 200 {by_hand(rows, 'others'):.1f} (",
        f"a first one, against villages of the regency 92 / 141 {near['first']:.1f} (",
        f"a further institution 239 / 1182 {by_hand(further, 'others'):.1f} (",
        f"a further one, against villages of the regency 222 / 873 {near['further']:.1f} (",
        "when all are corrected for (Holm): Disaster preparedness.",
        "There are only 25 clusters",
    ):
        assert said in text, said


def test_without_the_scores_every_step_runs_on_made_ones_and_says_so(page):
    text = page()
    assert "Made data (an example), not observed. The real scores are not here." in text
    assert "github.com/andifahruddinakas/api-idm" in text
    assert re.findall(r"Traceback|\w+Error:", text) == []


@pytest.mark.slow
def test_rows_given_twice_or_with_gaps_are_set_aside_and_counted(page, scores_file, tmp_path):
    raw = pd.read_csv(scores_file, dtype=str)
    other = raw.iloc[[7]].assign(IKE="0.1")
    gap = raw.copy()
    gap.iloc[100, gap.columns.get_loc("IKE03 Skor Pasar")] = ""
    file = tmp_path / "scores.csv"
    pd.concat([gap, raw.iloc[[3]], other]).to_csv(file, index=False)
    text = page(file)
    for reason, n in (
        ("the same row once more", 1),
        ("two different rows for a village and year", 2),
        ("a score or index is missing", 1),
        ("given", 9932),
    ):
        assert f" {reason} {n} " in text, reason
    assert text.count(VERDICT) == 2
