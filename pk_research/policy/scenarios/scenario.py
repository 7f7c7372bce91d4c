"""What would come of a policy: every doubt drawn, village by village."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.errors import BadInput
from pk_research.language import Language, Message
from pk_research.policy.effects.rows import Gaps
from pk_research.policy.scenarios.declared import Outcome, Policy, faults_of
from pk_research.policy.scenarios.drawing import Question, drawn
from pk_research.policy.scenarios.guards import option_faults, require_somebody, warnings_of
from pk_research.policy.scenarios.lots import blocks
from pk_research.policy.scenarios.rows import Labels, read_rows
from pk_research.policy.scenarios.spread import gini, share_below
from pk_research.policy.scenarios.summary import groups_frame, measures_frame, village_frame, years_frame

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_DRAWS = 10_000
LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class Scenario:
    """What would come of a policy.

    Attributes
    ----------
    policy, outcome
        What was asked.
    villages
        One row a village, by its code: ``village_code``, ``name`` (missing where not given),
        ``kecamatan``, ``type`` (missing where not given), ``quintile`` (1 the lowest fifth of villages
        by the outcome before), ``before`` (outcome a period), ``is_chosen`` (when the indicator is read
        as it is in the table; where a lot is not drawn yet, whoever is served whatever the lot),
        ``probability`` (of being served), ``amount_idr`` (what it gets when it is served and all its
        units take it up; 0 for who is never served), ``full_cost_idr`` (the same with the fixed cost),
        ``cost_idr`` (expected), ``gain`` (expected, over all years), ``gain_low``, ``gain_high``,
        ``wins`` and ``loses`` (probability of a gain above and below 0).
    draws
        One row a drawing: ``cost_idr``; ``gain`` (outcome, all years together, discounted);
        ``lost_to_price`` (part of the gain at unchanged prices that lower prices took away; 0 without
        `Prices`); ``worth_idr`` and ``net_idr`` (worth less cost; missing where the outcome is no money);
        ``n_served``, ``n_units`` (served villages; units that took it up), ``n_winners``, ``n_losers``
        (villages), ``inclusion_error`` (share of the served that the true indicator would not have
        chosen), ``exclusion_error`` (share of those it would have chosen that are not served), ``gini``
        and ``poor`` (Gini ratio, and share of villages below the line, of the outcome in the first
        year; missing without a line).
    measures
        One row a measure of ``draws`` (``cost_idr``, ``gain``, ``lost_to_price``, ``worth_idr``,
        ``net_idr``, ``cost_per_gain`` (IDR per unit of outcome), ``gini_change``, ``poor_change``, …):
        ``expected``, ``low``, ``high``, ``known`` (share of the drawings in which it exists). The expected
        cost per gain is the ratio of the means; it is endless where nothing is gained.
    groups
        Who gains: one row a ``kind`` (``quintile``, ``type``, ``kecamatan``) and ``group``:
        ``n_villages``, ``n_chosen`` (served, expected), ``cost_idr``, ``gain`` (expected), ``gain_low``,
        ``gain_high``, ``share`` (of all gains), ``n_winners``, ``n_losers`` (expected).
    years
        One row a year, counted from 0, not discounted: ``cost_idr``, ``gain`` and ``worth_idr`` (expected),
        ``cost_sd`` and ``worth_sd`` (standard deviations), ``gain_low``, ``gain_high``.
    question
        The villages as they were read, for what is asked of them further.
    gini_before, poor_before
        Of the outcome before; missing where not defined or without a line.
    probability_of_gain
        Share of the drawings with a gain above 0.
    probability_worth_it
        Share of the drawings in which the gain is worth more than it costs; missing where the outcome is
        no money.
    warnings
        What must be known before it is believed, each a sentence with its remedy.
    left_out
        Villages that were set aside: pairs of a reason and their number.
    level
        Of the intervals.
    rate
        Discount rate a year, as a share.
    n_draws, seed
        Drawings, and the seed of all chance.
    input_hash
        Of the rows used.
    inputs, made
        Hashes of the datasets behind it; True for made data.
    """

    policy: Policy
    outcome: Outcome
    villages: pd.DataFrame
    draws: pd.DataFrame
    measures: pd.DataFrame
    groups: pd.DataFrame
    years: pd.DataFrame
    question: Question
    gini_before: float
    poor_before: float
    probability_of_gain: float
    probability_worth_it: float
    warnings: tuple[Message, ...]
    left_out: tuple[tuple[Message, int], ...]
    level: float
    rate: float
    n_draws: int
    seed: int
    input_hash: str
    inputs: tuple[str, ...] = ()
    made: bool = False

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a measure for people: expected, interval."""
        from pk_research.policy.scenarios import words

        return words.scenario_table(self, language)

    def village_table(self, language: Language) -> pd.DataFrame:
        """Return one row a village for people: chosen, probability, amount, gain and its interval."""
        from pk_research.policy.scenarios import words

        return words.village_table(self, language)

    def group_table(self, language: Language) -> pd.DataFrame:
        """Return one row a group for people: who gains."""
        from pk_research.policy.scenarios import words

        return words.group_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say what it would cost and bring, how sure that is, who gains, and every warning."""
        from pk_research.policy.scenarios import words

        return words.scenario_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the distribution of the gain (less its cost, where it is money), losses hatched."""
        from pk_research.policy.scenarios.pictures import plot_scenario

        return plot_scenario(self, language, width_px=width_px)

    def plot_groups(self, language: Language, *, kind: str = "quintile", width_px: int = 900) -> Figure:
        """Draw the gain of each group of a kind, with its interval.

        Parameters
        ----------
        language
            Of the texts.
        kind
            ``"quintile"``, ``"type"`` or ``"kecamatan"``.
        width_px
            Width of the picture.
        """
        from pk_research.policy.scenarios.pictures import plot_groups

        return plot_groups(self, language, kind=kind, width_px=width_px)


