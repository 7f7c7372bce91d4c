"""MaxDiff: from the best and the worst of each set to a scale of all items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language
from pk_research.products.experiments import ChoiceModel, choice_data, multinomial_logit
from pk_research.products.market import words
from pk_research.products.market.offers import INTERVAL, check_draws
from pk_research.products.market.respondents import check_columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ("respondent", "set", "item", "choice")
N_DRAWS = 5_000


@dataclass(frozen=True, eq=False)
class MaxDiff:
    """Items on one scale.

    Attributes
    ----------
    items
        One row an item (the index), the best first: ``n_shown``, ``n_best``, ``n_worst``, ``score``
        (best less worst, over shown; -1 to 1), ``utility`` (the last item in the alphabet is 0),
        ``share`` (chance, 0 to 1, to be taken for the best of all items), its 95% interval ``low``
        to ``high``, and ``may_be_best``: its difference in utility to the first has 0 in its 95%
        interval.
    model
        The logit behind the shares, its standard errors clustered by respondent.
    n_respondents, n_sets
        People, and sets they answered.
    n_left_out
        Sets without both a best and a worst.
    seed
        Of the draws of the intervals.
    labels
        Item -> what it is called.
    made
        True for made data.
    """

    items: pd.DataFrame
    model: ChoiceModel
    n_respondents: int
    n_sets: int
    n_left_out: int
    seed: int
    labels: Mapping[str, Bilingual | str]
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an item for people."""
        return words.items_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell what matters most, and what cannot be told from it."""
        return words.items_account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw the shares with their intervals."""
        from pk_research.products.market.pictures import plot_items

        return plot_items(self, language, width_px=width_px)


def maxdiff(
    answers: pd.DataFrame,
    *,
    labels: Mapping[str, Bilingual | str] | None = None,
    seed: int = 0,
    made: bool = False,
) -> MaxDiff:
    """Put items on one scale from the best and the worst of each set.

    The best is a choice among all items shown, the worst one among the rest with tastes turned
    round (sequential best-worst logit).

    Parameters
    ----------
    answers
        One row a respondent, set and item shown: ``respondent``, ``set``, ``item`` and ``choice``
        ("best", "worst" or missing). Sets without both are left out and counted.
    labels
        Item -> what it is called.
    seed
        Of the draws of the intervals.
    made
        True for made data.

    Raises
    ------
    BadInput
        When columns are missing, a set has two bests or an item twice, or an item is always or
        never chosen, so that its place on the scale has no bound; or the seed is negative.

    References
    ----------
    Louviere, Flynn and Marley (2015), Best-worst scaling. Krinsky and Robb (1986).
    """
    check_draws(N_DRAWS, 1, seed)
    rows, n_left_out = _read(answers)
    items = sorted(rows["item"].astype(str).unique())
    model = multinomial_logit(choice_data(_choices(rows, items[:-1]), items[:-1], made=made))
    utility = np.append(model.estimates.to_numpy(), 0.0)
    drawn = np.column_stack([model.draws(N_DRAWS, seed), np.zeros(N_DRAWS)])
    low, high = np.percentile(_softmax(drawn), INTERVAL, axis=0)
    behind = np.percentile(drawn[:, [int(utility.argmax())]] - drawn, INTERVAL[0], axis=0)
    picked = rows.assign(is_best=rows["choice"] == "best", is_worst=rows["choice"] == "worst").groupby("item")
    counts = pd.DataFrame(
        {"n_shown": picked.size(), "n_best": picked["is_best"].sum(), "n_worst": picked["is_worst"].sum()}
    ).reindex(items)
    table = counts.assign(
        score=(counts["n_best"] - counts["n_worst"]) / counts["n_shown"],
        utility=utility,
        share=_softmax(utility[None])[0],
        low=low,
        high=high,
        may_be_best=behind <= 0,
    ).rename_axis("item")
    return MaxDiff(
        items=table.sort_values("share", ascending=False, kind="stable"),
        model=model,
        n_respondents=rows["respondent"].nunique(),
        n_sets=rows.groupby(["respondent", "set"]).ngroups,
        n_left_out=n_left_out,
        seed=seed,
        labels=dict(labels or {}),
        made=made,
    )


def _read(answers: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    check_columns(answers, COLUMNS)
    problems = []
    if not answers["choice"].dropna().isin(["best", "worst"]).all():
        problems.append(Problem("choice", "some are neither best nor worst", "Leave the others missing."))
    if answers[["respondent", "set", "item"]].isna().any(axis=None):
        problems.append(Problem("answers", "who, which set or which item is missing", "Give all three."))
    if answers.duplicated(["respondent", "set", "item"]).any():
        problems.append(Problem("answers", "a set shows an item twice", "Keep one row each."))
    keys = [answers["respondent"], answers["set"]]
    n_best, n_worst = ((answers["choice"] == one).groupby(keys).sum() for one in ("best", "worst"))
    twice = int(((n_best > 1) | (n_worst > 1)).sum())
    if twice:
        problems.append(Problem("answers", f"{twice} sets have two bests or worsts", "Keep one of each."))
    complete = (n_best == 1) & (n_worst == 1)
    if not complete.any():
        problems.append(Problem("answers", "no set has both a best and a worst", "Give some that do."))
    if problems:
        raise BadInput(problems)
    index = pd.MultiIndex.from_frame(answers[["respondent", "set"]])
    kept = answers[complete.reindex(index).to_numpy()]
    return kept.assign(item=kept["item"].astype(str)), int((~complete).sum())


def _choices(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Turn each set into two choices: the best of all, and the worst of the rest."""
    columns = pd.DataFrame({name: (rows["item"] == name).astype(float) for name in names}, index=rows.index)
    table = pd.concat([rows[["respondent", "set", "item", "choice"]], columns], axis=1)
    table = table.rename(columns={"item": "alternative"})
    best = table.assign(
        set=[f"{n} best" for n in table["set"]], chosen=(table["choice"] == "best").astype(int)
    )
    rest = table[table["choice"] != "best"]
    worst = rest.assign(
        set=[f"{n} worst" for n in rest["set"]], chosen=(rest["choice"] == "worst").astype(int)
    )
    worst[names] = -worst[names]
    return pd.concat([best, worst], ignore_index=True).drop(columns="choice")


def _softmax(utility: np.ndarray) -> np.ndarray:
    odds = np.exp(utility - utility.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
