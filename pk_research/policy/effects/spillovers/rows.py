"""The rows of a study with the exposure of each, checked before the regression sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.effects.cross_section import read_study
from pk_research.policy.effects.effect import input_hash
from pk_research.policy.effects.panel import Unbalanced, read_panel
from pk_research.policy.effects.rows import Gaps, absent_columns
from pk_research.policy.effects.spillovers.rings import Exposure
from pk_research.products.words import some


@dataclass(frozen=True, eq=False)
class Exposed:
    """Villages, at one time or over several, with outcome, policy, and exposure to their neighbours'.

    Attributes
    ----------
    rows
        Sorted: ``unit`` and ``period`` (consecutive numbers; the period is 1 for one time), ``outcome``,
        ``treated``, ``place`` (the row of ``exposure.rows``), and the covariates.
    covariates
        Their names.
    exposure
        Of all villages, also of those whose outcome is not known.
    left_out, warnings
        What was set aside, and what the reader of a result should know of the rows.
    input_hash
        Of the rows, with their exposure.
    """

    rows: pd.DataFrame
    covariates: tuple[str, ...]
    exposure: Exposure
    left_out: tuple[tuple[Message, int], ...]
    warnings: tuple[Message, ...]
    input_hash: str

    @property
    def is_panel(self) -> bool:
        """True where villages are seen more than once."""
        return bool(self.exposure.periods)

    def only(self, kept: np.ndarray, reason: Message) -> Exposed:
        """Return some of the rows; the others are counted with the reason."""
        n_out = int((~kept).sum())
        if not n_out:
            return self
        return replace(
            self,
            rows=self.rows[kept].reset_index(drop=True),
            left_out=(*self.left_out, (reason, n_out)),
        )


def read_exposed(
    frame: pd.DataFrame,
    exposure: Exposure,
    *,
    unit: str,
    outcome: str,
    period: str | None = None,
    covariates: Sequence[str] = (),
    gaps: Gaps = "refuse",
    unbalanced: Unbalanced = "refuse",
) -> Exposed:
    """Join outcomes to exposures, and check them.

    Parameters
    ----------
    frame
        One row a village (and period).
    exposure
        From `exposure`; it says who has the policy.
    unit, outcome, period, covariates
        Columns; the period where the exposure has any.
    gaps
        Rows with a missing value, and villages or periods of which the exposure is not known:
        ``"refuse"``, or ``"leave_out"`` and count.
    unbalanced
        Villages not seen in every period, as `read_panel` takes them.

    Returns
    -------
    Exposed
        In a panel, villages that have the policy from the first period are set aside and counted; they
        count as neighbours all the same.

    Raises
    ------
    BadInput
        As `read_study` or `read_panel`; when there is a period without exposures by period, or none
        with them; when a row has no exposure.

    Examples
    --------
    >>> from pk_research.policy.effects.spillovers import exposure, near_by_place
    >>> places = pd.DataFrame({"latitude": 0.0, "longitude": [0, 0.01, 0.3, 0.6]}, index=list("abcd"))
    >>> villages = pd.DataFrame({"village": list("abcd"), "has": [1, 0, 0, 1], "income": [3.0, 2, 1, 3]})
    >>> found = exposure(villages, near_by_place(places, km=5), unit="village", treated="has", rings=[5])
    >>> read_exposed(villages, found, unit="village", outcome="income").rows["treated"].tolist()
    [1, 0, 0, 1]
    """
    problems = absent_columns(frame, [unit, outcome, period, *covariates])
    if (period is None) != (not exposure.periods):
        problems.append(
            Problem(
                "period",
                "the exposure is by period" if exposure.periods else "the exposure is of one time",
                "Give the period to both, or to neither.",
            )
        )
    taken = {"unit", "treated", "place"} & ({outcome, period, *covariates} - {unit})
    taken |= {"period", "outcome"} & set(covariates)
    if taken:
        problems.append(
            Problem("the table", f"columns are called {some(sorted(taken))}", "Give them other names.")
        )
    if problems:
        raise BadInput(problems)
    frame = frame[list(dict.fromkeys(name for name in (unit, period, outcome, *covariates) if name))]
    joined, left_out = _joined(frame, exposure, unit, period, gaps)
    if period is None:
        joined = joined.sort_values("unit", kind="stable", ignore_index=True)
        study = read_study(
            joined, outcome=outcome, treated="treated", covariates=covariates, unit="unit", gaps=gaps
        )
        complete = joined[[outcome, *covariates]].notna().all(axis=1).to_numpy()
        rows = pd.DataFrame({"unit": np.arange(1, len(study.outcome) + 1), "period": 1})
        rows["outcome"], rows["treated"] = study.outcome, study.treated
        rows["place"] = joined.loc[complete, "place"].to_numpy(dtype=int)
        rows = pd.concat([rows, study.covariates], axis=1)
        told, warnings = study.left_out, study.warnings
    else:
        panel = read_panel(
            joined,
            unit="unit",
            period=period,
            outcome=outcome,
            treated="treated",
            covariates=covariates,
            gaps=gaps,
            unbalanced=unbalanced,
        )
        place = joined.set_index(["unit", period])["place"]
        keys = [
            (panel.units[u - 1], panel.periods[p - 1])
            for u, p in zip(panel.rows["unit"], panel.rows["period"], strict=True)
        ]
        rows = panel.rows[["unit", "period", "outcome", "treated"]].copy()
        rows["place"] = place.loc[keys].to_numpy(dtype=int)
        rows = pd.concat([rows, panel.rows[list(covariates)]], axis=1)
        told, warnings = panel.left_out, panel.warnings
    counted = exposure.rows.iloc[rows["place"]].reset_index(drop=True)
    hashed = input_hash(pd.concat([counted, rows[["outcome", *covariates]]], axis=1))
    return Exposed(
        rows,
        tuple(covariates),
        exposure,
        (*exposure.left_out, *left_out, *told),
        warnings,
        hashed,
    )


def _joined(
    frame: pd.DataFrame, exposure: Exposure, unit: str, period: str | None, gaps: Gaps
) -> tuple[pd.DataFrame, tuple[tuple[Message, int], ...]]:
    """Return the rows with ``unit`` as text, ``treated`` and ``place``; those without are counted."""
    known = exposure.rows.reset_index(names="place")
    known = known[["unit", *(["period"] if period else []), "treated", "place"]]
    text = frame[unit].astype(object).where(frame[unit].isna(), frame[unit].astype(str))
    left = frame.drop(columns=unit).assign(unit=text)
    on = ["unit"]
    if period is not None:
        known = known.rename(columns={"period": period})
        on.append(period)
    joined = left.merge(known, on=on, how="left")
    lost = joined["place"].isna()
    if lost.any() and gaps == "refuse":
        raise BadInput(
            Problem(
                f"column '{unit}'",
                f"{int(lost.sum())} rows have no exposure: {some(joined.loc[lost, 'unit'].unique())}",
                "Give their place and policy to `exposure`, or say gaps='leave_out': the rows are then"
                " counted in the result.",
            )
        )
    if lost.all():
        raise BadInput(Problem(f"column '{unit}'", "no row has an exposure", "Use the codes of `exposure`."))
    if not lost.any():
        return joined, ()
    reason = Message("of the village it is not known who around it has the policy")
    return joined[~lost].reset_index(drop=True), ((reason, int(lost.sum())),)
