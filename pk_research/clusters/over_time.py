"""Types of villages over years: which type became which, who moved, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from pk_research.clusters import over_time_words as words
from pk_research.clusters.certainty import match_labels
from pk_research.clusters.find import find_types
from pk_research.clusters.prepare import prepare
from pk_research.clusters.typology import BORDER, Typology
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.sources.dataset import Dataset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TELLING = 2
NOTICEABLE = 0.1
ADDRESS = ("province", "regency", "kecamatan", "village")


@dataclass(frozen=True, eq=False)
class Transition:
    """What became of the villages from one year to the next.

    Attributes
    ----------
    first, second
        The years.
    counts
        Villages by type of the first year (rows) and of the second (columns); only villages
        that have a type in both.
    shares
        One row a cell: ``from``, ``to``, ``n``, ``share`` of the row, and its 95% Wilson interval
        ``low`` to ``high``; the shares are missing where nobody had the type.
    moves
        Villages that changed type: ``code``, ``name``, ``from``, ``to``, ``is_uncertain`` (on the
        border of its type in either year), ``why``: the variables that changed most, each with
        its change in standard deviations of both years together; empty where no variable changed
        by 0.1, so that the types moved and not the village.
    exits, entries
        Villages with a type in only the first, only the second year: ``code``, ``name``,
        ``type``, ``reason`` (`Message`).
    """

    first: int
    second: int
    counts: pd.DataFrame
    shares: pd.DataFrame
    moves: pd.DataFrame
    exits: pd.DataFrame
    entries: pd.DataFrame


@dataclass(frozen=True, eq=False)
class TypesOverTime:
    """Types of several years under common numbers.

    Attributes
    ----------
    base
        ``"each"``, or the year whose types were applied to all years.
    typologies
        Typology of each year that was grouped by itself.
    numbers
        For each of those years: number of a cluster -> common number of its type.
    villages
        One row a village and year: ``year``, ``code``, ``name``, ``type``, ``is_border`` and the values.
    transitions
        One a pair of consecutive years.
    """

    base: Literal["each"] | int
    typologies: Mapping[int, Typology]
    numbers: Mapping[int, Mapping[int, int]]
    villages: pd.DataFrame
    transitions: tuple[Transition, ...]

    @property
    def last(self) -> Typology:
        """The latest typology found."""
        return self.typologies[max(self.typologies)]

    def table(self, language: Language) -> pd.DataFrame:
        """Return the transitions for people, one row a cell."""
        return words.transition_table(self, language)

    def moves_table(self, language: Language) -> pd.DataFrame:
        """Return the villages that changed type, with why and how sure."""
        return words.moves_table(self, language)

    def missing_table(self, language: Language) -> pd.DataFrame:
        """Return the villages with a type in only one of two consecutive years, with the reason."""
        return words.missing_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell who moved, and how much of it may be no more than the uncertainty of the types."""
        return words.account(self, language)

    def plot(self, language: Language) -> Figure:
        """Draw the transitions as numbered heat maps."""
        from pk_research.clusters.pictures.over_time import plot_transitions

        return plot_transitions(self, language)


