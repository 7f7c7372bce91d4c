"""From one year to the next: who stayed in a type, who moved and by what, who is in only one year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from pk_research.language import Message

TELLING = 2
NOTICEABLE = 0.1
ADDRESS = ("province", "regency", "kecamatan", "village")


class Change(NamedTuple):
    """How a variable of a village changed.

    Attributes
    ----------
    variable
        Its name.
    sd
        The change in standard deviations of both years together.
    before, after
        Its values, in its own unit.
    """

    variable: str
    sd: float
    before: float
    after: float


class Year(NamedTuple):
    """The villages of a year.

    Attributes
    ----------
    year
        The year.
    villages
        Those with a type: ``code``, ``name``, ``type``, ``is_border``, ``probability``, place
        names and values.
    left_out
        Those that could not be compared: ``code`` and ``reason``.
    """

    year: int
    villages: pd.DataFrame
    left_out: pd.DataFrame


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
        Villages that changed type: ``code``, ``name``, ``from``, ``to``; ``probability_from`` and
        ``probability_to``, how probable its type was in each year (missing without repetitions);
        ``is_uncertain`` (on the border of its type in either year); ``is_own`` (by the nearest
        centre of the first year's types it would have moved too; if not, the types moved and not
        the village; missing where the types stayed, or have no centres); ``why``, the `Change` of the
        variables that changed most, empty where none known in both years changed by 0.1 standard
        deviations.
    exits, entries
        Villages with a type in only the first, only the second year: ``code``, ``name``,
        ``type``, ``reason`` (`Message`).
    n_same
        Villages with exactly the same values in both years, and the same ones missing: carried
        over, or truly unchanged.
    n_border
        Villages, of those in both years, on the border of their type in either.
    """

    first: int
    second: int
    counts: pd.DataFrame
    shares: pd.DataFrame
    moves: pd.DataFrame
    exits: pd.DataFrame
    entries: pd.DataFrame
    n_same: int
    n_border: int

    @property
    def n_both(self) -> int:
        """Villages with a type in both years."""
        return int(self.counts.to_numpy().sum())

    @property
    def certain(self) -> pd.DataFrame:
        """Moves of villages on no border in either year."""
        return self.moves[~self.moves["is_uncertain"]]


def transition(
    before: Year, after: Year, names: Sequence[str], *, by_the_first: np.ndarray | None = None
) -> Transition:
    """Compare the villages of two years.

    Parameters
    ----------
    before, after
        The years.
    names
        The variables that were compared.
    by_the_first
        Type of each village of the second year, had the types stayed those of the first; None
        where they did, or where that cannot be told.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    first = before.villages.set_index("code")
    second = after.villages.assign(by_the_first=by_the_first).set_index("code")
    both = first.index.intersection(second.index)
    a, b = first.loc[both], second.loc[both]
    counts = pd.crosstab(a["type"].to_numpy(), b["type"].to_numpy())
    rows, columns = sorted(first["type"].unique()), sorted(second["type"].unique())
    counts = counts.reindex(index=rows, columns=columns, fill_value=0)
    counts.index.name, counts.columns.name = "from", "to"
    values = [frame[list(names)].to_numpy(dtype=float) for frame in (a, b)]
    sd = pd.concat([first[list(names)], second[list(names)]]).astype(float).std(ddof=0).to_numpy()
    is_border = (a["is_border"] | b["is_border"]).to_numpy(dtype=bool)
    moved = (a["type"] != b["type"]).to_numpy(dtype=bool)
    moves = pd.DataFrame(
        {
            "code": both[moved],
            "name": b["name"].to_numpy()[moved],
            "from": a["type"].to_numpy()[moved],
            "to": b["type"].to_numpy()[moved],
            "probability_from": a["probability"].to_numpy()[moved],
            "probability_to": b["probability"].to_numpy()[moved],
            "is_uncertain": is_border[moved],
            "is_own": (a["type"] != b["by_the_first"])
            .astype("boolean")
            .where(b["by_the_first"].notna())
            .to_numpy()[moved],
            "why": pd.Series(_telling(values[0][moved], values[1][moved], sd, names), dtype=object),
        }
    )
    return Transition(
        before.year,
        after.year,
        counts,
        _shares(counts),
        moves,
        exits=_missing(before, after),
        entries=_missing(after, before),
        n_same=int(_is_same(*values).all(axis=1).sum()),
        n_border=int(is_border.sum()),
    )


def _is_same(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.asarray((before == after) | (np.isnan(before) & np.isnan(after)))


def _telling(
    before: np.ndarray, after: np.ndarray, sd: np.ndarray, names: Sequence[str]
) -> list[tuple[Change, ...]]:
    """Return for each village the known variables that changed most, the largest change first."""
    is_known = ~np.isnan(before) & ~np.isnan(after)
    change = np.divide(after - before, sd, out=np.zeros(before.shape), where=(sd > 0) & is_known)
    most = np.argsort(-np.abs(change), axis=1, kind="stable")[:, :TELLING]
    return [
        tuple(
            Change(names[j], float(change[i, j]), float(before[i, j]), float(after[i, j]))
            for j in most[i]
            if abs(change[i, j]) >= NOTICEABLE
        )
        for i in range(len(change))
    ]


def _shares(counts: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for start, line in counts.iterrows():
        total = int(line.sum())
        for end, n in line.items():
            low, high = binomtest(int(n), total).proportion_ci(method="wilson") if total else (np.nan, np.nan)
            share = n / total if total else np.nan
            rows.append({"from": start, "to": end, "n": int(n), "share": share, "low": low, "high": high})
    return pd.DataFrame(rows)


def _missing(here: Year, other: Year) -> pd.DataFrame:
    """List the villages without a type in the other year, each with the reason."""
    rows, present = here.villages, other.villages
    gone = rows.loc[~rows["code"].isin(present["code"]), :].reset_index(drop=True)
    aside = other.left_out.dropna(subset=["code"]).drop_duplicates("code")
    set_aside = dict(zip(aside["code"], aside["reason"], strict=True))
    elsewhere = _only_namesake(gone, present[~present["code"].isin(rows["code"])])
    reasons = [
        _reason(other.year, set_aside.get(code), alike)
        for code, alike in zip(gone["code"], elsewhere, strict=True)
    ]
    return gone[["code", "name", "type"]].assign(reason=pd.Series(reasons, dtype=object))


def _only_namesake(gone: pd.DataFrame, new: pd.DataFrame) -> list[str | None]:
    """Return for each village the code of the one new village at the same address, if there is one."""
    address = [name for name in ADDRESS if name in gone and name in new]
    if not set(address) >= {"kecamatan", "village"}:
        return [None] * len(gone)
    alone = new.dropna(subset=["kecamatan", "village"]).drop_duplicates(address, keep=False)
    there = gone[address].astype("string").merge(
        alone[[*address, "code"]].astype("string"), on=address, how="left", validate="many_to_one"
    )["code"]  # fmt: skip
    return [None if pd.isna(code) else str(code) for code in there]


def _reason(year: int, set_aside: Message | None, alike: str | None) -> Message:
    if set_aside is not None:
        return Message("{year}: {reason}", {"year": str(year), "reason": set_aside})
    if alike is not None:
        return Message(
            "not in the data of {year}, where {code} has the same name in the same kecamatan:"
            " its code has perhaps changed",
            {"year": str(year), "code": alike},
        )
    return Message("not in the data of {year}", {"year": str(year)})
