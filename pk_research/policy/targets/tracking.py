"""Are we on the way: realised values against yearly targets, with the doubt of the values kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype
from scipy.stats import norm

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.policy.targets import words
from pk_research.policy.targets.trend import chance_of_reaching

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Direction = Literal["up", "down"]
Light = Literal["on_track", "behind", "cannot_be_said", "missing"]
NEEDED = ("indicator", "year", "target", "value")


@dataclass(frozen=True, slots=True)
class Baseline:
    """Where an indicator stood before the plan.

    Attributes
    ----------
    year, value
        Baseline year and value.
    direction
        ``"up"`` where more is better, ``"down"`` where less is.

    Examples
    --------
    >>> Baseline(2024, 8.5, "down").direction
    'down'
    """

    year: int
    value: float
    direction: Direction


@dataclass(frozen=True, eq=False)
class Tracking:
    """Indicators against their targets.

    Attributes
    ----------
    baselines
        Of each indicator.
    years
        One row an indicator and year with a target: ``indicator``, ``year``, ``target``, ``value``,
        ``se``, ``low``, ``high`` (interval; the value itself where no standard error is known), ``light``
        (``"on_track"``: the interval lies on the good side of the target; ``"behind"``: on the other;
        ``"cannot_be_said"``: it holds the target; ``"missing"``: no value yet), ``has_error``.
    outlook
        One row an indicator: ``end`` (last year with a target), ``target``, ``latest`` (last year with a
        value), ``light`` of that year, ``done`` (share of the way from the baseline to the last target),
        ``expected``, ``low``, ``high`` and ``chance`` as `chance_of_reaching` gives them, ``n_values``.
    level
        Of the intervals.
    inputs, made
        Hashes of the datasets behind it; True for made data.
    """

    baselines: Mapping[str, Baseline]
    years: pd.DataFrame
    outlook: pd.DataFrame
    level: float
    inputs: tuple[str, ...] = field(default=())
    made: bool = False

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an indicator for people: sign, word, target, chance."""
        return words.outlook_table(self, language)

    def year_table(self, language: Language) -> pd.DataFrame:
        """Return one row an indicator and year for people."""
        return words.year_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say what is on track, what is behind, and what cannot be said."""
        return words.tracking_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw each indicator's path, targets and values; every light has colour, sign and word."""
        from pk_research.policy.targets.pictures import plot_tracking

        return plot_tracking(self, language, width_px=width_px)


def track(
    frame: pd.DataFrame,
    baselines: Mapping[str, Baseline],
    *,
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
    made: bool = False,
) -> Tracking:
    """Compare realised values with the targets of a plan such as an RPJMD.

    Parameters
    ----------
    frame
        One row an indicator and year: ``indicator``, ``year``, ``target`` (missing where the plan has
        none for that year), ``value`` (missing until it is known) and, if known, ``se``, its standard
        error. A year that is left out is missing; nothing is filled in.
    baselines
        Indicator -> `Baseline`. It counts as a value without error unless the table has that year too.
    level
        Of the intervals.
    inputs, made
        As in `Tracking`.

    Raises
    ------
    BadInput
        Naming everything at once: columns, text numbers, years that stand twice or before the baseline,
        indicators without baseline or target, a last target on the wrong side of the baseline.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": "poverty", "year": [2025, 2026], "target": [8.0, 7.5],
    ...                      "value": [7.2, None], "se": [0.2, None]})
    >>> track(rows, {"poverty": Baseline(2024, 8.5, "down")}).years["light"].tolist()
    ['on_track', 'missing']
    """
    problems = list(_of_columns(frame))
    if problems:
        raise BadInput(problems)
    rows = frame.reset_index(drop=True)
    rows = rows.assign(se=np.nan) if "se" not in rows else rows
    problems = [*_of_values(rows), *_of_baselines(rows, baselines)]
    if not 0 < level < 1:
        problems.append(Problem("level", f"it is {level!r}", "Give a share between 0 and 1, such as 0.95."))
    if problems:
        raise BadInput(problems)
    rows = rows.astype({"target": float, "value": float, "se": float})
    order = {name: n for n, name in enumerate(baselines)}
    rows = rows.sort_values(["indicator", "year"], key=lambda c: c.map(order) if c.name == "indicator" else c)
    years = rows[rows["target"].notna()].reset_index(drop=True)
    lit = _lit(years, baselines, level)
    outlook = pd.DataFrame([_outlook(rows, lit, name, baselines[name], level) for name in baselines])
    return Tracking(dict(baselines), lit, outlook, level, inputs, made)


def light_of(low: float, high: float, target: float, direction: Direction) -> Light:
    """Return the light of an interval against a target.

    Raises
    ------
    BadInput
        When the direction is neither ``"up"`` nor ``"down"``.

    Examples
    --------
    >>> light_of(5.0, 6.0, 4.5, "up"), light_of(5.0, 6.0, 5.5, "up"), light_of(5.0, 6.0, 4.5, "down")
    ('on_track', 'cannot_be_said', 'behind')
    """
    if direction not in {"up", "down"}:
        raise BadInput(Problem("direction", f"it is {direction!r}", "Say 'up' or 'down'."))
    if np.isnan(low) or np.isnan(high):
        return "missing"
    is_above, is_below = low >= target, high <= target
    if is_above if direction == "up" else is_below:
        return "on_track"
    return "behind" if (is_below if direction == "up" else is_above) else "cannot_be_said"