def simulate(
    villages: pd.DataFrame,
    policy: Policy,
    outcome: Outcome,
    *,
    n_draws: int = N_DRAWS,
    seed: int = 0,
    level: float = LEVEL,
    rate: float = 0.0,
    name: str | None = None,
    kecamatan: str | None = None,
    village_type: str | None = None,
    weight: str | None = None,
    gaps: Gaps = "refuse",
    n_jobs: int | None = None,
    inputs: tuple[str, ...] = (),
    made: bool = False,
) -> Scenario:
    """Draw what would come of a policy.

    Parameters
    ----------
    villages
        One row a village: ``village_code`` (text) and the columns that policy and outcome name.
    policy, outcome
        From `declare_policy`; an `Outcome`.
    n_draws, seed
        Drawings, 100 or more, and the seed of all chance. Draws are keyed by the village's code: the
        result depends neither on the order of the rows nor on ``n_jobs``.
    level
        Of the intervals.
    rate
        Discount rate a year, as a share; the first year is not discounted.
    name, kecamatan, village_type
        Columns by which the result is told; None where there is none.
    weight
        Column of how much a village counts in Gini and share of poor, such as its people.
    gaps
        ``"refuse"`` villages without outcome, units, group or market, or ``"leave_out"``: set aside and
        counted. Villages without indicator follow ``policy.target.missing``.
    n_jobs
        Workers, as in joblib.
    inputs, made
        As in `Scenario`.

    Raises
    ------
    BadInput
        Naming everything at once: columns that are not there, wrong values, villages twice, nobody to
        be served, groups without a rate or an effect.

    Notes
    -----
    In each drawing effect, take-up, fading, leakage and elasticity are drawn once for all villages; who takes
    up, how a village departs from the mean effect, and how its indicator is read, village by village.
    A served village i of which a share t takes up gains, at unchanged prices, q_i e t in the first year.
    In a market with supply Q and demand of elasticity η the price moves by (1 + ΔQ/Q)^(1/η).
    """
    problems = [*option_faults(n_draws, seed, level, rate), *faults_of(outcome)]
    if problems:
        raise BadInput(problems)
    labels = Labels(name, kecamatan, village_type, weight)
    rows = read_rows(villages, policy, outcome, labels, gaps)
    question = Question(rows, policy, outcome, rate)
    as_read = require_somebody(question, n_draws, seed)
    parts = Parallel(n_jobs=n_jobs)(delayed(drawn)(question, block) for block in blocks(n_draws, seed))
    gain = np.concatenate([part.gain for part in parts])
    draws = pd.concat([part.draws for part in parts], ignore_index=True)
    frame = village_frame(question, parts, as_read, gain, level)
    before = {
        "gini": float(gini(rows.before[None, :], rows.weight)[0]),
        "poor": float(share_below(rows.before[None, :], rows.weight, outcome.line)[0]),
    }
    cut = float(sum(part.n_cut.sum() for part in parts)) / n_draws
    is_money = outcome.worth_idr is not None
    return Scenario(
        policy=policy,
        outcome=outcome,
        villages=frame,
        draws=draws,
        measures=measures_frame(draws, before, level),
        groups=groups_frame(frame, gain, level),
        years=years_frame(parts, level),
        question=question,
        gini_before=before["gini"],
        poor_before=before["poor"],
        probability_of_gain=float((draws["gain"] > 0).mean()),
        probability_worth_it=float((draws["net_idr"] > 0).mean()) if is_money else float("nan"),
        warnings=warnings_of(question, as_read, frame["probability"].to_numpy(), cut),
        left_out=rows.left_out,
        level=level,
        rate=rate,
        n_draws=n_draws,
        seed=seed,
        input_hash=rows.input_hash,
        inputs=inputs,
        made=made,
    )
