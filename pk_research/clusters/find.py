"""Find the types of villages in a dataset: the chapter's one entry."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import sklearn

from pk_research.clusters.columns import columns_of
from pk_research.clusters.gaps import on_gaps, steps_on_gaps, without_strangers
from pk_research.clusters.grouped import Grouped, in_space
from pk_research.clusters.grouped_dense import by_density
from pk_research.clusters.grouped_mixed import around_medoids, by_answers, by_components
from pk_research.clusters.imputed import imputed_points
from pk_research.clusters.methods import each_village
from pk_research.clusters.mixed import Kind
from pk_research.clusters.naming import propose_names
from pk_research.clusters.partition import Scale, distinct_points
from pk_research.clusters.prepare import Prepared, prepare
from pk_research.clusters.profile import describe
from pk_research.clusters.request import Gaps, Method, Request, check_request
from pk_research.clusters.typology import Typology
from pk_research.indicators.spatial import Neighbours
from pk_research.language import Message
from pk_research.sources.dataset import Dataset

K_RANGE = range(2, 11)
TYPICAL = 3


def find_types(
    dataset: Dataset,
    variables: Sequence[str],
    *,
    year: int | None = None,
    k: int | None = None,
    k_range: Iterable[int] = K_RANGE,
    scale: Scale = "z",
    method: Method = "k_means",
    neighbours: Neighbours | None = None,
    kinds: Mapping[str, Kind] | None = None,
    gaps: Gaps | None = None,
    n_imputations: int = 20,
    min_size: int | None = None,
    n_starts: int = 10,
    n_draws: int = 0,
    thorough: bool = False,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Typology:
    """Group the villages of one year into types.

    Villages with the same values always share a type. The result does not depend on the order
    of the rows, the number of workers or the hash seed of Python.

    Parameters
    ----------
    dataset
        Rows keyed by village, or by village and year.
    variables
        Names of numeric variables, for the methods for categories of those too; one is enough.
    year
        Year to compare; the latest by default.
    k
        Number of types; chosen from ``k_range`` when None, by the valleys between the villages
        and, where there are none, by silhouette. ``"k_medoids"`` chooses by silhouettes on Gower's
        distance, ``"latent_classes"`` by BIC, with one class among the candidates; ``"hdbscan"``
        finds the number itself.
    k_range
        Numbers of types to compare.
    scale
        ``"z"`` so that every variable weighs alike, ``"none"`` to take values as they are.
    method
        For numbers ``"k_means"``; ``"gaussian_mixture"`` for long, overlapping or unequal groups;
        ``"ward"`` for groups within groups; ``"spatial_ward"`` for regions, each in one piece;
        ``"hdbscan"`` for dense groups of any form, with villages in no type. For numbers and
        categories ``"k_medoids"``, which allows gaps, and ``"famd_k_means"``; for categories
        ``"latent_classes"``, which allows gaps.
    neighbours
        Who is whose neighbour, for ``"spatial_ward"``; it may know more villages than are compared.
    kinds
        What variables are, where it is not what the codebook says (numbers numeric, categories and
        booleans nominal): name -> ``"ordinal"``, whose order is the codebook's; ``"nominal"``;
        ``"asymmetric"``, of which only having it in common makes villages alike; ``"numeric"``.
    gaps
        What is done about missing values: ``"leave_out"`` the village, the usual way; ``"keep"``
        it and compare it by what it has, the usual way of the methods that allow it; ``"impute"``,
        for k-means, Gaussian mixtures and Ward's method: the types rest on the mean of several
        imputations, the probability counts in how many of them a village keeps its type, and
        ``n_imputed`` says how many of its values were missing. Villages without any value are left
        out in every case, and so are for ``"k_medoids"`` those that have no variable in common
        with some other; of asymmetric ones neither having the thing is nothing in common.
    n_imputations
        Imputations, each with one repetition or more.
    min_size
        Fewest villages that are a group, for ``"hdbscan"``; 2 % of the villages by default.
    n_starts
        Starts for each k, of methods that start by chance.
    n_draws
        Repetitions on villages drawn anew, from which the probability of each village's type is
        counted; 0 for none. Without any, that of ``"latent_classes"`` is the model's.
    thorough
        Compare the k's by more measures, which takes longer; see `Choice`.
    seed
        Seed of all chance, 0 or more.
    n_jobs
        Workers, as in joblib: one unless the caller has opened a `joblib.parallel_config`.

    Returns
    -------
    Typology
        Every village of the year is either in ``villages`` or, with a reason, in ``left_out``.

    Raises
    ------
    BadInput, NotFound
        When a variable or the year does not exist, a variable is not of a kind the method takes or
        does not vary, the method cannot do what is asked, or too few villages can be compared for
        that many types.

    References
    ----------
    Kaufman and Rousseeuw (1990), Finding groups in data. Rubin (1987), Multiple imputation for
    nonresponse in surveys.
    """
    request = Request(
        method=method,
        k=k,
        k_range=tuple(sorted(set(k_range))),
        scale=scale,
        neighbours=neighbours,
        kinds=kinds or {},
        gaps=gaps,
        n_imputations=n_imputations,
        min_size=min_size,
        n_starts=n_starts,
        n_draws=n_draws,
        thorough=thorough,
        seed=seed,
        n_jobs=n_jobs,
    )
    check_request(request)
    prepared = prepare(
        dataset,
        variables,
        year=year,
        kinds=request.kinds,
        allowed=request.needs.kinds,
        keep_gaps=request.handling != "leave_out",
    )
    if request.method == "k_medoids":
        prepared = without_strangers(prepared)
    grouped = _grouped(prepared, request)
    cluster = grouped.labels[grouped.points.index] + 1
    columns = columns_of(prepared.villages, prepared.variables, prepared.kinds)
    profile = describe(columns.measured, cluster, columns.names, category_of=columns.category_of)
    villages = _with_types(prepared, grouped, request)
    is_typed = cluster > 0
    return Typology(
        villages=villages[is_typed].reset_index(drop=True),
        left_out=_left_out(prepared, is_typed),
        k=grouped.k,
        names=propose_names(profile, columns.variables),
        choice=grouped.choice,
        certainty=grouped.certainty,
        profile=profile,
        typical=_typical(prepared, grouped, cluster),
        variables=prepared.variables,
        kinds=prepared.kinds,
        gaps=request.handling,
        codebook=prepared.codebook,
        year=prepared.year,
        scale=scale,
        method=method,
        notes=(*on_gaps(prepared, request), *grouped.notes),
        n_starts=n_starts,
        seed=seed,
        share_same_start=grouped.share_same,
        n_reference=grouped.n_reference,
        steps=(*prepared.steps, *steps_on_gaps(prepared, request)),
        title=dataset.provenance.title,
        made=dataset.provenance.made,
        input_hash=dataset.content_hash,
        versions=_versions(),
    )


def _grouped(prepared: Prepared, request: Request) -> Grouped:
    """Group the villages in the form that the method takes."""
    if request.method == "k_medoids":
        return around_medoids(prepared.mixed(), request)
    if request.method == "latent_classes":
        return by_answers(prepared.mixed(), request)
    if request.method == "famd_k_means":
        return by_components(prepared.mixed(), request)
    if request.handling == "impute" and prepared.n_gaps.any():
        imputed = imputed_points(
            prepared.measured, scale=request.scale, n_imputations=request.n_imputations, seed=request.seed
        )
        return in_space(imputed.points, request, variants=imputed.variants)
    if request.neighbours is not None:
        return in_space(each_village(prepared.measured, scale=request.scale), request, codes=prepared.codes)
    points = distinct_points(prepared.measured, scale=request.scale)
    return by_density(points, request) if request.method == "hdbscan" else in_space(points, request)


def _with_types(prepared: Prepared, grouped: Grouped, request: Request) -> pd.DataFrame:
    """Add to every village its type and how firmly it sits there."""
    index = grouped.points.index
    villages = prepared.villages.assign(
        cluster=grouped.labels[index] + 1,
        silhouette=grouped.widths.width[index],
        second_cluster=grouped.widths.second[index] + 1,
    )
    if grouped.probability is not None:
        villages["probability"] = grouped.probability[index]
    villages["is_border"] = grouped.is_border[index]
    if request.handling == "impute":
        villages["n_imputed"] = prepared.n_gaps
    return villages


def _left_out(prepared: Prepared, is_typed: np.ndarray) -> pd.DataFrame:
    """List the records set aside and, marked as such, the villages in no type."""
    if is_typed.all():
        return prepared.left_out
    places = prepared.villages.loc[~is_typed, list(prepared.codebook.names)]
    reason = Message("in no type: no dense group of villages is like it")
    in_no_type = places.assign(reason=pd.Series([reason] * len(places), index=places.index, dtype=object))
    return pd.concat(
        [prepared.left_out.assign(in_no_type=False), in_no_type.assign(in_no_type=True)], ignore_index=True
    )


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "scikit-learn": sklearn.__version__,
    }


def _typical(prepared: Prepared, grouped: Grouped, cluster: np.ndarray) -> pd.DataFrame:
    """Return the villages closest to what is typical of their cluster."""
    places = prepared.villages[list(prepared.codebook.names)]
    ranked = places.assign(cluster=cluster, distance=grouped.away[grouped.points.index])
    ranked = ranked[cluster > 0].sort_values(["cluster", "distance"], kind="stable")
    ranked.insert(0, "rank", ranked.groupby("cluster").cumcount() + 1)
    return ranked[ranked["rank"] <= TYPICAL].reset_index(drop=True)