def types_over_time(
    dataset: Dataset,
    variables: Sequence[str],
    years: Sequence[int],
    *,
    base: Literal["each"] | int = "each",
    code_changes: Mapping[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - those of find_types
) -> TypesOverTime:
    """Follow the types of villages over years.

    Parameters
    ----------
    dataset
        Rows keyed by village and year.
    variables
        Names of numeric variables.
    years
        Two years or more.
    base
        ``"each"`` groups every year by itself and matches the types: use it to see whether the
        types themselves change. A year applies its types to all years, each village going to the
        nearest centre in that year's scale: use it to see whether villages change against a
        fixed yardstick.
    code_changes
        Old village code -> new one, for codes that changed; without it a village whose code
        changed is an exit and an entry, and the reason points to the other code.
    options
        Further options of `find_types`.

    Raises
    ------
    BadInput, NotFound
        When the years cannot be used, or `find_types` refuses.

    References
    ----------
    Kuhn (1955), The Hungarian method for the assignment problem. Wilson (1927), Probable
    inference, the law of succession, and statistical inference.
    """
    ordered = sorted(set(years))
    if len(ordered) < 2 or (base != "each" and base not in ordered):
        raise BadInput(
            Problem(
                "years", f"{list(years)} with base {base!r}", "Give two years or more, the base among them."
            )
        )
    grouped = ordered if base == "each" else [base]
    typologies = {year: find_types(dataset, variables, year=year, **options) for year in grouped}
    names = [variable.name for variable in typologies[grouped[0]].variables]
    aside: dict[int, pd.DataFrame] = {}
    by_year: dict[int, pd.DataFrame] = {}
    for year in ordered:
        if year in typologies:
            found, rows = typologies[year], typologies[year].villages
            aside[year] = found.left_out
        else:
            prepared = prepare(dataset, variables, year=year)
            rows, aside[year] = _applied(typologies[grouped[0]], prepared.villages, names), prepared.left_out
        by_year[year] = _followed(rows, code_changes or {}, year)
        aside[year] = aside[year].assign(code=_codes(aside[year], code_changes or {}))
    numbers = _common_numbers({year: by_year[year] for year in grouped})
    for year, rows in by_year.items():
        by_year[year] = rows.assign(type=rows["cluster"].map(numbers[year if base == "each" else grouped[0]]))
    transitions = tuple(
        _transition((first, by_year[first], aside[first]), (second, by_year[second], aside[second]), names)
        for first, second in pairwise(ordered)
    )
    kept = ["year", "code", "name", "type", "is_border", *names]
    villages = pd.concat([rows.assign(year=year) for year, rows in by_year.items()], ignore_index=True)[kept]
    return TypesOverTime(base, typologies, numbers, villages, transitions)


def _applied(typology: Typology, rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Give each village the type of the nearest centre; the border is that of the simplified silhouette."""
    known = typology.villages[names]
    sd = known.std(ddof=0) if typology.scale == "z" else known.std(ddof=0) * 0 + 1
    centres = known.groupby(typology.villages["cluster"]).mean()
    away = (rows[names].to_numpy()[:, None, :] - centres.to_numpy()[None]) / sd.to_numpy()
    distance = np.sqrt((away**2).sum(axis=2))
    nearest = np.sort(distance, axis=1)
    width = 1 - nearest[:, 0] / nearest[:, 1]
    return rows.assign(cluster=centres.index.to_numpy()[distance.argmin(axis=1)], is_border=width < BORDER)


def _codes(rows: pd.DataFrame, changes: Mapping[str, str]) -> pd.Series:
    return rows["village_code"].astype(object).map(lambda code: changes.get(code, code))


def _followed(rows: pd.DataFrame, changes: Mapping[str, str], year: int) -> pd.DataFrame:
    """Key the villages by their newest code."""
    code = _codes(rows, changes)
    twice = sorted(set(code[code.duplicated()]))
    if twice:
        raise BadInput(
            Problem(
                f"code_changes, {year}",
                f"two villages would both be {', '.join(twice)}",
                "Leave out the change: villages that were merged cannot be followed as one.",
            )
        )
    name = rows["village"].astype(object).where(rows["village"].notna(), code) if "village" in rows else code
    return rows.assign(code=code, name=name)


def _common_numbers(by_year: Mapping[int, pd.DataFrame]) -> dict[int, dict[int, int]]:
    """Return for each year its clusters under the numbers that all years share."""
    numbers: dict[int, dict[int, int]] = {}
    before: pd.Series | None = None
    used = 0
    for year, rows in by_year.items():
        now = rows.set_index("code")["cluster"]
        matched = {} if before is None else _matched(before, now)
        old = numbers[max(numbers)] if numbers else {}
        numbers[year] = {}
        for cluster in sorted(now.unique()):
            if cluster in matched:
                numbers[year][int(cluster)] = old[matched[cluster]]
            else:
                used += 1
                numbers[year][int(cluster)] = used
        before = now
    return numbers


def _matched(before: pd.Series, now: pd.Series) -> dict[int, int]:
    """Return for each cluster of now the one before that it shares villages with, one to one."""
    both = before.index.intersection(now.index)
    a, b = before[both].to_numpy(dtype=int) - 1, now[both].to_numpy(dtype=int) - 1
    k = int(max(before.max(), now.max()))
    partners = match_labels(a, b, np.ones(len(both)), k)
    together = set(zip(a.tolist(), b.tolist(), strict=True))
    return {n + 1: int(p) + 1 for n, p in enumerate(partners) if (int(p), n) in together}


def _transition(
    before: tuple[int, pd.DataFrame, pd.DataFrame],
    after: tuple[int, pd.DataFrame, pd.DataFrame],
    names: list[str],
) -> Transition:
    first, second = before[1].set_index("code"), after[1].set_index("code")
    both = first.index.intersection(second.index)
    a, b = first.loc[both], second.loc[both]
    rows, columns = sorted(first["type"].unique()), sorted(second["type"].unique())
    counts = pd.crosstab(a["type"].to_numpy(), b["type"].to_numpy())
    counts = counts.reindex(index=rows, columns=columns, fill_value=0)
    counts.index.name, counts.columns.name = "from", "to"
    sd = pd.concat([first[names], second[names]]).std(ddof=0).replace(0, np.nan)
    change = ((b[names] - a[names]) / sd).fillna(0)
    moved = both[(a["type"] != b["type"]).to_numpy()]
    moves = pd.DataFrame(
        {
            "code": moved,
            "name": second.loc[moved, "name"].to_numpy(),
            "from": first.loc[moved, "type"].to_numpy(),
            "to": second.loc[moved, "type"].to_numpy(),
            "is_uncertain": (first.loc[moved, "is_border"] | second.loc[moved, "is_border"]).to_numpy(
                dtype=bool
            ),
            "why": pd.Series([_telling(change.loc[code]) for code in moved], dtype=object),
        }
    )
    return Transition(
        before[0], after[0], counts, _shares(counts), moves,
        exits=_missing(before[1], after, "exit"), entries=_missing(after[1], before, "entry"),
    )  # fmt: skip


def _telling(change: pd.Series) -> tuple[tuple[str, float], ...]:
    most = change[change.abs() >= NOTICEABLE].sort_values(key=lambda c: -c.abs(), kind="stable")[:TELLING]
    return tuple((str(name), float(value)) for name, value in most.items())


def _shares(counts: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for start, line in counts.iterrows():
        total = int(line.sum())
        for end, n in line.items():
            low, high = binomtest(int(n), total).proportion_ci(method="wilson") if total else (np.nan, np.nan)
            share = n / total if total else np.nan
            rows.append({"from": start, "to": end, "n": int(n), "share": share, "low": low, "high": high})
    return pd.DataFrame(rows)


def _missing(
    rows: pd.DataFrame, other: tuple[int, pd.DataFrame, pd.DataFrame], way: Literal["exit", "entry"]
) -> pd.DataFrame:
    """List the villages without a type in the other year, each with the reason."""
    year, present, aside = other
    gone = rows[~rows["code"].isin(present["code"])]
    set_aside = aside.dropna(subset=["code"]).drop_duplicates("code").set_index("code")["reason"]
    address = [name for name in ADDRESS if name in rows and name in present]
    new = present[~present["code"].isin(rows["code"])]
    elsewhere: dict[tuple[object, ...], list[str]] = {}
    for _, row in new.iterrows() if set(address) >= {"kecamatan", "village"} else ():
        elsewhere.setdefault(tuple(row[address]), []).append(row["code"])
    reasons = []
    for _, row in gone.iterrows():
        alike = elsewhere.get(tuple(row[address]), [])
        if row["code"] in set_aside.index:
            reasons.append(Message("{year}: {reason}", {"year": str(year), "reason": set_aside[row["code"]]}))
        elif len(alike) == 1:
            reasons.append(
                Message(
                    "not in the data of {year}, where {code} has the same name in the same kecamatan:"
                    " its code has perhaps changed",
                    {"year": str(year), "code": alike[0]},
                )
            )
        else:
            reasons.append(Message("not in the data of {year}", {"year": str(year)}))
    listed = gone[["code", "name", "type"]].reset_index(drop=True)
    return listed.assign(way=way, reason=pd.Series(reasons, dtype=object))
