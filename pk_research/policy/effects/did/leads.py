"""Did villages change alike before the policy: what a test can say, and what it would have missed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.effects.effect import Diagnostic, Effect
from pk_research.policy.effects.words import figure

NAME = Message("Changes before the policy (joint test)")


@dataclass(frozen=True, eq=False)
class EventStudy:
    """Effects by time since the start, with their covariance.

    Attributes
    ----------
    times
        Event times without the one they are measured from.
    effects, covariance
        Of these times.
    """

    times: np.ndarray
    effects: np.ndarray
    covariance: np.ndarray

    @property
    def is_lead(self) -> np.ndarray:
        """True for times before the start."""
        return self.times < 0


def event_study(effect: Effect) -> EventStudy:
    """Return the event study of an effect.

    Parameters
    ----------
    effect
        Of `staggered` with ``aggregation="dynamic"`` by a method that gives a covariance.

    Raises
    ------
    BadInput
        When the effect has no covariance of event times, or none lies before the start.
    """
    covariance = effect.details.get("covariance")
    rows = effect.of_kind("event_time")
    if covariance is None or rows.empty:
        raise BadInput(
            Problem(
                "the effect",
                "it has no event study with a covariance",
                "Use `staggered` with aggregation='dynamic' and method='callaway_santanna' or 'sun_abraham'.",
            )
        )
    rows = rows[rows["term"].isin(covariance.index)]  # of others no error is known
    times = rows["term"].to_numpy(dtype=int)
    if not (times < 0).any():
        raise BadInput(
            Problem(
                "the effect", "no period lies before the last one without the policy", "Add earlier periods."
            )
        )
    return EventStudy(times, rows["estimate"].to_numpy(), covariance.to_numpy())


def pre_trends(effect: Effect, *, power: float = 0.8, significance: float = 0.05) -> Diagnostic:
    """Test whether all effects before the policy are nothing, and tell what the test would miss.

    A test that does not reject does not show that trends were parallel (Roth 2022): the account tells
    the smallest straight trend it would have found, and what that would do to the effect.

    Parameters
    ----------
    effect
        Of `staggered` with ``aggregation="dynamic"``.
    power
        Probability with which the trend that is told would have been found.
    significance
        Of the test.

    Returns
    -------
    Diagnostic
        The p-value of the joint Wald test; ``"fails"`` where it rejects, ``"cannot_be_said"`` where
        not.

    Raises
    ------
    BadInput
        When the effect has no event study before the policy, or when the power is not above the
        significance.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.did.staggered import staggered
    >>> from pk_research.policy.effects.panel import read_panel
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"village": np.repeat(np.arange(30), 4), "year": [1, 2, 3, 4] * 30,
    ...     "start": np.repeat([4, 3, 0], 40), "income": rng.normal(size=120)})
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", start="start")
    >>> pre_trends(staggered(panel, outcome=Message("Income"))).verdict
    'cannot_be_said'
    """
    study = event_study(effect)
    leads = study.is_lead
    statistic = float(
        study.effects[leads] @ np.linalg.solve(study.covariance[np.ix_(leads, leads)], study.effects[leads])
    )
    p_value = float(special.chdtrc(leads.sum(), statistic))
    slope = _detectable(_strength(study, effect), power, significance)
    bias = slope * float(np.mean(study.times[~leads] + 1))
    values: dict[str, object] = {
        "p": round(p_value, 3),
        "slope": figure(slope, effect),
        "bias": figure(bias, effect),
        "estimate": figure(effect.estimate, effect),
        "power": round(100 * power),
    }
    if p_value < significance:
        account = Message(
            "Before the policy began, villages with and without it already changed differently (p = {p}):"
            " parallel trends do not hold as they are. Add covariates that explain it, compare with more"
            " similar villages, or report how large a difference the effect survives (`honest`).",
            values,
        )
        return Diagnostic(NAME, p_value, "fails", account)
    account = Message(
        "Before the policy no different change was found (p = {p}). That does not show that there was none:"
        " only a steady drift of {slope} or more per period would have been found with a probability of"
        " {power}%, and such a drift alone would move the effect by {bias} (the effect is {estimate})."
        " Report how large a difference it survives (`honest`).",
        values,
    )
    return Diagnostic(NAME, p_value, "cannot_be_said", account)


def power_against(effect: Effect, slope: float, *, significance: float = 0.05) -> float:
    """Return the probability that the joint test rejects where villages drift apart steadily.

    Parameters
    ----------
    effect
        Of `staggered` with ``aggregation="dynamic"``.
    slope
        Of the drift per period, in the outcome's unit.
    significance
        Of the test.

    Raises
    ------
    BadInput
        When the slope is not finite or the significance is no share.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.did.staggered import staggered
    >>> from pk_research.policy.effects.panel import read_panel
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"village": np.repeat(np.arange(30), 4), "year": [1, 2, 3, 4] * 30,
    ...     "start": np.repeat([4, 3, 0], 40), "income": rng.normal(size=120)})
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", start="start")
    >>> effect = staggered(panel, outcome=Message("Income"))
    >>> round(power_against(effect, 0.0), 3)
    0.05
    """
    if not (0 < significance < 1 and np.isfinite(slope)):
        raise BadInput(
            Problem(
                "slope, significance",
                f"they are {slope} and {significance}",
                "Give a finite drift per period and a share, such as 0.05.",
            )
        )
    degrees, strength = _strength(event_study(effect), effect)
    critical = special.chdtri(degrees, significance)
    return float(1 - special.chndtr(critical, degrees, slope**2 * strength))


def detectable_slope(effect: Effect, *, power: float = 0.8, significance: float = 0.05) -> float:
    """Return the smallest steady drift per period that the joint test finds with this power.

    Parameters
    ----------
    effect
        Of `staggered` with ``aggregation="dynamic"``.
    power
        Probability of finding it.
    significance
        Of the test.

    Raises
    ------
    BadInput
        When the power is not above the significance and below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.did.staggered import staggered
    >>> from pk_research.policy.effects.panel import read_panel
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"village": np.repeat(np.arange(30), 4), "year": [1, 2, 3, 4] * 30,
    ...     "start": np.repeat([4, 3, 0], 40), "income": rng.normal(size=120)})
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", start="start")
    >>> effect = staggered(panel, outcome=Message("Income"))
    >>> round(power_against(effect, detectable_slope(effect)), 3)
    0.8
    """
    return _detectable(_strength(event_study(effect), effect), power, significance)


def _detectable(strength: tuple[int, float], power: float, significance: float) -> float:
    if not 0 < significance < power < 1:
        raise BadInput(
            Problem(
                "power, significance",
                f"they are {power} and {significance}",
                "Give two shares, the power the larger, such as 0.8 and 0.05.",
            )
        )
    degrees, per_slope = strength
    needed = special.chndtrinc(special.chdtri(degrees, significance), degrees, 1 - power)
    return float(np.sqrt(needed / per_slope))


def _strength(study: EventStudy, effect: Effect) -> tuple[int, float]:
    leads = study.is_lead
    is_universal = effect.options["base_period"] == "universal"
    drift = study.times[leads] + 1.0 if is_universal else np.ones(leads.sum())
    return int(leads.sum()), float(drift @ np.linalg.solve(study.covariance[np.ix_(leads, leads)], drift))