def _lit(years: pd.DataFrame, baselines: Mapping[str, Baseline], level: float) -> pd.DataFrame:
    reach = float(norm.ppf((1 + level) / 2)) * years["se"].fillna(0.0)
    low, high = years["value"] - reach, years["value"] + reach
    lights = [
        light_of(one_low, one_high, target, baselines[name].direction)
        for one_low, one_high, target, name in zip(
            low, high, years["target"], years["indicator"], strict=True
        )
    ]
    has_error = years["se"].notna() & years["value"].notna()
    return years[["indicator", "year", "target", "value", "se"]].assign(
        low=low, high=high, light=lights, has_error=has_error
    )


def _outlook(
    rows: pd.DataFrame, lit: pd.DataFrame, name: str, baseline: Baseline, level: float
) -> dict[str, object]:
    mine, seen = lit[lit["indicator"] == name], rows[(rows["indicator"] == name) & rows["value"].notna()]
    last, known = mine.iloc[-1], mine[mine["value"].notna()]
    points = seen[["year", "value", "se"]]
    if baseline.year not in set(points["year"]):
        points = pd.concat(
            [pd.DataFrame({"year": [baseline.year], "value": [baseline.value], "se": [np.nan]}), points]
        )
    found = chance_of_reaching(
        points["year"].to_numpy(dtype=float), points["value"].to_numpy(), points["se"].to_numpy(),
        year=float(last["year"]), target=float(last["target"]), direction=baseline.direction, level=level,
    )  # fmt: skip
    way = float(last["target"]) - baseline.value
    done = (float(seen["value"].iloc[-1]) - baseline.value) / way if len(seen) and way else np.nan
    return {
        "indicator": name,
        "end": int(last["year"]),
        "target": float(last["target"]),
        "latest": int(known["year"].iloc[-1]) if len(known) else None,
        "light": known["light"].iloc[-1] if len(known) else "missing",
        "has_error": bool(known["has_error"].iloc[-1]) if len(known) else False,
        "done": done,
        "expected": found.expected,
        "low": found.low,
        "high": found.high,
        "chance": found.chance,
        "n_values": len(points),
    }


def _of_columns(frame: pd.DataFrame) -> Iterator[Problem]:
    for name in NEEDED:
        if name not in frame.columns:
            yield Problem(f"column {name!r}", "it is not in the table", "Add it.")
    if frame.empty:
        yield Problem("the table", "it has no rows", "Give targets and values by year.")


def _of_values(rows: pd.DataFrame) -> Iterator[Problem]:
    for name in ("target", "value", "se"):
        column = rows[name]
        if column.isna().all():
            continue
        if is_bool_dtype(column) or not is_numeric_dtype(column):
            yield Problem(
                f"column {name!r}", "it does not hold numbers", "Write numbers, and leave gaps empty."
            )
        elif np.isinf(column.to_numpy(dtype=float, na_value=np.nan)).any():
            yield Problem(f"column {name!r}", "a value is infinite", "Correct it, or leave it empty.")
        elif name == "se" and (column < 0).any():
            yield Problem("column 'se'", "a standard error is below 0", "Correct it, or leave it empty.")
    if not is_integer_dtype(rows["year"]):
        yield Problem("column 'year'", "it holds something other than whole years", "Write whole numbers.")
    twice = rows[rows.duplicated(["indicator", "year"])]
    for name, year in zip(twice["indicator"], twice["year"], strict=True):
        yield Problem(f"indicator {name!r}, year {year}", "it stands twice", "Keep one row for each year.")


def _of_baselines(rows: pd.DataFrame, baselines: Mapping[str, Baseline]) -> Iterator[Problem]:
    for name in rows["indicator"].unique():
        if name not in baselines:
            yield Problem(f"indicator {name!r}", "it has no baseline", "Give year, value and direction.")
    for name, baseline in baselines.items():
        yield from _of_baseline(rows[rows["indicator"] == name], name, baseline)


def _of_baseline(mine: pd.DataFrame, name: str, baseline: Baseline) -> Iterator[Problem]:
    where = f"baseline of {name!r}"
    if baseline.direction not in get_args(Direction):
        yield Problem(where, f"the direction is {baseline.direction!r}", "Say 'up' or 'down'.")
    is_number = isinstance(baseline.value, int | float) and np.isfinite(baseline.value)
    if not is_number:
        yield Problem(where, f"the value is {baseline.value!r}", "Give a finite number.")
    targets = mine[mine["target"].notna()]
    if targets.empty:
        yield Problem(f"indicator {name!r}", "it has no target", "Give a target for one year at least.")
    if not all(is_numeric_dtype(mine[name]) for name in ("year", "target", "value")):
        return
    for year in mine.loc[mine["year"] < baseline.year, "year"]:
        yield Problem(f"indicator {name!r}, year {year}", "it is before the baseline", "Correct one of them.")
    again = mine.loc[(mine["year"] == baseline.year) & mine["value"].notna(), "value"]
    if is_number and len(again) and float(again.iloc[0]) != baseline.value:
        yield Problem(
            where,
            f"it is {baseline.value:g}, but the table says {again.iloc[0]:g} for {baseline.year}",
            "Correct one of them.",
        )
    if len(targets) and is_number and baseline.direction in get_args(Direction):
        last = float(targets.sort_values("year")["target"].iloc[-1])
        way = last - baseline.value
        if way < 0 if baseline.direction == "up" else way > 0:
            yield Problem(
                f"indicator {name!r}",
                f"the last target {last:g} is worse than the baseline {baseline.value:g}, though"
                f" {'more' if baseline.direction == 'up' else 'less'} is better",
                "Correct the direction, the target or the baseline.",
            )
