"""One kind of result for every estimator: the effect, how sure, of whom, and on what it rests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from pk_research.language import Bilingual, Language, Message

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Verdict = Literal["holds", "doubtful", "fails", "cannot_be_said"]
COLUMNS = ("term", "kind", "estimate", "standard_error", "low", "high", "p_value")
NO_UNIT = Message("")


@dataclass(frozen=True)
class Estimator:
    """Who computed the effect, and whose method it is.

    Attributes
    ----------
    name
        Of the method, for people.
    source
        Work that defines it, as cited.
    library
        Name and version of the library; ``"pk_research"`` where it is ours.
    """

    name: Bilingual
    source: str
    library: str


@dataclass(frozen=True)
class Sample:
    """Of whom the effect is told.

    Attributes
    ----------
    n_rows, n_units, n_treated, n_comparison
        Rows used; units (villages, households) among them, with the policy at some time, and never
        (or not yet) with it.
    n_periods
        Periods; 1 for one survey.
    n_clusters
        Clusters of the standard errors; None where there are none.
    left_out
        What was done to rows that were given and not used as they were: pairs of a reason and the
        number of rows.
    """

    n_rows: int
    n_units: int
    n_treated: int
    n_comparison: int
    n_periods: int = 1
    n_clusters: int | None = None
    left_out: tuple[tuple[Message, int], ...] = ()


@dataclass(frozen=True)
class Diagnostic:
    """A check of what the estimate rests on.

    Attributes
    ----------
    name
        What was checked.
    value
        The figure that was looked at, such as a p-value; missing where there is none.
    verdict
        What it says. A test that does not reject never "holds" by itself: it "cannot_be_said".
    account
        The same in a sentence, with the remedy where it fails.
    """

    name: Bilingual
    value: float
    verdict: Verdict
    account: Message


@dataclass(frozen=True)
class CrossCheck:
    """The same estimate by a second implementation.

    Attributes
    ----------
    library
        Name and version, or ``"algebra"`` where it was computed from the formula.
    estimate, standard_error
        What it says; a standard error it does not give is missing.
    tolerance
        Largest difference of the estimates, relative to the standard error, that counts as the same.
    difference
        Absolute difference of the estimates over the standard error (over the estimate where there
        is none).
    """

    library: str
    estimate: float
    standard_error: float
    tolerance: float
    difference: float

    @property
    def agrees(self) -> bool:
        """True within the tolerance; a missing figure never agrees."""
        return bool(self.difference <= self.tolerance)


@dataclass(frozen=True, eq=False)
class Effect:
    """An effect, how sure it is, of whom it is told, and on what it rests.

    Attributes
    ----------
    estimates
        One row a term: ``term`` (text or number), ``kind`` (one of ``overall``, ``event_time``,
        ``cohort``, ``period``, ``group``, ``placebo``), ``estimate``, ``standard_error``, ``low``,
        ``high``, ``p_value``. The first row is the effect that is told. Missing where there is none.
    outcome, unit
        What changed, for people, and in what it is counted (empty for none).
    estimator
        Who computed it.
    sample
        Of whom.
    comparison
        Whom the villages with the policy are compared to, as a part of a sentence.
    assumptions
        What must hold for the estimate to be the policy's effect, each a sentence.
    diagnostics
        What was checked of them.
    warnings
        What the guards have to say, each a sentence with its remedy.
    cross_check
        The same by a second implementation; None where it was not asked for.
    level
        Of the intervals.
    options
        Every choice made, name -> value.
    seed
        Of all chance; None where nothing is drawn.
    input_hash
        Of the rows used.
    made
        True for made data.
    plan
        How the estimate stands to the plan made before, each a sentence; empty where none was given.
    details
        Further tables, such as weights of donors or pairs that were matched.
    """

    estimates: pd.DataFrame
    outcome: Bilingual
    unit: Bilingual
    estimator: Estimator
    sample: Sample
    comparison: Bilingual
    assumptions: tuple[Bilingual, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    warnings: tuple[Message, ...] = ()
    cross_check: CrossCheck | None = None
    level: float = 0.95
    options: Mapping[str, object] = field(default_factory=dict)
    seed: int | None = None
    input_hash: str = ""
    made: bool = False
    plan: tuple[Message, ...] = ()
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def estimate(self) -> float:
        """The effect that is told first."""
        return float(self.estimates["estimate"].iloc[0])

    @property
    def standard_error(self) -> float:
        """Its standard error; missing where the method has none."""
        return float(self.estimates["standard_error"].iloc[0])

    @property
    def interval(self) -> tuple[float, float]:
        """Its interval at ``level``."""
        return float(self.estimates["low"].iloc[0]), float(self.estimates["high"].iloc[0])

    @property
    def p_value(self) -> float:
        """Its p-value against no effect, two-sided."""
        return float(self.estimates["p_value"].iloc[0])

    def of_kind(self, kind: str) -> pd.DataFrame:
        """Return the terms of one kind, in their order."""
        return self.estimates[self.estimates["kind"] == kind].reset_index(drop=True)

    def following(self, plan: tuple[Message, ...]) -> Effect:
        """Return the same effect with how it stands to the plan made before."""
        return replace(self, plan=plan)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a term, for people."""
        from pk_research.policy.effects.words import effect_table

        return effect_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell the effect, of whom it is told, on what it rests, and how much doubt remains."""
        from pk_research.policy.effects.words import account

        return account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw the terms with their intervals; over time where there are event times.

        Parameters
        ----------
        language
            Of the texts.
        width_px
            Width of the picture.
        """
        from pk_research.policy.effects.pictures import plot_effect

        return plot_effect(self, language, width_px=width_px)

    def write(self, path: Path | str, language: Language) -> Path:
        """Write the table with its notes; the ending says how: ``.html``, ``.docx`` or ``.tex``.

        Parameters
        ----------
        path
            Of the file; replaced in one step.
        language
            Of the texts.

        Raises
        ------
        BadInput
            When the ending is another.
        """
        from pk_research.policy.effects.documents import write_effects

        return write_effects([self], path, language)


