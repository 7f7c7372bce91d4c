"""How many groups: measures side by side for every k, and a recommendation with reasons.

The recommendation may be one: no groups here. Valleys between the villages decide that
(`pk_research.clusters.valleys`), since every measure of a division is blind to it: the best of
many divisions of one heap always looks like something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import pandas as pd

from pk_research.clusters.gap import gap_statistic
from pk_research.clusters.measures import calinski_harabasz, davies_bouldin, total_spread
from pk_research.clusters.methods import gaussian_mixture
from pk_research.clusters.partition import Partition, Points, adjusted_rand_index
from pk_research.clusters.prediction import prediction_strength
from pk_research.clusters.silhouette import MeanWidths, mean_widths
from pk_research.clusters.stability import bootstrap_stability
from pk_research.clusters.valleys import Valleys, find_valleys
from pk_research.compute.chance import drawn
from pk_research.language import Message

REASONABLE = 0.50
SAME_GROUPS = 0.80
PREDICTS = 0.80
MIXTURE_VILLAGES = 5_000
DRAW = (0, 9)
STRENGTHS = (
    (0.70, Message("the groups are strong: villages clearly fall into types")),
    (REASONABLE, Message("the groups are reasonable: most villages clearly belong to their type")),
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
        ``share_same_start`` (share of starts that found the same groups, 0 to 1). A thorough
        comparison adds ``gap`` and ``gap_se``, ``prediction_strength`` (0 to 1),
        ``jaccard`` (of the least firm group over bootstrap draws, 0 to 1) and ``bic`` (of a
        Gaussian mixture, lower is better).
    k
        Number of types to draw: as many as there are valleys for; where there are none, or
        another number, the highest mean silhouette (the fewest groups where that is shared).
    recommended
        How many groups there are: 1 when no valley parts the villages, so that ``k`` types only
        cut one continuum for convenience.
    reasons
        Why, sentence by sentence, doubts included.
    n_measured
        Number of villages whose silhouette was measured.
    valleys
        Groups with valleys between them; None for too few villages to tell.
    """

    table: pd.DataFrame
    k: int
    recommended: int
    reasons: tuple[Message, ...]
    n_measured: int
    valleys: Valleys | None


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
    points: Points,
    candidates: Sequence[Partition],
    *,
    thorough: bool = False,
    method: str = "k_means",
    seed: int = 0,
    n_jobs: int | None = None,
) -> Choice:
    """Measure the candidates and recommend one of them, or none.

    Parameters
    ----------
    points
        The villages as points.
    candidates
        One grouping for each k, k ascending.
    thorough
        Also compute the gap statistic, prediction strength, bootstrap stability and the BIC of
        Gaussian mixtures: some seconds for a regency, minutes for the country. They are told as
        reasons, and do not change the recommendation. Those of draws and halves are of k-means.
    method
        How the candidates were found.
    seed
        Seed of all chance.
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
    valleys = find_valleys(points, seed=seed, n_jobs=n_jobs)
    k = int(table["silhouette"].idxmax())
    if valleys is not None and valleys.k in table.index:
        k = valleys.k
    reasons = [*_on_valleys(points, candidates, valleys, k, method), *_on_measures(table, k, widths, valleys)]
    if thorough:
        more = _thorough(points, candidates, k, seed=seed, n_jobs=n_jobs)
        table = table.join(more.table)
        reasons += more.reasons
    return Choice(
        table=table,
        k=k,
        recommended=k if valleys is None else valleys.k,
        reasons=tuple(reasons),
        n_measured=widths.n_measured,
        valleys=valleys,
    )


def _on_valleys(
    points: Points, candidates: Sequence[Partition], valleys: Valleys | None, k: int, method: str
) -> list[Message]:
    """Say whether there are groups, and whether k-means can draw them."""
    if valleys is None:
        return [
            Message("{n} villages are too few to tell whether there are groups", {"n": points.n_villages})
        ]
    found = {"k": k, "groups": valleys.k, "percent": round(100 * valleys.share)}
    if valleys.k == 1:
        return [
            Message(
                "No groups were found: nowhere among the villages is there a valley that parts them"
                " ({percent}% of the ways to look agree). The {k} types cut one continuum for convenience",
                found,
            )
        ]
    told = [
        Message(
            "There are {groups} groups with valleys between them ({percent}% of the ways to look agree)",
            found,
        )
    ]
    labels = next((candidate.labels for candidate in candidates if candidate.k == valleys.k), None)
    if labels is None:
        return [*told, Message("That number was not among those tried: {k} types are drawn instead", found)]
    own = labels[points.index][valleys.rows]
    if (
        method == "k_means"
        and adjusted_rand_index(valleys.labels, own, weights=np.ones(len(own))) < SAME_GROUPS
    ):
        told.append(
            Message(
                "They are long, bent or of unequal size, and k-means draws them differently: group by another"
                " method, such as a Gaussian mixture"
            )
        )
    return told


def _on_measures(table: pd.DataFrame, k: int, widths: MeanWidths, valleys: Valleys | None) -> list[Message]:
    best = table.loc[k]
    first = int(table["silhouette"].idxmax())
    numbers = {"k": k, "low": int(table.index.min()), "high": int(table.index.max()), "first": first}
    silhouette = {"silhouette": round(best["silhouette"], 2), "strength": strength(best["silhouette"])}
    if first == k:
        reasons = [
            Message(
                "Of {low} to {high} types, {k} have the highest mean silhouette ({silhouette})",
                {**numbers, **silhouette},
            )
        ]
    else:
        reasons = [
            Message(
                "The silhouette prefers {first} types; that of {k} is {silhouette}", {**numbers, **silhouette}
            )
        ]
    reasons.append(_second_opinion(table, k))
    if valleys is None or valleys.k > 1 or round(best["silhouette"], 2) <= REASONABLE:
        reasons.append(Message("By that silhouette {strength}", silhouette))
    else:
        reasons.append(
            Message(
                "So large a silhouette without a valley comes from values with a long tail, not from groups"
            )
        )
    rivals = table.index[(table["silhouette"] > best["silhouette"] - 0.01) & (table.index != k)]
    if len(rivals) and first == k:
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
    return reasons


@dataclass(frozen=True, eq=False)
class _More:
    table: pd.DataFrame
    reasons: list[Message]


def _thorough(
    points: Points, candidates: Sequence[Partition], k: int, *, seed: int, n_jobs: int | None
) -> _More:
    """Measure what takes longer: against no groups, on halves, on draws, and as a mixture."""
    ks = [candidate.k for candidate in candidates]
    gap = gap_statistic(points, ks, seed=seed, n_jobs=n_jobs)
    strengths = prediction_strength(points, ks, seed=seed, n_jobs=n_jobs)
    firm = bootstrap_stability(points, candidates, seed=seed, n_jobs=n_jobs)
    some = points.of(drawn(points.n_villages, MIXTURE_VILLAGES, seed, *DRAW))
    mixtures = gaussian_mixture(some, [1, *ks], n_starts=3, seed=seed, n_jobs=n_jobs)
    bic = [mixture.criteria["bic"] for mixture in mixtures]
    table = pd.DataFrame(
        {
            "gap": gap.gap[1:],
            "gap_se": gap.standard_error[1:],
            "prediction_strength": strengths,
            "jaccard": [stability.lowest for stability in firm],
            "bic": bic[1:],
        },
        index=pd.Index(ks, name="k"),
    )
    predicted = [k for k, value in zip(ks, strengths, strict=True) if value >= PREDICTS]
    values = {
        "gap": gap.k,
        "bic": [1, *ks][int(np.argmin(bic))],
        "predicted": max(predicted, default=1),
        "k": k,
        "jaccard": round(float(table.loc[k, "jaccard"]), 2),
    }
    return _More(
        table,
        [
            Message(
                "Other measures: the gap statistic prefers {gap}, the BIC of a Gaussian mixture {bic}; groups"
                " of one half of the villages predict the other up to {predicted}; when villages are drawn"
                " anew, the least firm of {k} types is found again with a similarity of {jaccard} (Jaccard;"
                " 0.75 and more is firm)",
                values,
            )
        ],
    )


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
