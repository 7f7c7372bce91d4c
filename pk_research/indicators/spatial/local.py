"""Where the pattern is: local Moran (LISA) and Getis-Ord G*, with the many tests reckoned with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.spatial.aligned import Aligned, aligned
from pk_research.indicators.spatial.borders import Polygons
from pk_research.indicators.spatial.neighbours import Neighbours
from pk_research.indicators.spatial.permutations import neighbour_p
from pk_research.indicators.spatial.wording import (
    check_permutations,
    left_out_sentences,
    left_out_table,
    name_column,
    named,
    some,
)
from pk_research.language import Language, Message

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Kind = Literal["local_moran", "g_star"]
Control = Literal["false_discovery", "bonferroni", "none"]
P_COLUMNS: Mapping[Control, str] = {
    "false_discovery": "p_false_discovery",
    "bonferroni": "p_bonferroni",
    "none": "p",
}
CONTROLS: Mapping[Control, Message] = {
    "false_discovery": Message("false-discovery control (Benjamini-Hochberg)"),
    "bonferroni": Message("Bonferroni's correction"),
    "none": Message("no correction"),
}
NOT_SIGNIFICANT = "not significant"
# Standardised values so close to zero are on the mean: the rest is rounding.
AT_MEAN = 1e-12
CATEGORIES: Mapping[Kind, Mapping[str, Message]] = {
    "local_moran": {
        "high-high": Message("high-high: high among high"),
        "low-low": Message("low-low: low among low"),
        "high-low": Message("high-low: high among low"),
        "low-high": Message("low-high: low among high"),
        NOT_SIGNIFICANT: Message("not significant"),
    },
    "g_star": {
        "hot spot": Message("hot spot: high values together"),
        "cold spot": Message("cold spot: low values together"),
        NOT_SIGNIFICANT: Message("not significant"),
    },
}
STATISTICS: Mapping[Kind, Message] = {
    "local_moran": Message("Local Moran's I"),
    "g_star": Message("Getis-Ord G* (z-score)"),
}


@dataclass(frozen=True, eq=False)
class LocalPattern:
    """Villages whose surroundings are more than chance.

    Attributes
    ----------
    frame
        One row a village, sorted: ``code``, ``value``, ``z`` (standardised), ``neighbours_z`` (mean
        of its neighbours'), ``statistic`` (local Moran, or the z-score of G*), ``pattern`` (what
        it would be if significant; missing where a part lies exactly on the mean), ``p``
        (two-sided, by permutation), ``p_false_discovery`` (Benjamini-Hochberg), ``p_bonferroni``
        and ``category``: the pattern where the controlled p is at most ``alpha``, else
        ``not significant``.
    kind
        ``"local_moran"`` or ``"g_star"``.
    alpha
        Level of the categories.
    control
        Which p decides.
    n_permutations, seed
        How often neighbours were drawn, and the seed of that.
    left_out
        One row a village that cannot be compared: ``code``, ``reason`` (`Message`).
    names
        Code -> what the village is called; codes stand for those without a name.
    """

    frame: pd.DataFrame
    kind: Kind
    alpha: float
    control: Control
    n_permutations: int
    seed: int
    left_out: pd.DataFrame
    names: Mapping[str, str]

    @property
    def categories(self) -> Mapping[str, Message]:
        """Every category and its name."""
        return CATEGORIES[self.kind]

    @property
    def counts(self) -> pd.DataFrame:
        """Number of villages by category (the index) under each control (the columns)."""
        columns = {
            control: pd.Series(_category(self.frame, p, self.alpha)).value_counts()
            for control, p in P_COLUMNS.items()
        }
        counts = pd.DataFrame(columns).reindex(list(self.categories))
        return counts.fillna(0).astype("int64").rename_axis("category")

    @property
    def smallest_p(self) -> float:
        """The smallest p so many permutations can give."""
        return 2 / (self.n_permutations + 1)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village with names and headings in a language."""
        rows = self.frame
        columns = {
            Message("Village code").text(language): rows["code"],
            **name_column(rows["code"], self.names, language),
            Message("Value").text(language): rows["value"],
            STATISTICS[self.kind].text(language): rows["statistic"],
            Message("p (two-sided)").text(language): rows["p"],
            Message("p with false-discovery control").text(language): rows["p_false_discovery"],
            Message("p by Bonferroni").text(language): rows["p_bonferroni"],
            Message("Pattern").text(language): [
                self.categories[key].text(language) for key in rows["category"]
            ],
        }
        return pd.DataFrame(columns)

    def counts_table(self, language: Language) -> pd.DataFrame:
        """Return the number of villages by category under each control, in a language."""
        named = self.counts.rename(columns={key: said.text(language) for key, said in CONTROLS.items()})
        heading = Message("Pattern").text(language)
        named.insert(0, heading, [said.text(language) for said in self.categories.values()])
        return named.reset_index(drop=True)

    def left_out_table(self, language: Language) -> pd.DataFrame:
        """Return the villages left out, headings and reasons in a language."""
        return left_out_table(self.left_out, self.names, language)

    def in_words(self, language: Language) -> str:
        """Name the villages found, and say how many tests that took and what control left of them."""
        found = self.frame[self.frame["category"] != NOT_SIGNIFICANT]
        n_uncorrected = int((self.frame["p"] <= self.alpha).sum())
        asked = {
            "statistic": STATISTICS[self.kind],
            "n": len(self.frame),
            "found": len(found),
            "percent": 100 * self.alpha,
            "control": CONTROLS[self.control],
        }
        sentences = [
            Message(
                "{statistic}: {found} of {n} villages stand out at the {percent}% level with {control}.",
                asked,
            )
        ]
        sentences += [
            Message(
                "{category} ({n}): {names}.",
                {"category": said, "n": len(codes), "names": some(named(codes, self.names))},
            )
            for key, said in self.categories.items()
            if key != NOT_SIGNIFICANT and (codes := list(found.loc[found["category"] == key, "code"]))
        ]
        sentences.append(
            Message(
                "Without correction it would be {n}; by chance alone up to {expected} would be expected.",
                {"n": n_uncorrected, "expected": round(self.alpha * len(self.frame), 1)},
            )
        )
        sentences += [*self._reach(), *left_out_sentences(self.left_out, self.names)]
        return " ".join(sentence.text(language) for sentence in sentences)

    def _reach(self) -> list[Message]:
        """Say when so few permutations cannot pass a control however strong the pattern."""
        n = len(self.frame)
        if self.smallest_p * n <= self.alpha:
            return []
        return [
            Message(
                "With {permutations} permutations Bonferroni's correction can find nothing among {n} "
                "villages, and false-discovery control only {fewest} or more at once; from {needed} "
                "permutations on both can find a single one.",
                {
                    "permutations": self.n_permutations,
                    "n": n,
                    "fewest": math.ceil(self.smallest_p * n / self.alpha),
                    "needed": math.ceil(2 * n / self.alpha) - 1,
                },
            )
        ]

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw each village's value against its neighbours', categories by marker and shade."""
        from pk_research.indicators.spatial.pictures import plot_scatter

        return plot_scatter(self, language, width_px=width_px)

    def map(self, boundaries: Mapping[str, Polygons], language: Language, *, width_px: float = 800) -> Figure:
        """Draw the categories on a map, by shade and hatching."""
        from pk_research.indicators.spatial.pictures import plot_map

        return plot_map(self, boundaries, language, width_px=width_px)


def local_moran(
    values: pd.Series,
    neighbours: Neighbours,
    *,
    alpha: float = 0.05,
    control: Control = "false_discovery",
    n_permutations: int = 9_999,
    seed: int = 0,
    names: Mapping[str, str] | None = None,
) -> LocalPattern:
    """Find villages that resemble their neighbours, or stand out from them (LISA).

    Parameters
    ----------
    values
        Indexed by village code.
    neighbours
        Of the villages.
    alpha, control
        Level of the categories, and what reckons with there being one test a village:
        ``"false_discovery"`` (of those found, at most ``alpha`` are false on average),
        ``"bonferroni"`` (at most ``alpha`` that any is), or ``"none"``.
    n_permutations, seed
        How often neighbours are drawn for each village, and the seed of that.
    names
        Code -> what the village is called where people read of it.

    Returns
    -------
    LocalPattern
        I_i = (n - 1) / sum of squares · z_i · mean z of the neighbours, as GeoDa and esda have it;
        R's spdep has n in place of n - 1.

    Raises
    ------
    BadInput
        When the values cannot be compared, or an option is out of range.

    References
    ----------
    Anselin (1995), Local indicators of spatial association, Geographical Analysis 27. Benjamini and
    Hochberg (1995), Controlling the false discovery rate, Journal of the Royal Statistical Society B
    57; Caldas de Castro and Singer (2006), Controlling the false discovery rate, Geographical
    Analysis 38, for local statistics.
    """
    _check(alpha, control, n_permutations)
    given = aligned(values, neighbours)
    lag = given.mean_of_neighbours(given.z)
    statistic = (given.n - 1) / float((given.z**2).sum()) * given.z * lag
    p = neighbour_p(given, n_permutations=n_permutations, seed=seed)
    at_mean = np.abs(given.z) <= AT_MEAN
    # The local Moran of a village at the mean is zero whatever its neighbours are.
    frame = _tested(given, statistic, np.where(at_mean, 1.0, p))
    patterns = np.array(["low-low", "low-high", "high-low", "high-high"], dtype=object)
    pattern = patterns[2 * (given.z > 0) + (lag > 0)]
    pattern[at_mean | (np.abs(lag) <= AT_MEAN)] = None
    frame = _sorted_out(frame, pattern, control, alpha)
    return LocalPattern(
        frame, "local_moran", alpha, control, n_permutations, seed, given.left_out, dict(names or {})
    )


def hot_spots(
    values: pd.Series,
    neighbours: Neighbours,
    *,
    alpha: float = 0.05,
    control: Control = "false_discovery",
    n_permutations: int = 9_999,
    seed: int = 0,
    names: Mapping[str, str] | None = None,
) -> LocalPattern:
    """Find where high or low values lie together, the village itself included (Getis-Ord G*).

    Parameters
    ----------
    values, neighbours, alpha, control, n_permutations, seed, names
        As in `local_moran`.

    Returns
    -------
    LocalPattern
        The statistic is the z-score of G*_i: sum of z over the village and its d neighbours, over
        sqrt((d + 1) (n - d - 1) / (n - 1)); missing for a village next to all others. Unlike the
        ratio G*, it serves negative values too.

    Raises
    ------
    BadInput
        When the values cannot be compared, or an option is out of range.

    References
    ----------
    Ord and Getis (1995), Local spatial autocorrelation statistics: distributional issues and an
    application, Geographical Analysis 27.
    """
    _check(alpha, control, n_permutations)
    given = aligned(values, neighbours)
    total = given.z + given.links @ given.z
    size = given.degrees + 1
    variance = size * (given.n - size) / (given.n - 1)
    statistic = np.where(variance > 0, total / np.sqrt(np.where(variance > 0, variance, 1.0)), np.nan)
    p = neighbour_p(given, n_permutations=n_permutations, seed=seed)
    pattern = np.where(total > 0, "hot spot", "cold spot").astype(object)
    pattern[(np.abs(total) <= AT_MEAN) | (variance == 0)] = None
    frame = _sorted_out(_tested(given, statistic, p), pattern, control, alpha)
    return LocalPattern(
        frame, "g_star", alpha, control, n_permutations, seed, given.left_out, dict(names or {})
    )


def _check(alpha: float, control: Control, n_permutations: int) -> None:
    check_permutations(n_permutations)
    if not 0 < alpha < 1:
        raise BadInput(Problem("alpha", f"{alpha} is not a level", "Give a share such as 0.05."))
    if control not in get_args(Control):
        raise BadInput(
            Problem("control", f"there is no control {control!r}", f"Use: {', '.join(get_args(Control))}.")
        )


def _tested(given: Aligned, statistic: np.ndarray, p: np.ndarray) -> pd.DataFrame:
    from scipy import stats

    return pd.DataFrame(
        {
            "code": list(given.codes),
            "value": given.numbers,
            "z": given.z,
            "neighbours_z": given.mean_of_neighbours(given.z),
            "statistic": statistic,
            "p": p,
            "p_false_discovery": stats.false_discovery_control(p, method="bh"),
            "p_bonferroni": np.minimum(1.0, p * given.n),
        }
    )


def _sorted_out(frame: pd.DataFrame, pattern: np.ndarray, control: Control, alpha: float) -> pd.DataFrame:
    rows = frame.assign(pattern=pd.Series(pattern, dtype=object))
    return rows.assign(category=_category(rows, P_COLUMNS[control], alpha))


def _category(frame: pd.DataFrame, p: str, alpha: float) -> np.ndarray:
    stands_out = (frame[p] <= alpha) & frame["pattern"].notna()
    return np.where(stands_out, frame["pattern"], NOT_SIGNIFICANT)