class Row(NamedTuple):
    """One term of an effect, in the order of `COLUMNS`."""

    term: object
    kind: str
    estimate: float
    standard_error: float
    low: float
    high: float
    p_value: float


def row(term: object, kind: str, estimate: float, error: float, *, level: float, df: float = np.inf) -> Row:
    """Return a term with interval and p-value by the t distribution (normal for ``df`` inf).

    Examples
    --------
    >>> [round(figure, 2) for figure in row("all", "overall", 2.0, 1.0, level=0.95)[2:]]
    [2.0, 1.0, 0.04, 3.96, 0.05]
    """
    is_normal = np.isinf(df)
    middle = (1 + level) / 2
    reach = float(special.ndtri(middle) if is_normal else special.stdtrit(df, middle)) * error
    p_value = float("nan")
    if error > 0:
        size = abs(estimate) / error
        p_value = float(2 * (special.ndtr(-size) if is_normal else special.stdtr(df, -size)))
    return Row(term, kind, estimate, error, estimate - reach, estimate + reach, p_value)


def estimates_table(
    rows: Sequence[tuple[object, str, float, float, float, float, float]],
) -> pd.DataFrame:
    """Return the table of estimates from rows in the order of `COLUMNS`.

    Examples
    --------
    >>> estimates_table([("all", "overall", 1.5, 0.5, 0.5, 2.5, 0.003)])["estimate"].tolist()
    [1.5]
    """
    texts, figures = COLUMNS[:2], COLUMNS[2:]
    by_column = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    return pd.DataFrame(
        {name: by_column[name] for name in texts}
        | {name: np.array(by_column[name], dtype=float) for name in figures}
    )


def checked_against(
    effect: Effect, library: str, estimate: float, standard_error: float, *, tolerance: float
) -> Effect:
    """Return the effect with what a second implementation says; disagreement is a warning, too.

    Parameters
    ----------
    effect
        The effect.
    library
        Who computed the second one, with its version; ``"algebra"`` where it is the formula's.
    estimate, standard_error
        What it says.
    tolerance
        Largest difference of the estimates, in standard errors, that counts as the same.
    """
    scale = effect.standard_error
    if not np.isfinite(scale) or scale == 0:
        scale = max(abs(effect.estimate), np.finfo(float).tiny)
    difference = abs(effect.estimate - estimate) / scale
    check = CrossCheck(library, float(estimate), float(standard_error), tolerance, float(difference))
    if check.agrees:
        return replace(effect, cross_check=check)
    disagreement = Message(
        "A second implementation ({library}) says {other} where this one says {estimate}: the two do not"
        " agree. Do not use the figure until it is known why.",
        {"library": library, "other": float(estimate), "estimate": effect.estimate},
    )
    return replace(effect, cross_check=check, warnings=(disagreement, *effect.warnings))


def input_hash(frame: pd.DataFrame) -> str:
    """Return the hash of the rows used, in their order, with the names of the columns.

    Examples
    --------
    >>> input_hash(pd.DataFrame({"x": [1]})) == input_hash(pd.DataFrame({"x": [2]}))
    False
    """
    digest = hashlib.sha256("\x1f".join(map(str, frame.columns)).encode())
    digest.update(frame.to_csv(index=False, float_format="%.17g", lineterminator="\n").encode())
    return digest.hexdigest()
