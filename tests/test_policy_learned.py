"""Effects by double machine learning: the library's own figures, by hand, an experiment, and refusals."""

from __future__ import annotations

import causaldata
import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed

from pk_research.errors import BadInput, NotReady
from pk_research.language import LANGUAGES, Message
from pk_research.policy.effects.cross_section import (
    adjusted_effect,
    cross_fitting,
    learned,
    learned_effect,
    read_study,
)

doubleml = pytest.importorskip(
    "doubleml", reason="double machine learning is an optional extra: pip install pk-research[doubleml]"
)
INCOME = Message("income")
BEFORE = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]


def villages(seed: int, n: int = 187, effect: float = 2.0) -> pd.DataFrame:
    """Villages that have the policy more often, and are richer, the better their roads are."""
    rng = np.random.default_rng(seed)
    roads, size = rng.normal(size=(2, n))
    has = rng.random(n) < 1 / (1 + np.exp(-0.7 * roads))
    income = 10 + effect * has + 1.5 * roads + 0.5 * size + rng.normal(size=n)
    return pd.DataFrame(
        {
            "income": income,
            "has": has.astype(int),
            "roads": roads,
            "size": size,
            "district": np.arange(n) % 45,
        }
    )


def study(frame: pd.DataFrame, **columns: str):
    return read_study(frame, outcome="income", treated="has", covariates=["roads", "size"], **columns)


def quick(rows, **choices):
    return learned_effect(rows, outcome=INCOME, **{"n_repetitions": 1, "seed": 0, **choices})


@pytest.mark.parametrize("cluster", [None, "district"])
@pytest.mark.parametrize(
    ("model", "of"), [("interactive", "all"), ("interactive", "treated"), ("partially_linear", "all")]
)
def test_learning_again_by_hand_over_the_same_folds_gives_the_same(model, of, cluster):
    effect = quick(study(villages(1), cluster=cluster), model=model, of=of)
    assert effect.cross_check.agrees
    assert effect.cross_check.estimate == pytest.approx(effect.estimate, rel=1e-9)
    assert effect.cross_check.standard_error == pytest.approx(effect.standard_error, rel=1e-9)
    assert effect.sample.n_clusters == (45 if cluster else None)


def test_forests_by_hand_give_the_same(monkeypatch):
    monkeypatch.setattr(cross_fitting, "TREES", 20)
    effect = quick(study(villages(1)), learner="forest")
    assert effect.cross_check.estimate == pytest.approx(effect.estimate, rel=1e-9)


def test_repetitions_are_put_together_as_the_library_does():
    rows = study(villages(2))
    ours = quick(rows, n_repetitions=3, cross_check=False)
    question = cross_fitting.question_of(
        rows, model="interactive", of="all", learner="lasso", degree=1, n_folds=5, trim=0.01, seed=0
    )
    told = [cross_fitting.dealt(question, repetition)[0] for repetition in range(3)]
    frame = pd.DataFrame(question.covariates).add_prefix("x")
    data = doubleml.DoubleMLData(frame.assign(y=question.outcome, d=question.treated), "y", "d")
    predictions = {"ml_g0": [], "ml_g1": [], "ml_m": []}
    for repetition in range(3):
        one = doubleml.DoubleMLIRM(
            data, *cross_fitting.learners(question, repetition), draw_sample_splitting=False
        )
        one.set_sample_splitting([told[repetition]]).fit()
        for name, values in predictions.items():
            values.append(one.predictions[name][:, 0, 0])
    theirs = doubleml.DoubleMLIRM(
        data, *cross_fitting.learners(question, 0), n_rep=3, draw_sample_splitting=False
    )
    theirs.set_sample_splitting(told)
    theirs.fit(
        external_predictions={"d": {name: np.column_stack(values) for name, values in predictions.items()}}
    )
    assert ours.estimate == pytest.approx(theirs.coef[0], rel=1e-9)
    assert ours.standard_error == pytest.approx(theirs.se[0], rel=1e-9)
    assert ours.details["repetitions"]["estimate"].tolist() == pytest.approx(theirs.all_coef[0].tolist())


@pytest.mark.parametrize("model", ["interactive", "partially_linear"])
def test_the_experiment_of_lalonde_is_found_again(model):
    """Its difference of means, $1,794, was drawn by lot: what learns nothing wrong must find it."""
    frame = causaldata.nsw_mixtape.load_pandas().data
    rows = read_study(frame, outcome="re78", treated="treat", covariates=BEFORE)
    effect = quick(rows, model=model, n_repetitions=3, cross_check=False)
    low, high = effect.interval
    assert low < 1794 < high
    assert abs(effect.estimate - 1794) < 300
    assert effect.estimate == pytest.approx(adjusted_effect(rows, outcome=INCOME).estimate, abs=300)
    assert effect.standard_error == pytest.approx(670, abs=60)


@pytest.mark.parametrize("cluster", [None, "district"])
def test_neither_workers_nor_the_order_of_rows_change_a_byte(cluster):
    frame = villages(3)
    first = quick(study(frame, cluster=cluster), n_repetitions=2, cross_check=False)
    for rows, workers in ((frame, 2), (frame.sample(frac=1, random_state=7), 1)):
        again = quick(study(rows, cluster=cluster), n_repetitions=2, cross_check=False, n_jobs=workers)
        assert again.estimates.to_csv() == first.estimates.to_csv()
        assert again.details["repetitions"].to_csv() == first.details["repetitions"].to_csv()


def test_another_seed_deals_other_folds():
    rows = study(villages(3))
    assert quick(rows, cross_check=False).estimate != quick(rows, cross_check=False, seed=1).estimate


