"""k-means for numbers and categories together, on the components of a factor analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pk_research.clusters.famd import KEPT_SHARE, famd
from pk_research.clusters.methods.grouping import Grouping, check_request
from pk_research.clusters.methods.kmeans import k_means
from pk_research.clusters.mixed import Mixed
from pk_research.language import Message


def famd_k_means(
    villages: Mixed,
    ks: Sequence[int],
    *,
    share: float = KEPT_SHARE,
    n_starts: int = 10,
    seed: int = 0,
    n_jobs: int | None = None,
) -> tuple[Grouping, ...]:
    """Turn mixed variables into components, then group by k-means.

    Parameters
    ----------
    villages
        From `mixed`, nothing missing.
    ks
        Numbers of groups.
    share
        Share of all variance that the components keep, as in `famd`.
    n_starts
        Starts for each k; the best is kept.
    seed, n_jobs
        Seed of all starts; workers, as in joblib.

    References
    ----------
    Pages (2004), Analyse factorielle de donnees mixtes.
    """
    check_request(villages.points, ks, n_starts=n_starts, seed=seed)
    components = famd(villages, share=share)
    note = Message(
        "Numbers and categories were turned into {n} components that keep {percent}% of the variance",
        {"n": components.n_kept, "percent": round(100 * components.share_kept)},
    )
    return tuple(
        replace(found, method="famd_k_means", notes=(note, *found.notes))
        for found in k_means(components.points, ks, n_starts=n_starts, seed=seed, n_jobs=n_jobs)
    )
