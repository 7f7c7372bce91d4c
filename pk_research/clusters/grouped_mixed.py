"""Types of villages with categories and gaps: medoids, latent classes, and components for k-means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import entr

from pk_research.clusters.certainty import Certainty, certainty_of
from pk_research.clusters.choice import Choice, strength
from pk_research.clusters.famd import famd
from pk_research.clusters.gower import Gower, gower
from pk_research.clusters.gower_widths import gower_widths, mean_gower_widths, n_reference
from pk_research.clusters.grouped import (
    Grouped,
    in_space,
    is_unsure,
    number_by_size,
    with_untried,
)
from pk_research.clusters.methods import Grouping, k_medoids, latent_classes
from pk_research.clusters.mixed import Kind, Mixed
from pk_research.clusters.partition import Points
from pk_research.clusters.request import Request, possible_ks
from pk_research.clusters.silhouette import Widths
from pk_research.clusters.typology import BORDER, SURE
from pk_research.errors import BadInput, Problem
from pk_research.language import Message

CLOSE = 0.01


def by_components(villages: Mixed, request: Request) -> Grouped:
    """Group by k-means on the components of a factor analysis of mixed data."""
    components = famd(villages)
    grouped = in_space(components.points, request, number=number_by_size)
    note = Message(
        "Numbers and categories were turned into {n} components that keep {percent}% of the variance",
        {"n": components.n_kept, "percent": round(100 * components.share_kept)},
    )
    return replace(grouped, notes=(note, *grouped.notes))


def around_medoids(villages: Mixed, request: Request) -> Grouped:
    """Group around villages that represent the others, by Gower's distance; gaps are skipped."""
    points, measure = villages.points, gower(villages)
    found = k_medoids(villages, possible_ks(points, request), seed=request.seed, n_jobs=request.n_jobs)
    candidates = _each_k(found)
    choice = None
    if request.k is None:
        choice = with_untried(_by_silhouette(measure, points, candidates, request), request, points)
    best = candidates[choice.k if choice else max(candidates)]
    labels = number_by_size(points, best.labels)
    widths = gower_widths(measure, points, labels, seed=request.seed, n_jobs=request.n_jobs)
    certainty = _repeated(villages, labels, request)
    probability = None if certainty is None else certainty.own(labels)
    return Grouped(
        points=points,
        k=best.k,
        labels=labels,
        choice=choice,
        certainty=certainty,
        probability=probability,
        widths=widths,
        is_border=(widths.width < BORDER) | is_unsure(probability),
        away=_from_medoid(measure, best),
        share_same=best.share_same,
        n_reference=n_reference(points, best.k),
        notes=best.notes,
    )


def by_answers(villages: Mixed, request: Request) -> Grouped:
    """Sort villages into latent classes; one class is among the candidates."""
    points = villages.points
    ks = possible_ks(points, request)
    if request.k is None:
        ks = [1, *ks]
    found = latent_classes(villages, ks, n_starts=request.n_starts, seed=request.seed, n_jobs=request.n_jobs)
    candidates = _each_k(found)
    # The classes know no order of grades, so the distance knows none either.
    nominal: Kind = "nominal"
    unordered = (nominal,) * len(villages.kinds)
    measure = gower(replace(villages, kinds=unordered))
    choice = None
    if request.k is None:
        compared = _by_information(measure, points, [found[0], *candidates.values()], request)
        choice = with_untried(compared, request, points)
    best = candidates[choice.k if choice else max(candidates)]
    labels = number_by_size(points, best.labels)
    answers = _Answers.of(best, labels)
    width = gower_widths(measure, points, labels, seed=request.seed, n_jobs=request.n_jobs).width
    certainty = _repeated(villages, labels, request)
    probability = answers.own if certainty is None else certainty.own(labels)
    return Grouped(
        points=points,
        k=best.k,
        labels=labels,
        choice=choice,
        certainty=certainty,
        probability=probability,
        widths=Widths(width=width, second=answers.second),
        is_border=np.minimum(answers.own, probability) < SURE,
        away=1 - answers.own,
        share_same=best.share_same,
        n_reference=n_reference(points, best.k),
        notes=best.notes,
    )


def _each_k(found: Sequence[Grouping]) -> Mapping[int, Grouping]:
    """Return the groupings of two groups or more, each number of groups once."""
    by_k: dict[int, Grouping] = {}
    for grouping in found:
        if grouping.k > 1:
            by_k.setdefault(grouping.k, grouping)
    if not by_k:
        raise BadInput(
            Problem("k", "the method could fill only one type", "Choose other variables, or another method.")
        )
    return dict(sorted(by_k.items()))


def _repeated(villages: Mixed, labels: np.ndarray, request: Request) -> Certainty | None:
    if not request.n_draws:
        return None
    return certainty_of(
        villages.points,
        labels,
        method=request.method,
        kinds=villages.kinds,
        n_draws=request.n_draws,
        seed=request.seed,
        n_jobs=request.n_jobs,
    )