@pytest.mark.parametrize("cluster", [None, "district"])
def test_every_unit_is_told_once_by_units_of_other_clusters(cluster):
    question = cross_fitting.question_of(
        study(villages(4), cluster=cluster),
        model="interactive", of="all", learner="lasso", degree=1, n_folds=5, trim=0.01, seed=0,
    )  # fmt: skip
    units, clusters = cross_fitting.dealt(question, 0)
    assert sorted(np.concatenate([test for _, test in units])) == list(range(187))
    assert max(len(test) for _, test in clusters) - min(len(test) for _, test in clusters) <= 1
    for train, test in units:
        assert set(train).isdisjoint(test)
        if question.cluster is not None:
            assert set(question.cluster[train]).isdisjoint(question.cluster[test])
        assert 0 < question.treated[train].mean() < 1


def test_squares_and_products_are_learned_where_they_matter():
    frame = villages(5, n=400)
    frame["income"] += 3 * frame["roads"] ** 2
    plain, wide = (quick(study(frame), degree=degree, cross_check=False) for degree in (1, 2))
    assert wide.standard_error < 0.7 * plain.standard_error
    assert abs(wide.estimate - 2) < 2 * wide.standard_error


def test_probabilities_at_the_limit_are_counted():
    frame = villages(6)
    rng = np.random.default_rng(0)
    frame["has"] = (rng.random(len(frame)) < 1 / (1 + np.exp(-4 * frame["roads"]))).astype(int)
    effect = quick(study(frame), cross_check=False, trim=0.05)
    n = int(effect.details["repetitions"]["n_limited"].max())
    assert n > 20
    assert effect.warnings[-1].text("en") == (
        f"Of 187 units, up to {n} in a dealing have a learned probability of the policy below 5 % or above"
        " 95 % and were taken at that limit, so that none of them decides alone. They have hardly any"
        " counterpart: look at the effect without them."
    )
    assert len(effect.diagnostics) == 2, "limits this wide hide who is rare: nothing is said of overlap"
    narrow = quick(study(frame), cross_check=False, trim=0.01)
    assert [len(narrow.diagnostics), narrow.diagnostics[0].verdict] == [3, "fails"]
    assert "n_limited" not in quick(study(frame), model="partially_linear").details["repetitions"]


def test_how_much_the_figure_owes_to_the_dealing_is_told():
    rows = study(villages(7))
    once, often = quick(rows, cross_check=False), quick(rows, cross_check=False, n_repetitions=3)
    assert once.diagnostics[2].verdict == "cannot_be_said"
    assert often.diagnostics[2].verdict == "holds"
    assert learned._steadiness(np.array([1.0, 2.0]), 1.0).verdict == "fails"
    assert learned._steadiness(np.array([1.0, 1.5]), 1.0).verdict == "doubtful"
    assert cross_fitting.together(np.array([1.0, 2.0, 6.0]), np.ones(3)) == (2.0, 1.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_effect_is_told_in_either_language(language):
    effect = quick(study(villages(8)), model="partially_linear", cross_check=False, made=True)
    told = effect.in_words(language)
    assert "doubleml" in told
    assert told.startswith({"en": "Made data", "id": "Data buatan"}[language])
    assert {"en": "one effect for all units", "id": "satu dampak bagi semua unit"}[language] in told


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(learned, "find_spec", lambda name: None)
    with pytest.raises(NotReady) as caught:
        quick(study(villages(1)))
    assert str(caught.value) == (
        "learned_effect: it needs the library doubleml, which is not installed. Run `pip install"
        " 'pk-research[doubleml]'`, or use `adjusted_effect`, which is doubly robust, too."
    )


def test_all_that_is_wrong_is_said_at_once():
    few = villages(1, n=20)
    with pytest.raises(BadInput) as caught:
        quick(
            study(few), model="partially_linear", of="treated", learner="boosting", degree=3, n_folds=1,
            n_repetitions=0, trim=0.5, level=95,
        )  # fmt: skip
    assert [problem.where for problem in caught.value.problems] == [
        "level", "of", "learner", "degree", "n_folds", "n_repetitions", "trim",
    ]  # fmt: skip
    few["has"] = (np.arange(20) < 6).astype(int)
    with pytest.raises(BadInput) as caught:
        quick(study(few))
    assert str(caught.value) == (
        "the study: only 6 units with the policy for 5 folds. There must be 10 at least: give fewer folds, or"
        " use `adjusted_effect`."
    )
    with pytest.raises(BadInput, match="covariates: there are none to learn from"):
        quick(read_study(villages(1), outcome="income", treated="has"))


@pytest.mark.slow
def test_intervals_cover_at_least_as_often_as_they_say():
    """Of these 100 made studies all intervals hold the effect, of 200 further ones 190: 96.7 % of 300.

    Nominal are 95 %; by chance alone about 95 of 100, give or take 4. Standard errors must be as large as
    the estimates scatter, so that intervals are not right only by being wide.
    """

    def judged(seed: int) -> tuple[bool, float, float]:
        effect = quick(study(villages(1000 + seed)), seed=seed, cross_check=False)
        low, high = effect.interval
        return low <= 2 <= high, effect.estimate, effect.standard_error

    found = Parallel(n_jobs=2)(delayed(judged)(seed) for seed in range(100))
    covered, estimates, errors = (np.array(figures) for figures in zip(*found, strict=True))
    assert covered.sum() >= 90
    assert abs(estimates.mean() - 2) < 0.06
    assert errors.mean() / estimates.std(ddof=1) == pytest.approx(1, abs=0.15)
