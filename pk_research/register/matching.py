"""Which villages bear a name, or one like it. Rapidfuzz measures; nothing is decided by chance.

Likeness is 100 times the optimal-string-alignment similarity of two spelling keys: one minus the
share of letters that must be dropped, added, changed or swapped with a neighbour. A likeness is
an answer only when it reaches ``ENOUGH`` and leads the next village by ``LEAD``. Both were chosen
on a damaged copy of the country's names, asked of a register that lacked one village in five, as
about the lowest that kept 99 answers in 100 right there (nearly so where nothing but the name is
known); ``tests/benchmarks`` reports what they give on another copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pk_research.register.gazetteer import Level, Scope
from pk_research.register.names import fold, numerals_in, spelling_key, split_kind
from pk_research.register.village import Village

ENOUGH: dict[Level, float] = {"kecamatan": 70, "regency": 76, "country": 84}
LEAD: dict[Level, float] = {"kecamatan": 5, "regency": 10, "country": 12}
SAME = 100.0
SHOWN = 60
SHOWN_AT_MOST = 10
CELLS_AT_ONCE = 8_000_000


@dataclass(frozen=True, slots=True)
class Match:
    """What the names of a scope say to one name.

    Attributes
    ----------
    how
        ``"name"`` for the same letters, ``"spelling"`` for another spelling.
    hits
        Villages with their likeness, 0 to 100, best first.
    is_sure
        Whether the first is the answer.
    """

    how: Literal["name", "spelling"]
    hits: tuple[tuple[Village, float], ...]
    is_sure: bool


def match_names(names: Sequence[str], scope: Scope, *, n_jobs: int = 1) -> list[Match]:
    """Look names up in a scope.

    Parameters
    ----------
    names
        As written.
    scope
        The villages they may mean.
    n_jobs
        Threads for the measuring; -1 for all. The result does not depend on it.

    Returns
    -------
    list of Match
        One for each name, in order.
    """
    exact = [exact_match(name, scope) for name in names]
    unknown = [name for name, match in zip(names, exact, strict=True) if match is None]
    alike = iter(_alike([spelling_key(name) for name in unknown], scope, n_jobs=n_jobs))
    return [match or next(alike) for match in exact]


def exact_match(name: str, scope: Scope) -> Match | None:
    """Look for a name letter by letter, then by its spelling key.

    Parameters
    ----------
    name
        As written. A kind word (``Desa``, ``Kel.``) tells a desa from a kelurahan of one name.
    scope
        The villages it may mean.

    Returns
    -------
    Match or None
        None when nobody bears the name.
    """
    bare, kind = split_kind(name)
    same_letters = scope.plain.get(fold(name)) or scope.plain.get(fold(bare))
    found = same_letters or scope.spelled.get(spelling_key(name))
    if not found:
        return None
    of_kind = [village for village in found if village.kind == kind]
    bearers = of_kind if len(of_kind) == 1 else found
    hits = tuple((village, SAME) for village in bearers)
    return Match("name" if same_letters else "spelling", hits, len(bearers) == 1)


def agree(name: str, other: str) -> bool:
    """Tell whether two names may be two writings of one.

    Parameters
    ----------
    name, other
        As written. Names with different numerals never agree.

    Examples
    --------
    >>> agree("Segara Makmur", "SAGARAMAKMUR"), agree("Sukamaju I", "Sukamaju II")
    (True, False)
    """
    from rapidfuzz.distance import OSA

    one, two = spelling_key(name), spelling_key(other)
    alike = SAME * OSA.normalized_similarity(one, two) >= ENOUGH["kecamatan"]
    return alike and numerals_in(one) == numerals_in(two)


def same(name: str, other: str) -> bool:
    """Tell whether two names are one, spelling aside.

    Parameters
    ----------
    name, other
        As written.

    Examples
    --------
    >>> same("Desa Karang I", "KARANGSATU")
    True
    """
    return fold(name) == fold(other) or spelling_key(name) == spelling_key(other)


def _alike(keys: Sequence[str], scope: Scope, *, n_jobs: int) -> Iterator[Match]:
    known = list(scope.spelled)
    for key, near in zip(keys, _nearest(keys, known, n_jobs=n_jobs), strict=True):
        hits = [(village, score) for place, score in near for village in scope.spelled[known[place]]]
        yield Match("spelling", tuple(hits[:SHOWN_AT_MOST]), _is_sure(key, hits, scope.level))


def _is_sure(key: str, hits: Sequence[tuple[Village, float]], level: Level) -> bool:
    if not hits or numerals_in(key) != numerals_in(spelling_key(hits[0][0].name)):
        return False
    second = hits[1][1] if len(hits) > 1 else 0.0
    return hits[0][1] >= ENOUGH[level] and hits[0][1] - second >= LEAD[level]


def _nearest(keys: Sequence[str], known: Sequence[str], *, n_jobs: int) -> Iterator[list[tuple[int, float]]]:
    """Yield for each key the known ones worth showing, most alike first.

    The country's names against themselves would be a matrix of gigabytes: it is made in strips.
    """
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    step = max(1, CELLS_AT_ONCE // max(1, len(known)))
    for start in range(0, len(keys), step):
        strip = process.cdist(
            keys[start : start + step], known, scorer=OSA.normalized_similarity, dtype=np.float32,
            score_cutoff=SHOWN / SAME, workers=n_jobs,
        )  # fmt: skip
        for row in strip:
            places = np.flatnonzero(row)
            order = places[np.argsort(-row[places], kind="stable")][:SHOWN_AT_MOST]
            yield [(int(place), SAME * float(row[place])) for place in order]
