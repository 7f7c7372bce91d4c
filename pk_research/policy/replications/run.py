"""Every study there is, and how they are computed again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from threadpoolctl import threadpool_limits

from pk_research.errors import BadInput, Problem
from pk_research.policy.replications.decisions import DECISIONS
from pk_research.policy.replications.effects import EFFECTS
from pk_research.policy.replications.result import Found, Replications
from pk_research.policy.replications.work import Work

WORKS = (*EFFECTS, *DECISIONS)


def replicate(folder: Path | None = None, *, names: tuple[str, ...] | None = None) -> Replications:
    """Compute published figures again.

    Parameters
    ----------
    folder
        Holds the data that comes in no package; which files, and who hands them out, stands in
        ``data`` of each of `WORKS`. None for none.
    names
        Names of `WORKS`; all by default.

    Returns
    -------
    Replications
        With every figure, also where the data is not here.

    Raises
    ------
    BadInput
        When a study is not among those known.

    Examples
    --------
    >>> found = replicate(names=("Foster, Greer & Thorbecke (example of Haughton & Khandker 2009)",))
    >>> found.all_agree
    True
    """
    known = {work.name: work for work in WORKS}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise BadInput(
            Problem("names", f"{name!r} is not among the studies", "Choose from `WORKS`.") for name in unknown
        )
    return Replications(
        tuple(
            found
            for name, work in known.items()
            if names is None or name in names
            for found in _found(work, folder)
        )
    )


def _found(work: Work, folder: Path | None) -> Iterator[Found]:
    data = work.data.read(folder)
    with threadpool_limits(limits=1):  # the matrices are small: several threads only wait for each other
        ours = None if data is None else work.compute(data)
    for figure, printed in work.published.items():
        yield Found(work, printed, None if ours is None else float(ours[figure]))
