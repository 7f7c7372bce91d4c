"""Choice models: published estimates, second ways to the same figures, and what cannot be estimated."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from products_experiment_tables import (
    HATES_SPICY,
    LOVES_SPICY,
    TASTES,
    TRUTH,
    TWO_SEGMENTS,
    snack_design,
)
from scipy.optimize import approx_fprime

from pk_research.errors import BadInput, NotReady
from pk_research.products.experiments import (
    KnownTastes,
    choice_data,
    choose_segments,
    iia_check,
    latent_class_logit,
    made_choices,
    mixed_logit,
    multinomial_logit,
    nested_logit,
    willingness_to_pay,
)
from pk_research.products.experiments.latent import _scores
from pk_research.products.experiments.multinomial import information, scores_by_situation
from pk_research.products.experiments.nested import _layout, nested_scores

NESTS = {"a": "buy", "b": "buy", "none": "leave"}


@pytest.fixture(scope="module")
def design():
    return snack_design()


@pytest.fixture(scope="module")
def data(design):
    return made_choices(design, TASTES, 200, seed=1).data()


@pytest.fixture(scope="module")
def model(data):
    return multinomial_logit(data)


@pytest.fixture(scope="module")
def differing(design):
    return made_choices(design, KnownTastes((TRUTH,), sd={"taste=spicy": 1.5}), 120, seed=1).data()


@pytest.fixture(scope="module")
def segments(design):
    return made_choices(design, TWO_SEGMENTS, 300, seed=1).data()


# --- multinomial logit


@pytest.fixture(scope="module")
def yogurt(shared) -> pd.DataFrame:
    table = pd.read_csv(shared / "reference" / "policy" / "yogurt_long.csv")
    brands = {f"is_{name}": (table["alt"] == name).astype(int) for name in ("dannon", "hiland", "weight")}
    return table.assign(**brands)


YOGURT = ["price", "feat", "is_dannon", "is_hiland", "is_weight"]
COLUMNS = {"respondent": "id", "situation": "chid", "alternative": "alt", "chosen": "choice"}


def test_yogurt_as_published(yogurt):
    model = multinomial_logit(choice_data(yogurt, YOGURT, **COLUMNS))
    assert model.log_likelihood == pytest.approx(-2656.888, abs=1e-3)
    assert model.estimates["price"] == pytest.approx(-0.36658, abs=1e-3)
    assert model.estimates["feat"] == pytest.approx(0.49143, abs=1e-3)
    assert (model.n_choices, model.n_respondents) == (2412, 100)


def test_xlogit_finds_the_same(yogurt):
    from xlogit import MultinomialLogit

    fitted = MultinomialLogit()
    fitted.fit(
        X=yogurt[YOGURT], y=yogurt["choice"], varnames=YOGURT, alts=yogurt["alt"], ids=yogurt["chid"],
        verbose=0,
    )  # fmt: skip
    data = choice_data(yogurt, YOGURT, **COLUMNS)
    assert multinomial_logit(data).estimates.to_numpy() == pytest.approx(fitted.coeff_, abs=1e-4)


def test_slope_and_curvature_are_those_of_differences(data):
    at = 0.8 * np.array([TRUTH[name] for name in data.names])

    def value(point):
        return scores_by_situation(data, point)[0].sum()

    def slope(point):
        return scores_by_situation(data, point)[1].sum(axis=0)

    assert approx_fprime(at, value, 1e-6) == pytest.approx(slope(at), abs=0.02)
    assert approx_fprime(at, slope, 1e-6) == pytest.approx(-information(data, at), abs=0.01)


def test_shuffled_rows_are_the_same_choices(data, design, model):
    frame = made_choices(design, TASTES, 200, seed=1).frame.sample(frac=1, random_state=1)
    assert multinomial_logit(choice_data(frame, design.names)).estimates.equals(model.estimates)


def test_standard_errors_clustered_by_respondent_are_those_of_a_bootstrap_of_people(differing):
    rng = np.random.default_rng(1)
    n = differing.n_respondents
    again = [
        multinomial_logit(differing.of_respondents(rng.integers(n, size=n))).estimates for _ in range(100)
    ]
    model = multinomial_logit(differing)
    ratio = model.standard_errors.to_numpy() / np.std(again, axis=0)
    assert np.all((ratio > 0.75) & (ratio < 1.3))
    plain = np.sqrt(np.diag(np.linalg.inv(information(differing, model.estimates.to_numpy()))))
    # a respondent's taste returns in all six answers: taking them for six people's is too sure
    assert model.standard_errors["taste=spicy"] > 1.05 * plain[0]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (lambda frame: 7.0, "extra: it is the same for all alternatives of every set"),
        (
            lambda frame: 2 * frame["taste=spicy"] - frame["price_idr"],
            "taste=spicy, price_idr, extra: they move",
        ),
        (lambda frame: frame["chosen"] * 1.0, "extra: choices follow it without exception"),
        (
            lambda frame: ((frame["chosen"] == 1) & (frame["respondent"] == "made-0001")) * 1.0,
            "extra: choices follow it without exception",
        ),
    ],
)
def test_what_cannot_be_estimated_is_named(design, column, said):
    frame = made_choices(design, TASTES, 60, seed=1).frame
    with pytest.raises(BadInput, match=said):
        multinomial_logit(choice_data(frame.assign(extra=column(frame)), [*design.names, "extra"]))


def test_too_few_people_are_told(design):
    with pytest.raises(BadInput, match="there are 7, not more than the 7 coefficients"):
        multinomial_logit(made_choices(design, TASTES, 7, seed=1).data())
    few = multinomial_logit(made_choices(design, TASTES, 30, seed=1).data())
    assert "rest on 30 respondents only" in few.in_words("en")


def test_faults_of_a_table_are_told_at_once():
    frame = pd.DataFrame(
        {
            "respondent": [1, 1, 1, 1, 2],
            "set": [1, 1, 2, 2, 1],
            "alternative": ["a", "b", "a", "a", "a"],
            "chosen": [1, 1, 0, 1, 1],
            "price": [1.0, 2.0, np.nan, 1.0, 3.0],
            "taste": ["x"] * 5,
        }
    )
    with pytest.raises(BadInput) as caught:
        choice_data(frame, ["price", "taste", "size"])
    assert [problem.what for problem in caught.value.problems] == [
        "it is missing in 1 rows", "it is no number", "there is no such column",
    ]  # fmt: skip
    with pytest.raises(BadInput) as caught:
        choice_data(frame.fillna(1.0), ["price"])
    assert [problem.where for problem in caught.value.problems] == [
        "respondent 1, situation 1", "respondent 2, situation 1", "respondent 1, situation 2",
    ]  # fmt: skip


# --- willingness to pay, and independence


def test_willingness_to_pay_is_a_ratio_with_the_variance_of_the_delta_method(model):
    found = willingness_to_pay(model, "price_idr", unit=5000, n_draws=50_000)
    spicy, price = model.estimates[["taste=spicy", "price_idr"]]
    row = found.frame.set_index("name").loc["taste=spicy"]
    assert row["wtp"] == pytest.approx(-5000 * spicy / price)
    slope = np.array([-1 / price, spicy / price**2])
    block = model.covariance.loc[["taste=spicy", "price_idr"], ["taste=spicy", "price_idr"]]
    assert row["high"] - row["wtp"] == pytest.approx(
        1.959964 * 5000 * np.sqrt(slope @ block @ slope), rel=1e-4
    )
    width = found.frame["high"] - found.frame["low"]
    assert (found.frame["high_draws"] - found.frame["low_draws"]).to_numpy() == pytest.approx(width, rel=0.05)
    assert "none" not in found.frame["name"].tolist()
    assert found.wrong_sign.iloc[0] == 0


def test_a_price_that_hardly_matters_is_told(design):
    careless = made_choices(design, KnownTastes(({**TRUTH, "price_idr": -0.02},)), 100, seed=2).data()
    found = willingness_to_pay(multinomial_logit(careless), "price_idr", unit=5000)
    assert found.wrong_sign.iloc[0] > 0.025
    assert "no interval of what they would pay can be trusted" in found.in_words("en")


def test_the_unit_of_the_price_is_known_and_another_is_refused(model):
    known, given = (willingness_to_pay(model, "price_idr", **asked) for asked in ({}, {"unit": 5000}))
    assert known.frame.equals(given.frame)
    with pytest.raises(BadInput, match=r"unit: it is 1, but the price was coded by 5000\. Leave it out\."):
        willingness_to_pay(model, "price_idr", unit=1)


def test_an_unknown_price_names_those_there_are(model):
    with pytest.raises(BadInput, match="cost: the model has no such coefficient"):
        willingness_to_pay(model, "cost")


def test_independence_holds_where_it_was_made_to_hold(data):
    found = iia_check(data)
    assert (found.frame["p_score"] > 0.05 / 3).all()
    assert "No change beyond chance was found" in found.in_words("en")


def test_independence_fails_where_some_people_never_buy(design):
    never = KnownTastes(({**TRUTH, "none": 3.0}, {**TRUTH, "none": -8.0}), (0.5, 0.5))
    found = iia_check(made_choices(design, never, 200, seed=1).data())
    assert (found.frame["p_score"] < 0.001).any()
    assert "the supposition does not hold" in found.in_words("en")
    assert len(found.table("id")) == 3


# --- nested logit


def test_a_nested_logit_with_dissimilarity_one_is_the_multinomial_logit(data, model):
    layout = _layout(data, NESTS)
    value, slope = nested_scores(data, layout, np.append(model.estimates, 1.0))
    assert value.sum() == pytest.approx(model.log_likelihood, abs=1e-9)
    assert slope.sum(axis=0)[:-1] == pytest.approx(np.zeros(7), abs=1e-5)


def test_the_slope_of_the_nested_logit_is_that_of_differences(data, model):
    layout = _layout(data, NESTS)
    at = np.append(0.9 * model.estimates, 0.6)
    step = 1e-5 * np.eye(len(at))
    rise = [
        nested_scores(data, layout, at + one)[0].sum() - nested_scores(data, layout, at - one)[0].sum()
        for one in step
    ]
    assert nested_scores(data, layout, at)[1].sum(axis=0) == pytest.approx(np.array(rise) / 2e-5, abs=1e-4)


def test_the_nested_logit_worked_out_by_hand():
    frame = pd.DataFrame(
        {
            "respondent": 1,
            "set": 1,
            "alternative": ["a", "b", "none"],
            "chosen": [1, 0, 0],
            "x": [1.0, 2.0, 0.5],
        }
    )
    data = choice_data(frame, ["x"])
    value, _ = nested_scores(data, _layout(data, NESTS), np.array([0.8, 0.5]))
    inner = np.exp(0.8 / 0.5) + np.exp(1.6 / 0.5)
    probability = np.exp(0.8 / 0.5) / inner * inner**0.5 / (inner**0.5 + np.exp(0.4))
    assert value[0] == pytest.approx(np.log(probability))


def nested_choices(frame: pd.DataFrame, dissimilarity: float, seed: int) -> pd.DataFrame:
    """Choose by a nested logit: whether to buy at all, then which."""
    rng = np.random.default_rng(seed)
    utility = frame[list(TRUTH)] @ np.array(list(TRUTH.values()))
    scaled = np.where(frame["alternative"] == "none", -np.inf, utility / dissimilarity)
    key = [frame["respondent"], frame["set"]]
    inclusive = np.log(pd.Series(np.exp(scaled), index=frame.index).groupby(key).transform("sum"))
    none = utility.where(frame["alternative"] == "none").groupby(key).transform("max")
    buys = pd.Series(rng.logistic(size=len(frame)), index=frame.index).groupby(key).transform("first") < (
        dissimilarity * inclusive - none
    )
    noisy = pd.Series(scaled + rng.gumbel(size=len(frame)), index=frame.index)
    best = noisy.groupby(key).transform("max") == noisy
    return frame.assign(chosen=np.where(buys, best, frame["alternative"] == "none").astype(int))


def test_a_nest_that_was_made_is_found(design):
    frame = made_choices(design, TASTES, 400, seed=1).frame
    data = choice_data(nested_choices(frame, 0.5, 1), design.names, labels=design.labels)
    found = nested_logit(data, NESTS)
    truth = np.array([*TRUTH.values(), 0.5])
    assert (np.abs(found.estimates - truth) < 3 * found.standard_errors).all()
    assert found.log_likelihood > multinomial_logit(data).log_likelihood + 3
    assert "are closer to each other" in found.in_words("en")


def test_nests_must_be_nests(data):
    with pytest.raises(BadInput, match="alternative 'none' has none"):
        nested_logit(data, {"a": "buy", "b": "buy"})
    with pytest.raises(BadInput, match="all alternatives are in one nest"):
        nested_logit(data, dict.fromkeys(NESTS, "all"))


# --- latent classes


def test_one_segment_is_the_multinomial_logit(data, model):
    found = latent_class_logit(data, 1)
    assert found.estimates.to_numpy() == pytest.approx(model.estimates.to_numpy(), abs=1e-4)
    assert found.covariance.to_numpy() == pytest.approx(model.covariance.to_numpy(), rel=0.01, abs=1e-5)


def test_the_slope_of_the_latent_classes_is_that_of_differences(segments):
    at = np.concatenate([list(LOVES_SPICY.values()), list(HATES_SPICY.values()), [-0.3]])
    step = 1e-5 * np.eye(len(at))
    rise = [_scores(segments, 2, at + one)[0].sum() - _scores(segments, 2, at - one)[0].sum() for one in step]
    assert _scores(segments, 2, at)[1].sum(axis=0) == pytest.approx(np.array(rise) / 2e-5, abs=1e-3)


def test_segments_that_were_made_are_found(segments):
    one, two = choose_segments(segments, 2, n_starts=3)
    assert two.bic < one.bic - 50
    assert two.shares.sum() == pytest.approx(1)
    assert two.shares.iloc[0] == pytest.approx(0.6, abs=0.08)
    truth = np.array([*LOVES_SPICY.values(), *HATES_SPICY.values(), np.log(0.4 / 0.6)])
    assert (np.abs(two.estimates - truth) < 3.2 * two.standard_errors).all()
    assert two.shares_table("id").shape == (2, 5)
    money = willingness_to_pay(two, "price_idr", unit=5000)
    spicy = money.frame.query("name == 'taste=spicy'").set_index("group")["wtp"]
    assert spicy["class1"] > 3000
    assert spicy["class2"] < -3000
    assert "Segmen 1: orang bersedia membayar paling banyak" in money.in_words("id")
    people = two.tastes(4000, seed=1)
    assert (people[:, 0] > 0).mean() == pytest.approx(two.shares.iloc[0], abs=0.03)


@pytest.mark.slow
def test_segments_are_the_same_for_any_number_of_workers(differing):
    one, two = (latent_class_logit(differing, 2, n_starts=2, n_jobs=n) for n in (1, 2))
    assert one.estimates.equals(two.estimates)
    assert one.starts == two.starts


def test_a_model_without_a_clear_maximum_has_no_doubt_to_draw_from(model):
    flat = replace(model, covariance=model.covariance * np.nan, converged=False)
    assert "do not use these estimates" in flat.in_words("en")
    with pytest.raises(NotReady, match="no clear maximum"):
        flat.draws(10)


def test_one_answer_each_tells_nothing_about_how_people_differ(data, model):
    # each person's first, second... sixth answer by turns
    single = data.of_situations(np.arange(1200) % 6 == data.respondent // 2 % 6)
    assert single.n_choices == single.n_respondents == 200
    assert multinomial_logit(single).estimates["none"] == pytest.approx(model.estimates["none"], abs=1.5)
    for fit in (lambda: latent_class_logit(single, 2), lambda: mixed_logit(single, {"none": "normal"})):
        with pytest.raises(BadInput, match="every respondent answered one set only"):
            fit()


def test_more_segments_than_people_hold_are_refused(data):
    with pytest.raises(BadInput, match=r"40 segments cannot be found among 200 people\. Give 1 to 25"):
        latent_class_logit(data, 40)


# --- mixed logit


def mixed_by_hand(data, at: np.ndarray, n_draws: int) -> float:
    """Simulate the likelihood of a mixed logit with one normal taste, the first, by plain Monte Carlo."""
    normal = np.random.default_rng(1).standard_normal((n_draws, data.n_respondents))
    by_draw = []
    for one in normal:
        utility = data.rows @ at[:-1] + data.rows[:, 0] * at[-1] * one[data.respondent[data.situation]]
        total = data.sum_by_situation(np.exp(utility))
        by_draw.append(np.exp(data.sum_by_respondent(utility[data.chosen] - np.log(total))))
    return float(np.log(np.mean(by_draw, axis=0)).sum())


def test_tastes_that_differ_are_found(differing):
    model = mixed_logit(differing, {"taste=spicy": "normal"}, n_draws=100, n_starts=2)
    assert model.estimates["sd.taste=spicy"] == pytest.approx(1.5, abs=3 * model.standard_errors.iloc[-1])
    assert model.log_likelihood == pytest.approx(
        mixed_by_hand(differing, model.estimates.to_numpy(), 4000), abs=1.5
    )
    assert "People differ beyond chance in 1 of the 1 tastes" in model.in_words("en")
    people = model.tastes(20_000, seed=1)
    assert people[:, 0].std() == pytest.approx(model.estimates["sd.taste=spicy"], rel=0.03)
    assert np.ptp(people[:, 1]) == 0


def test_a_price_everybody_minds_is_lognormal(differing):
    model = mixed_logit(differing, {"price_idr": "negative_lognormal"}, n_draws=50, n_starts=1)
    assert (model.tastes(1000)[:, 5] < 0).all()
    assert model.typical(model.estimates.to_numpy()[None])[0, 0, 5] == pytest.approx(
        -np.exp(model.estimates["log.price_idr"])
    )
    assert willingness_to_pay(model, "price_idr", unit=5000).people_wrong_sign == 0


def test_people_who_like_to_pay_are_counted(model):
    found = willingness_to_pay(model, "price_idr")
    assert found.people_wrong_sign == 0


def test_xlogit_is_silent_and_leaves_the_dice_alone(differing, capsys):
    np.random.seed(3)  # noqa: NPY002 - the state that is not to be touched
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mixed_logit(differing, {"taste=spicy": "normal"}, n_draws=20, n_starts=1)
    assert capsys.readouterr() == ("", "")
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_what_the_mixed_logit_needs_is_told_at_once(data):
    with pytest.raises(BadInput) as caught:
        mixed_logit(data, {"colour": "normal"})
    assert caught.value.problems[0].what == "there is no coefficient 'colour'"
    with pytest.raises(BadInput, match="it is empty"):
        mixed_logit(data, {})


@pytest.mark.slow
def test_electricity_as_published(shared):
    table = pd.read_csv(shared / "reference" / "policy" / "electricity_long.csv")
    names = ["pf", "cl", "loc", "wk", "tod", "seas"]
    data = choice_data(table, names, **COLUMNS)
    model = mixed_logit(data, dict.fromkeys(names, "normal"), n_draws=100, n_starts=1)
    published = {"pf": -0.97339, "cl": -0.20556, "loc": 2.07572}
    assert model.estimates[list(published)].to_numpy() == pytest.approx(list(published.values()), abs=1e-3)


@pytest.mark.slow
def test_standard_errors_of_the_mixed_logit_are_those_of_a_bootstrap_of_people(differing):
    random = {"taste=spicy": "normal"}
    model = mixed_logit(differing, random, n_draws=100, n_starts=1)
    rng = np.random.default_rng(1)
    n = differing.n_respondents
    again = [
        mixed_logit(
            differing.of_respondents(rng.integers(n, size=n)), random, n_draws=100, n_starts=1
        ).estimates
        for _ in range(100)
    ]
    ratio = model.standard_errors.to_numpy() / np.std(again, axis=0)
    assert np.all((ratio > 0.75) & (ratio < 1.3)), ratio


# --- told and drawn


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_model_is_told_and_drawn(model, language):
    table = model.table(language)
    assert (
        table.iloc[0, 0]
        == {"id": "Rasa: Pedas, bukan Gurih", "en": "Taste: Spicy instead of Plain"}[language]
    )
    said = model.in_words(language)
    assert {"id": "1.200 pilihan oleh 200 responden", "en": "1,200 choices by 200 respondents"}[
        language
    ] in said
    figure = model.plot(language, width_px=500)
    assert {"id": "Data buatan", "en": "Made data"}[language] in figure.get_supxlabel()
    money = willingness_to_pay(model, "price_idr", unit=5000, n_draws=500)
    assert len(money.table(language)) == 5
    assert len(money.plot(language).axes[0].collections) == 1


def test_draws_are_spread_as_the_estimates_are_unsure(model):
    drawn = model.draws(40_000, seed=1)
    assert np.cov(drawn.T) == pytest.approx(model.covariance.to_numpy(), abs=0.002)
    assert np.array_equal(drawn, model.draws(40_000, seed=1))
    assert np.array_equal(model.tastes(3), np.tile(model.estimates, (3, 1)))
