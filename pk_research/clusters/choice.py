"""How many groups: three measures side by side for every k, and a recommendation with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import pandas as pd

from pk_research.clusters.measures import calinski_harabasz, davies_bouldin, total_spread
from pk_research.clusters.partition import Partition, Points
from pk_research.clusters.silhouette import MeanWidths, mean_widths
from pk_research.language import Message

STRENGTHS = (
    (0.70, Message("the groups are strong: villages clearly fall into types")),
    (0.50, Message("the groups are reasonable: most villages clearly belong to their type")),
    (
        0.25,
        Message("the groups are weak: neighbouring types run into each other and may be partly artificial"),
    ),
    (-inf, Message("there are hardly any groups: the villages form one continuum, cut up for convenience")),
)


@dataclass(frozen=True, eq=False)
class Choice:
    """The candidates for k side by side, and the recommendation.

    Attributes
    ----------
    table
        One row a k (the index): ``silhouette`` (mean over villages, -1 to 1, higher is better),
        ``silhouette_se`` (0 when every village was measured), ``calinski_harabasz`` (higher),
        ``davies_bouldin`` (lower), ``inertia`` (squared distances to the group means, in scaled
        units), ``share_between`` (share of all variance that lies between the groups, 0 to 1),
        ``share_same_start`` (share of starts that found the same groups, 0 to 1).
    k
        The recommendation: highest mean silhouette; the fewest groups where that is shared.
    reasons
        Why, sentence by sentence, doubts included.
    n_measured
        Number of villages whose silhouette was measured.
    """

    table: pd.DataFrame
    k: int
    reasons: tuple[Message, ...]
    n_measured: int


def strength(silhouette: float) -> Message:
    """Read a mean silhouette in words.

    Above 0.70 strong, above 0.50 reasonable, above 0.25 weak, else no substantial structure.

    References
    ----------
    Kaufman and Rousseeuw (1990), Finding groups in data, p. 88.

    Examples
    --------
    >>> strength(0.1).text("en")
    'there are hardly any groups: the villages form one continuum, cut up for convenience'
    """
    return next(reading for lowest, reading in STRENGTHS if round(silhouette, 2) > lowest)


def compare(
    points: Points, candidates: Sequence[Partition], *, seed: int = 0, n_jobs: int | None = None
) -> Choice:
    """Measure the candidates and recommend one of them.

    Parameters
    ----------
    points
        The villages as points.
    candidates
        One grouping for each k, k ascending.
    seed
        Seed of the sample of villages, drawn only for large data.
    n_jobs
        Workers, as in joblib.
    """
    groupings = [candidate.labels for candidate in candidates]
    widths = mean_widths(points, groupings, seed=seed, n_jobs=n_jobs)
    total = total_spread(points)
    table = pd.DataFrame(
        {
            "silhouette": widths.means,
            "silhouette_se": widths.standard_errors,
            "calinski_harabasz": [calinski_harabasz(points, labels) for labels in groupings],
            "davies_bouldin": [davies_bouldin(points, labels) for labels in groupings],
            "inertia": [candidate.inertia for candidate in candidates],
            "share_between": [1 - candidate.inertia / total for candidate in candidates],
            "share_same_start": [candidate.share_same for candidate in candidates],
        },
        index=pd.Index([candidate.k for candidate in candidates], name="k"),
    )
    k = int(table["silhouette"].idxmax())
    return Choice(table=table, k=k, reasons=_reasons(table, k, widths), n_measured=widths.n_measured)


def _reasons(table: pd.DataFrame, k: int, widths: MeanWidths) -> tuple[Message, ...]:
    best = table.loc[k]
    numbers = {"k": k, "low": int(table.index.min()), "high": int(table.index.max())}
    reasons = [
        Message(
            "Of {low} to {high} types, {k} have the highest mean silhouette ({silhouette})",
            {**numbers, "silhouette": round(best["silhouette"], 2)},
        ),
        _second_opinion(table, k),
        Message("By that silhouette {strength}", {"strength": strength(best["silhouette"])}),
    ]
    rivals = table.index[(table["silhouette"] > best["silhouette"] - 0.01) & (table.index != k)]
    if len(rivals):
        reasons.append(
            Message(
                "{rivals} types are practically as good (silhouette within 0.01)",
                {"rivals": ", ".join(map(str, rivals))},
            )
        )
    if len(table) > 1 and k == table.index.max():
        reasons.append(Message("{k} is the most that was tried: more types might do better", numbers))
    if best["silhouette_se"] > 0:
        reasons.append(
            Message(
                "Silhouettes are estimated from {n} villages drawn at random (standard error {se})",
                {"n": widths.n_measured, "se": float(f"{best['silhouette_se']:.1g}")},
            )
        )
    return tuple(reasons)


def _second_opinion(table: pd.DataFrame, k: int) -> Message:
    """Say whether the two other measures prefer the same k."""
    ch, db = int(table["calinski_harabasz"].idxmax()), int(table["davies_bouldin"].idxmin())
    preferred = {"ch": ch, "db": db}
    if ch == db == k:
        return Message("The Calinski-Harabasz and Davies-Bouldin measures agree")
    if ch == k:
        return Message("The Calinski-Harabasz measure agrees; Davies-Bouldin prefers {db} types", preferred)
    if db == k:
        return Message("The Davies-Bouldin measure agrees; Calinski-Harabasz prefers {ch} types", preferred)
    return Message(
        "The measures disagree: Calinski-Harabasz prefers {ch} types, Davies-Bouldin {db}", preferred
    )
