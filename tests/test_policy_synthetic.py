"""One unit with a policy, or a few, beside a mixture of others: Proposition 99, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pk_research.errors import BadInput
from pk_research.language import LANGUAGES, Message
from pk_research.policy.effects.panel import read_panel
from pk_research.policy.effects.synthetic import synthetic_control, synthetic_differences

PACKS = Message("packs of cigarettes a head")


@pytest.fixture(scope="module")
def smoking(shared):
    path = shared / "reference" / "policy" / "synth_smoking.dta"
    if not path.exists():
        pytest.skip("the data of Proposition 99 is not here")
    frame = pd.read_stata(path)
    frame["state"], frame["year"] = frame["state"].astype(str), frame["year"].astype(int)
    return frame.assign(has=((frame["state"] == "California") & (frame["year"] >= 1989)).astype(int))


@pytest.fixture(scope="module")
def states(smoking):
    return read_panel(smoking, unit="state", period="year", outcome="cigsale", treated="has")


def mean_over(frame, name, first, last):
    return frame[frame["year"].between(first, last)].groupby("state")[name].mean()


@pytest.fixture(scope="module")
def predictors(smoking):
    means = {name: mean_over(smoking, name, 1980, 1988) for name in ("lnincome", "age15to24", "retprice")}
    sales = {f"sales {year}": mean_over(smoking, "cigsale", year, year) for year in (1975, 1980, 1988)}
    return pd.DataFrame({**means, "beer": mean_over(smoking, "beer", 1984, 1988), **sales})


def villages(seed: int = 0, n: int = 14, n_treated: int = 1, effect: float = 5.0, starts=(7,)):
    """Villages that follow two common movements, each in its own measure."""
    rng = np.random.default_rng(seed)
    common = np.column_stack([np.linspace(0, 3, 10), np.sin(np.arange(10))])
    rows = []
    for v in range(n):
        path = 20 + common @ rng.uniform(0, 2, 2) + rng.normal(scale=0.3, size=10)
        start = starts[v % len(starts)] if v < n_treated else 99
        rows += [(f"v{v:02}", t, path[t] + effect * (t >= start), int(t >= start)) for t in range(10)]
    return pd.DataFrame(rows, columns=["village", "year", "income", "has"])


def read(frame, **options):
    return read_panel(frame, unit="village", period="year", outcome="income", treated="has", **options)


class TestProposition99:
    @pytest.mark.slow
    def test_the_mixture_is_the_published_one(self, states, predictors):
        effect = synthetic_control(states, outcome=PACKS, predictors=predictors, placebos=False, seed=1)
        weights = effect.details["weights"].set_index("unit")["weight"]
        published = {
            "Utah": 0.334,
            "Nevada": 0.234,
            "Montana": 0.199,
            "Colorado": 0.164,
            "Connecticut": 0.069,
        }
        assert weights[list(published)].to_dict() == pytest.approx(published, abs=0.01)
        fit, search = effect.diagnostics
        assert fit.value == pytest.approx(1.75, abs=0.01)
        assert search.value >= 1
        assert effect.cross_check is not None
        assert effect.cross_check.agrees

    def test_without_predictors_every_year_before_counts_and_placebos_say_how_rare_it_is(self, states):
        effect = synthetic_control(states, outcome=PACKS, seed=1)
        assert effect.cross_check is not None
        assert effect.cross_check.agrees
        assert np.isnan(effect.standard_error)
        assert effect.p_value == pytest.approx(3 / 39), (
            "California is third of 39 by what came after to before"
        )
        assert len(effect.details["placebos"]) == 39
        by_year = effect.of_kind("event_time").set_index("term")["estimate"]
        assert by_year[by_year.index >= 0].mean() == pytest.approx(effect.estimate)

    def test_synthetic_differences_are_the_published_ones(self, states):
        effect = synthetic_differences(states, outcome=PACKS, seed=1)
        assert effect.estimate == pytest.approx(-15.6, abs=0.05)
        assert effect.cross_check is not None
        assert effect.cross_check.agrees
        assert effect.details["weights"].groupby("kind")["weight"].sum().tolist() == pytest.approx([1, 1])

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_doubt_is_told(self, states, language):
        account = synthetic_control(states, outcome=PACKS, seed=1).in_words(language)
        assert {"id": "tidak dapat dinyatakan dengan selang", "en": "cannot be said by an interval"}[
            language
        ] in account
        assert {"id": "0,077", "en": "0.077"}[language] in account


class TestKnownEffects:
    def test_the_effect_put_in_is_found(self):
        effect = synthetic_control(read(villages()), outcome=Message("income"), seed=1)
        assert effect.estimate == pytest.approx(5, abs=0.6)

    def test_the_order_of_rows_changes_nothing(self):
        frame = villages()
        found = [
            synthetic_control(read(rows), outcome=Message("income"), placebos=False, seed=1).estimate
            for rows in (frame, frame.sample(frac=1, random_state=0))
        ]
        assert found[0] == found[1]

    @pytest.mark.slow
    def test_intervals_of_synthetic_differences_cover(self):
        covered = []
        for seed in range(200):
            panel = read(villages(seed, n=30, n_treated=3))
            low, high = synthetic_differences(
                panel, outcome=Message("income"), n_placebos=100, seed=seed
            ).interval
            covered.append(low <= 5 <= high)
        assert np.mean(covered) >= 0.90


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (lambda: read(villages(n_treated=3)), "3 units have the policy (v00, v01, v02)"),
        (lambda: read(villages(starts=(2,))), "2 periods before the policy are too few"),
        (lambda: read(villages(n=2)), "there are fewer than two other units"),
        (
            lambda: read(villages().drop(index=25), unbalanced="keep"),
            "not every unit is seen in every period",
        ),
    ],
)
def test_what_a_mixture_cannot_answer_is_refused(make, wrong):
    with pytest.raises(BadInput) as refused:
        synthetic_control(make(), outcome=Message("income"), seed=1)
    assert wrong in str(refused.value)


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (lambda: read(villages(n_treated=4, starts=(5, 7))), "units begin in 2 different periods"),
        (lambda: read(villages(n=8, n_treated=4)), "4 units have the policy and 4 never have it"),
        (lambda: read(villages(starts=(1,))), "fewer than two periods before"),
    ],
)
def test_what_parallel_mixtures_cannot_answer_is_refused(make, wrong):
    with pytest.raises(BadInput) as refused:
        synthetic_differences(make(), outcome=Message("income"), seed=1)
    assert wrong in str(refused.value)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda known: known.drop(index="v03"), "no row for v03"),
        (lambda known: known.assign(roads=np.nan), "predictors roads: values are missing"),
        (
            lambda known: known.assign(roads=1.0),
            "predictors roads: values are missing, no numbers, or the same",
        ),
        (lambda known: pd.concat([known, known.head(1)]), "a unit stands twice"),
    ],
)
def test_predictors_that_cannot_be_used_are_refused(change, wrong):
    panel = read(villages())
    known = pd.DataFrame({"roads": np.arange(14.0), "size": np.arange(14.0) ** 2}, index=list(panel.units))
    with pytest.raises(BadInput) as refused:
        synthetic_control(panel, outcome=Message("income"), predictors=change(known), seed=1)
    assert wrong in str(refused.value)
