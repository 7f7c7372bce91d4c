"""The villages as a policy sees them, read strictly and brought into the order of their codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.costs.uncertain import Uncertain
from pk_research.policy.effects.effect import input_hash
from pk_research.policy.effects.rows import Gaps, absent_columns, complete_rows, not_numbers
from pk_research.policy.scenarios.declared import Outcome, Policy
from pk_research.policy.scenarios.impact import EVERYBODY
from pk_research.policy.scenarios.target import EVERY_GROUP
from pk_research.products.words import some

CODE = "village_code"
N_QUINTILES = 5


@dataclass(frozen=True, eq=False)
class Labels:
    """Columns by which a result is told; None where there is none."""

    name: str | None = None
    kecamatan: str | None = None
    village_type: str | None = None
    weight: str | None = None


@dataclass(frozen=True, eq=False)
class Rows:
    """Villages in the order of their codes.

    Attributes
    ----------
    codes
        Of the villages, ascending.
    told
        ``village_code``, ``name``, ``kecamatan``, ``type``, ``quintile``, ``before``.
    before
        Outcome a period.
    units
        That could take the policy up, whole numbers.
    indicator
        Missing where there is none.
    is_eligible
        False for villages without indicator (where that is allowed) and without units.
    target_group, effect_group, take_up_group, market
        Of each village, as text; all ``""`` where there is one for everybody.
    weight
        In Gini and share of poor.
    columns
        Columns of the study's ranges -> values.
    left_out
        Villages set aside, and those not eligible: reason and number.
    input_hash
        Of the rows used.
    """

    codes: tuple[str, ...]
    told: pd.DataFrame
    before: np.ndarray
    units: np.ndarray
    indicator: np.ndarray
    is_eligible: np.ndarray
    target_group: np.ndarray
    effect_group: np.ndarray
    take_up_group: np.ndarray
    market: np.ndarray
    weight: np.ndarray
    columns: Mapping[str, np.ndarray]
    left_out: tuple[tuple[Message, int], ...]
    input_hash: str

    def __len__(self) -> int:
        """Return the number of villages."""
        return len(self.told)


def read_rows(frame: pd.DataFrame, policy: Policy, outcome: Outcome, labels: Labels, gaps: Gaps) -> Rows:
    """Read the villages.

    Parameters
    ----------
    frame, policy, outcome, gaps
        As in `pk_research.policy.scenarios.simulate`.
    labels
        Columns by which the result is told.

    Raises
    ------
    BadInput
        With everything that is wrong with the table.
    """
    aim, ranges = policy.target, policy.impact.study.ranges if policy.impact.study else {}
    groups = [aim.column, policy.impact.column, policy.take_up_column, _market_of(policy)]
    needed = [outcome.column, *_named([policy.units, labels.weight, *groups])]
    shown = _named([labels.name, labels.kecamatan, labels.village_type])
    given = list(dict.fromkeys([CODE, *needed, *_named([aim.indicator]), *shown, *ranges]))
    problems = absent_columns(frame, given)
    if problems:
        raise BadInput(problems)
    rows = frame[given].sort_values(CODE, key=lambda codes: codes.astype(str), ignore_index=True)
    problems = [*_of_codes(rows[CODE]), *_of_indicator(rows, policy)]
    if problems:
        raise BadInput(problems)
    kept, left = complete_rows(rows, needed, (), gaps)
    kept = kept.reset_index(drop=True)
    numbers = [outcome.column, *_named([policy.units, labels.weight]), *ranges]
    problems = not_numbers(kept, [name for name in numbers if name not in ranges])
    problems += [*_of_ranges(kept, ranges)]
    problems += [] if problems else [*_of_values(kept, policy, outcome, labels)]
    if problems:
        raise BadInput(problems)
    return _rows(kept, left, policy, outcome, labels)


def _rows(
    kept: pd.DataFrame,
    left: tuple[tuple[Message, int], ...],
    policy: Policy,
    outcome: Outcome,
    labels: Labels,
) -> Rows:
    n = len(kept)
    aim = policy.target
    indicator = _numbers(kept, aim.indicator, np.nan)
    units = _numbers(kept, policy.units, 1.0)
    has_value = np.isfinite(indicator) if aim.indicator else np.ones(n, dtype=bool)
    reasons = (
        (Message("not eligible: no value of “{name}”", {"name": aim.indicator}), int((~has_value).sum())),
        (Message("not eligible: no unit that could take it up"), int((units == 0).sum())),
    )
    ranges = policy.impact.study.ranges if policy.impact.study else {}
    before = _numbers(kept, outcome.column, np.nan)
    told = pd.DataFrame(
        {
            CODE: kept[CODE].astype(str),
            "name": _texts(kept, labels.name, None),
            "kecamatan": _texts(kept, labels.kecamatan, None),
            "type": _texts(kept, labels.village_type, None),
            "quintile": _fifths(before),
            "before": before,
        }
    )
    return Rows(
        codes=tuple(told[CODE].tolist()),
        told=told,
        before=before,
        units=units,
        indicator=indicator,
        is_eligible=has_value & (units > 0),
        target_group=_texts(kept, aim.column, EVERYBODY),
        effect_group=_texts(kept, policy.impact.column, EVERYBODY),
        take_up_group=_texts(kept, policy.take_up_column, EVERYBODY),
        market=_texts(kept, _market_of(policy), EVERYBODY),
        weight=_numbers(kept, labels.weight, 1.0),
        columns={name: _numbers(kept, name, np.nan) for name in ranges},
        left_out=(*left, *((reason, count) for reason, count in reasons if count)),
        input_hash=input_hash(kept),
    )


def _named(names: Sequence[str | None]) -> list[str]:
    return [name for name in names if name is not None]


def _market_of(policy: Policy) -> str | None:
    return policy.prices.column if policy.prices else None


def _numbers(rows: pd.DataFrame, name: str | None, otherwise: float) -> np.ndarray:
    if name is None:
        return np.full(len(rows), otherwise)
    return np.asarray(rows[name].to_numpy(dtype=float, na_value=np.nan))


def _texts(rows: pd.DataFrame, name: str | None, otherwise: str | None) -> np.ndarray:
    if name is None:
        return np.full(len(rows), otherwise, dtype=object)
    return np.array([None if pd.isna(value) else str(value) for value in rows[name]], dtype=object)


def _fifths(before: np.ndarray) -> np.ndarray:
    """Return the fifth of each village by its outcome; equal ones in the order of their codes."""
    place = np.empty(len(before), dtype=int)
    place[np.argsort(before, kind="stable")] = np.arange(len(before))
    return place * N_QUINTILES // len(before) + 1


def _of_codes(codes: pd.Series) -> Iterator[Problem]:
    if not codes.map(lambda code: isinstance(code, str) and bool(code.strip())).all():
        yield Problem(f"column '{CODE}'", "it holds something other than text", "Write codes as text.")
        return
    twice = codes[codes.duplicated()].unique()
    if len(twice):
        yield Problem(
            f"column '{CODE}'", f"these stand more than once: {some(twice)}", "Keep one row a village."
        )


def _of_indicator(rows: pd.DataFrame, policy: Policy) -> Iterator[Problem]:
    name = policy.target.indicator
    if name is None:
        return
    missing = rows[name].isna()
    yield from not_numbers(rows[~missing], [name])
    if missing.all():
        yield Problem(f"column '{name}'", "no village has a value", "Choose another indicator.")
    elif missing.any() and policy.target.missing == "refuse":
        yield Problem(
            f"column '{name}'",
            f"{int(missing.sum())} villages have no value, so nobody knows whether they are meant",
            "Complete them, or say missing='leave_out' in the target: they are then not eligible, and"
            " counted.",
        )


def _of_ranges(rows: pd.DataFrame, ranges: Mapping[str, object]) -> Iterator[Problem]:
    for name in ranges:
        if not is_numeric_dtype(rows[name]):
            yield Problem(f"column '{name}'", f"it holds {rows[name].dtype}, not numbers", "Give numbers.")


def _of_values(rows: pd.DataFrame, policy: Policy, outcome: Outcome, labels: Labels) -> Iterator[Problem]:
    if policy.units is not None:
        units = rows[policy.units].to_numpy(dtype=float)
        n_wrong = int(((units < 0) | (units % 1 != 0)).sum())
        if n_wrong:
            what = f"{n_wrong} villages have no whole number of units, 0 or more"
            yield Problem(f"column '{policy.units}'", what, "Correct them.")
    if labels.weight is not None and not (rows[labels.weight] > 0).all():
        yield Problem(f"column '{labels.weight}'", "a weight is 0 or less", "Give weights above 0.")
    before = rows[outcome.column].to_numpy(dtype=float)
    needs_amounts = policy.impact.scale != "absolute" or policy.prices is not None
    if needs_amounts and (before < 0).any():
        yield Problem(
            f"column '{outcome.column}'",
            f"{int((before < 0).sum())} villages are below 0, where an effect in per cent or on prices means"
            " nothing",
            "Correct them, or give the effect in the unit of the outcome and no prices.",
        )
    yield from _of_groups(rows, policy.impact.column, policy.impact.by_group, "effect")
    yield from _of_groups(rows, policy.take_up_column, policy.take_up, "take-up")
    if policy.target.rule == "types":
        known = set(_texts(rows, policy.target.column, None))
        for name in (name for name in policy.target.values if name not in known):  # noqa: PD011
            what = f"no village is of type {name!r}"
            yield Problem("target 'types'", what, f"Known are: {some(sorted(known))}.")
    if policy.target.rule == "quota" and EVERY_GROUP not in policy.target.quotas:
        known = set(_texts(rows, policy.target.column, None))
        for name in (name for name in policy.target.quotas if name not in known):
            what = f"no village is in {name!r}"
            yield Problem("target 'quota'", what, f"Known are: {some(sorted(known))}.")


def _of_groups(
    rows: pd.DataFrame, column: str | None, figures: Mapping[str, Uncertain], what: str
) -> Iterator[Problem]:
    if column is None:
        return
    for name in sorted(set(rows[column].astype(str)) - set(figures)):
        n = int((rows[column].astype(str) == name).sum())
        yield Problem(
            f"{what} by '{column}'", f"{n} villages are {name!r}, which has none", "Give one for that group."
        )
