"""Where heavy loops run: in this process, on several cores, or on a Dask cluster; the same numbers.

The chapters call ``joblib.Parallel(n_jobs=n_jobs)`` with ``n_jobs=None`` unless told otherwise, and
so follow what is opened here::

    with computing():
        types = clusters.find_types(dataset, variables, n_draws=100)

Every draw has its own seed, derived from the one that was given, so that neither the number of
workers, nor how the work is dealt out, nor a worker that dies changes a result.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pk_research.settings import Settings, read_settings

__all__ = ["computing"]


@contextmanager
def computing(settings: Settings | None = None) -> Iterator[None]:
    """Have the heavy loops inside the block run where the settings say.

    Parameters
    ----------
    settings
        Those of the environment by default; see ``PK_COMPUTE`` in `pk_research.settings`.

    Raises
    ------
    NotReady
        When a Dask cluster is wanted and Dask is not installed, its scheduler cannot be reached,
        it has no workers, or they would compute with other versions.

    Examples
    --------
    >>> from joblib import Parallel, delayed
    >>> with computing(read_settings({"PK_COMPUTE": "1"})):
    ...     Parallel()(delayed(abs)(n) for n in (-1, 2))
    [1, 2]
    """
    where = (read_settings() if settings is None else settings).compute
    if not where:
        yield
        return
    if where.startswith("tcp://"):
        from pk_research.compute.cluster import dask_cluster

        with dask_cluster(where):
            yield
    else:
        from joblib import parallel_config

        with parallel_config(n_jobs=-1 if where == "all" else int(where)):
            yield