def _from_medoid(measure: Gower, found: Grouping) -> np.ndarray:
    away = measure.distances(np.asarray(found.medoids), slice(None))
    return np.asarray(away[found.labels, np.arange(len(found.labels))])


def _by_silhouette(
    measure: Gower, points: Points, candidates: Mapping[int, Grouping], request: Request
) -> Choice:
    """Choose the number of medoids whose groups are told apart best."""
    groupings = [grouping.labels for grouping in candidates.values()]
    widths = mean_gower_widths(measure, points, groupings, seed=request.seed, n_jobs=request.n_jobs)
    table = pd.DataFrame(
        {
            "silhouette": widths.means,
            "silhouette_se": widths.standard_errors,
            "mean_distance": [grouping.criteria["mean_distance"] for grouping in candidates.values()],
            "share_same_start": [grouping.share_same for grouping in candidates.values()],
        },
        index=pd.Index(candidates, name="k"),
    )
    k = int(table["silhouette"].idxmax())
    silhouette = float(table.loc[k, "silhouette"])
    reasons = [
        Message(
            "Of {low} to {high} types, {k} have the highest mean silhouette ({silhouette}) on Gower's"
            " distance",
            {"low": min(candidates), "high": max(candidates), "k": k, "silhouette": round(silhouette, 2)},
        ),
        Message("By that silhouette {strength}", {"strength": strength(silhouette)}),
        Message("It compares numbers of types; whether there are any groups at all it cannot tell"),
    ]
    rivals = table.index[(table["silhouette"] > silhouette - CLOSE) & (table.index != k)]
    if len(rivals):
        reasons.append(
            Message(
                "{rivals} types are practically as good (silhouette within 0.01)",
                {"rivals": ", ".join(map(str, rivals))},
            )
        )
    if len(table) > 1 and k == table.index.max():
        reasons.append(Message("{k} is the most that was tried: more types might do better", {"k": k}))
    if widths.n_measured < points.n_villages:
        reasons.append(
            Message(
                "Silhouettes are estimated from {n} villages drawn at random (standard error {se})",
                {"n": widths.n_measured, "se": float(f"{table.loc[k, 'silhouette_se']:.1g}")},
            )
        )
    return Choice(table, k, k, tuple(reasons), widths.n_measured, None)


def _by_information(measure: Gower, points: Points, found: Sequence[Grouping], request: Request) -> Choice:
    """Choose the number of classes that says most with fewest parameters; it may be one."""
    several = [grouping.labels for grouping in found[1:]]
    widths = mean_gower_widths(measure, points, several, seed=request.seed, n_jobs=request.n_jobs)
    table = pd.DataFrame(
        {
            "bic": [grouping.criteria["bic"] for grouping in found],
            "log_likelihood": [grouping.criteria["log_likelihood"] for grouping in found],
            "entropy": [_entropy(grouping, points) for grouping in found],
            "silhouette": [np.nan, *widths.means],
            "silhouette_se": [np.nan, *widths.standard_errors],
            "share_same_start": [grouping.share_same for grouping in found],
        },
        index=pd.Index([grouping.k for grouping in found], name="k"),
    )
    recommended = int(table["bic"].idxmin())
    k = int(table["bic"].iloc[1:].idxmin())
    values = {"low": 1, "high": int(table.index.max()), "k": k, "bic": round(float(table.loc[k, "bic"]))}
    if recommended == 1:
        reasons = [
            Message(
                "No groups were found: the answers are explained best as those of one kind of villages (BIC"
                " {one}, with {k} classes {bic}; lower is better). The {k} types only cut it for convenience",
                {**values, "one": round(float(table.loc[1, "bic"]))},
            )
        ]
    else:
        reasons = [Message("Of {low} to {high} classes, {k} have the lowest BIC ({bic})", values)]
    reasons.append(
        Message(
            "How surely the answers tell the classes apart: {entropy} (relative entropy; 1 is surely)",
            {"entropy": round(float(table.loc[k, "entropy"]), 2)},
        )
    )
    if len(table) > 2 and k == table.index.max():
        reasons.append(Message("{k} is the most that was tried: more types might do better", {"k": k}))
    return Choice(table, k, recommended, tuple(reasons), widths.n_measured, None)


def _entropy(found: Grouping, points: Points) -> float:
    """Return one less the mean entropy of the memberships, as a share of the largest possible."""
    membership = np.asarray(found.membership)
    if membership.shape[1] < 2:
        return float("nan")
    each = entr(membership).sum(axis=1)
    return 1 - float(np.average(each, weights=points.weights) / np.log(membership.shape[1]))


@dataclass(frozen=True, eq=False)
class _Answers:
    """How probable the own class of each point is, and which comes next."""

    own: np.ndarray
    second: np.ndarray

    @classmethod
    def of(cls, found: Grouping, labels: np.ndarray) -> _Answers:
        each = np.arange(len(labels))
        new = np.zeros(found.k, dtype=int)
        new[found.labels] = labels
        membership = np.asarray(found.membership)[:, np.argsort(new)]
        others = membership.copy()
        others[each, labels] = -1
        return cls(own=membership[each, labels], second=others.argmax(axis=1))
