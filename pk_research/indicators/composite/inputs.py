"""From a dataset to what an index starts from: each change of a cell counted, each unit accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
import pandas as pd

from pk_research.codebook import Codebook
from pk_research.compute.floats import as_floats
from pk_research.errors import BadInput, NotFound, Problem
from pk_research.indicators.composite.declaration import Declaration
from pk_research.language import Message
from pk_research.sources.dataset import Dataset, Step

PLACE_NAMES = (
    "village", "kecamatan_code", "kecamatan", "regency_code", "regency", "province_code", "province",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Inputs:
    """What an index starts from.

    Attributes
    ----------
    units
        One row a unit in the order of the key: key and place names; with village codes also
        ``code_note``, see `named`.
    measured
        One row an indicator, one column a unit, after categories became points and values were
        divided by their denominators; missing where there is none.
    errors
        Standard error of each value, in its unit; None when none was declared.
    groups
        Group of each unit, -1 where it has none; None when no groups were asked for.
    left_out
        One row a record set aside: key, place names and ``reason``, a `Message`.
    codebook
        What the key and the place names mean.
    year
        Year of the data; None for data without years.
    steps
        What was done, and to how many records or values.
    """

    units: pd.DataFrame
    measured: np.ndarray
    errors: np.ndarray | None
    groups: np.ndarray | None
    left_out: pd.DataFrame
    codebook: Codebook
    year: int | None
    steps: tuple[Step, ...]

    @property
    def key(self) -> pd.Index:
        """What identifies each unit: the first column of the key."""
        return pd.Index(self.units.iloc[:, 0])

    def kept(self, keep: np.ndarray, reasons: Sequence[Message], *steps: Step) -> Inputs:
        """Return the units to keep; the others join those left out, each with its reason."""
        aside = self.units[~keep].assign(
            reason=pd.Series(reasons, dtype=object, index=self.units.index[~keep])
        )
        return replace(
            self,
            units=self.units[keep].reset_index(drop=True),
            # Each indicator in one piece of memory: everything that follows works row by row.
            measured=np.ascontiguousarray(self.measured[:, keep]),
            errors=None if self.errors is None else np.ascontiguousarray(self.errors[:, keep]),
            groups=None if self.groups is None else self.groups[keep],
            left_out=pd.concat([self.left_out, aside], ignore_index=True),
            steps=(*self.steps, *steps),
        )


def read_inputs(
    dataset: Dataset, declaration: Declaration, *, year: int | None = None, group: str | None = None
) -> Inputs:
    """Pick the indicators of one year, one row a unit.

    Records that repeat a unit with the same values are merged; records of one unit that disagree,
    and records without a key, are set aside. A value outside the range of the codebook counts as
    missing, as does one whose denominator is missing or not above zero.

    Raises
    ------
    BadInput, NotFound
        Naming every indicator, denominator or column of groups that does not exist, is no number,
        or has a category without points; and a year without rows.
    """
    problems = list(_faults(dataset, declaration, group))
    if problems:
        raise NotFound(problems)
    rows, year = _rows_of_year(dataset, year)
    key = [name for name in dataset.key if name in rows.columns and name != "year"]
    names = [name for name in PLACE_NAMES if name in rows.columns and name not in key]
    divisors = sorted({name for name in declaration.table["denominator"] if name})
    wanted = list(dict.fromkeys([*declaration.indicators, *divisors, *([group] if group else [])]))
    rows = rows[[*key, *names, *(name for name in wanted if name not in {*key, *names})]]
    unique, aside, steps = _one_a_unit(rows, key, names, wanted)
    numbers, more = _numbers(unique, declaration, divisors, dataset.codebook)
    values, errors, divided = _divided(numbers, declaration)
    return Inputs(
        units=unique[[*key, *names]],
        measured=values,
        errors=errors,
        groups=None if group is None else pd.factorize(unique[group], sort=True)[0],
        left_out=aside,
        codebook=dataset.codebook.select([*key, *names]),
        year=year,
        steps=(*steps, *more, *divided),
    )


def _faults(dataset: Dataset, declaration: Declaration, group: str | None) -> Iterator[Problem]:
    where, frame = f"dataset {dataset.name!r}", dataset.frame
    if not [name for name in dataset.key if name != "year"]:
        yield Problem(where, "no column identifies its rows", "Give the dataset a key.")
    denominators = [name for name in declaration.table["denominator"] if name]
    for name in dict.fromkeys([*declaration.indicators, *denominators, *([group] if group else [])]):
        if name not in frame:
            near = get_close_matches(name.lower(), list(frame.columns), n=3)
            remedy = f"Did you mean: {', '.join(near)}?" if near else "Correct the table of the index."
            yield Problem(where, f"there is no column {name!r}", remedy)
        elif name == group:
            continue
        elif name in declaration.table.index and declaration.points(name):
            known = declaration.points(name)
            strange = sorted(set(frame[name].dropna().astype(str)) - set(known))
            if strange:
                yield Problem(
                    f"{where}, column {name!r}",
                    f"categories without points: {', '.join(strange[:5])}",
                    "Give each category its points in the table of the index.",
                )
        elif not pd.api.types.is_numeric_dtype(frame[name]):
            yield Problem(
                f"{where}, column {name!r}",
                "it is not a number",
                "Declare `points` for its categories, or choose another column.",
            )


def _rows_of_year(dataset: Dataset, year: int | None) -> tuple[pd.DataFrame, int | None]:
    if "year" not in dataset.key or "year" not in dataset.frame:
        if year is not None:
            raise NotFound(Problem(f"dataset {dataset.name!r}", "it has no years", "Leave the year out."))
        return dataset.frame, None
    known = sorted(int(value) for value in dataset.frame["year"].dropna().unique())
    if not known or (year is not None and year not in known):
        raise NotFound(
            Problem(
                f"dataset {dataset.name!r}",
                f"there are no rows of {year}",
                f"Choose from: {', '.join(map(str, known))}.",
            )
        )
    year = known[-1] if year is None else year
    return dataset.frame[(dataset.frame["year"] == year).fillna(value=False)], year


def _one_a_unit(
    rows: pd.DataFrame, key: list[str], names: list[str], values: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Step, ...]]:
    ordered = rows.sort_values([*key, *values], ignore_index=True)
    same = ordered.duplicated([*key, *values]) & ordered[key].notna().all(axis=1)
    unique = ordered[~same].reset_index(drop=True)
    no_key = unique[key].isna().any(axis=1)
    disagree = unique.duplicated(key, keep=False) & ~no_key
    reasons = pd.Series([None] * len(unique), dtype=object)
    reasons[no_key] = Message("the code is missing")
    reasons[disagree] = Message("records of this village disagree with each other")
    bad = no_key | disagree
    aside = unique.loc[bad, [*key, *names]].assign(reason=reasons[bad]).reset_index(drop=True)
    done = (
        (Message("Records that repeat a village with the same values were merged"), int(same.sum())),
        (Message("Records were left out for want of a code, or because they disagree"), int(bad.sum())),
    )
    steps = tuple(Step(what, n) for what, n in done if n)
    return unique[~bad].reset_index(drop=True), aside, steps


def _numbers(
    rows: pd.DataFrame, declaration: Declaration, divisors: list[str], codebook: Codebook
) -> tuple[pd.DataFrame, tuple[Step, ...]]:
    """Return every indicator and denominator as a number, what lies outside its range missing."""
    numbers, outside = pd.DataFrame(index=rows.index), {}
    for name in dict.fromkeys([*declaration.indicators, *divisors]):
        points = declaration.points(name) if name in declaration.indicators else {}
        if points:
            numbers[name] = rows[name].astype("string").astype(object).map(points).astype("float64")
            continue
        column = as_floats(rows[name])
        usable = np.isfinite(column)
        if name in codebook:
            low, high = codebook[name].minimum, codebook[name].maximum
            usable &= column.between(-np.inf if low is None else low, np.inf if high is None else high)
        outside[name] = int((column.notna() & ~usable).sum())
        numbers[name] = column.where(usable)
    wrong = {name: n for name, n in outside.items() if n}
    what = Message("Values outside the range of the codebook count as missing")
    return numbers, (Step(what, sum(wrong.values()), tuple(wrong)),) if wrong else ()


def _divided(
    numbers: pd.DataFrame, declaration: Declaration
) -> tuple[np.ndarray, np.ndarray | None, tuple[Step, ...]]:
    table = declaration.table.loc[list(declaration.indicators)]
    values = np.array(numbers[list(declaration.indicators)].to_numpy(dtype=float).T, order="C")
    has_errors = table[["se", "relative_se"]].notna().to_numpy().any()
    errors = np.zeros_like(values) if has_errors else None
    lost = {}
    for row, (name, declared) in enumerate(table.iterrows()):
        divisor = np.ones(values.shape[1])
        if declared["denominator"]:
            raw = numbers[declared["denominator"]].to_numpy()
            divisor = np.where(raw > 0, raw, np.nan)
            lost[name] = int((~np.isnan(values[row]) & np.isnan(divisor)).sum())
            values[row] /= divisor
        if errors is not None and not np.isnan(declared["relative_se"]):
            errors[row] = np.abs(values[row]) * declared["relative_se"]
        elif errors is not None and not np.isnan(declared["se"]):
            errors[row] = declared["se"] / divisor
    return values, errors, tuple(_division_steps(numbers, lost))


def _division_steps(numbers: pd.DataFrame, lost: dict[str, int]) -> Iterator[Step]:
    if lost:
        n_divided = int(numbers[list(lost)].notna().to_numpy().sum()) - sum(lost.values())
        yield Step(Message("Values were divided by their denominator"), n_divided, tuple(lost))
    gone = {name: n for name, n in lost.items() if n}
    if gone:
        what = Message("Values without a denominator above zero count as missing")
        yield Step(what, sum(gone.values()), tuple(gone))


def screen(inputs: Inputs, *, least_present: float, least_nonzero: float) -> Inputs:
    """Leave out units with too few values, or too many zeros among them.

    Parameters
    ----------
    inputs
        From `read_inputs`.
    least_present
        Share of the indicators a unit must have, 0 to 1.
    least_nonzero
        Share of its present values that must not be zero, 0 to 1.

    Raises
    ------
    BadInput
        When no unit is left.
    """
    present = ~np.isnan(inputs.measured)
    n_present = present.sum(axis=0)
    share_present = n_present / len(inputs.measured)
    share_nonzero = (present & (inputs.measured != 0)).sum(axis=0) / np.maximum(n_present, 1)
    scarce = (share_present < least_present) | (n_present == 0)
    zeros = ~scarce & (share_nonzero < least_nonzero)
    keep = ~(scarce | zeros)
    if not keep.any():
        raise BadInput(
            Problem(
                "screening",
                f"none of {len(keep)} units has {least_present:.0%} of the indicators",
                "Ask for less, or choose indicators that more units have.",
            )
        )
    reasons = [
        Message("it has {n} of {total} indicators", {"n": int(n_present[n]), "total": len(inputs.measured)})
        if scarce[n]
        else Message("{percent}% of its values are zero", {"percent": round(100 * (1 - share_nonzero[n]))})
        for n in np.flatnonzero(~keep)
    ]
    done = (
        (Message("Villages with too few indicators were left out"), int(scarce.sum())),
        (Message("Villages with too many zeros were left out"), int(zeros.sum())),
    )
    return inputs.kept(keep, reasons, *(Step(what, n) for what, n in done if n))
