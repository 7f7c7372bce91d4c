"""Where a name may lie: villages by the ways their names are written, within known bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from pk_research.register.codes import read_code
from pk_research.register.names import fold, spelling_key
from pk_research.register.village import REGENCY_LENGTH, Village

Level = Literal["kecamatan", "regency", "country"]
Areas = frozenset[str]
K = TypeVar("K")
V = TypeVar("V")

_KECAMATAN = re.compile(r"\s*(?:kecamatan|kec|distrik)\b[\s.:]*", re.IGNORECASE)
_REGENCY = re.compile(r"\s*(kabupaten|kab|kota)\b[\s.:]*(?:(?:administrasi|adm)\b[\s.]*)?", re.IGNORECASE)
ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Scope:
    """Villages a name may mean, by the ways the name is written.

    Attributes
    ----------
    plain
        Folded name -> the villages that bear it.
    spelled
        Spelling key -> the villages that bear it.
    level
        How narrow it is: inside one kecamatan, inside one regency, or wider.
    """

    plain: Mapping[str, Sequence[Village]]
    spelled: Mapping[str, Sequence[Village]]
    level: Level


def scope_of(villages: Sequence[Village]) -> Scope:
    """Index villages by the ways their names are written.

    Parameters
    ----------
    villages
        The villages a name may mean.
    """
    level: Level = "country"
    if len({village.kecamatan_code for village in villages}) == 1:
        level = "kecamatan"
    elif len({village.regency_code for village in villages}) == 1:
        level = "regency"
    return Scope(
        plain=_grouped((fold(village.name), village) for village in villages),
        spelled=_grouped((spelling_key(village.name), village) for village in villages),
        level=level,
    )


class Gazetteer:
    """The names of a register, indexed as they are asked for.

    Parameters
    ----------
    villages
        All villages of the register.
    """

    def __init__(self, villages: Iterable[Village]) -> None:
        self._by_kecamatan = _grouped((village.kecamatan_code, village) for village in villages)
        first = [group[0] for group in self._by_kecamatan.values()]
        regencies = {village.regency_code: village.regency for village in first}
        self._regencies = regencies.keys()
        self._kecamatan_names = _grouped((spelling_key(v.kecamatan), v.kecamatan_code) for v in first)
        self._regency_names = {
            kind: _grouped(
                (bare, code)
                for code, name in regencies.items()
                for its_kind, bare in [_regency_name(name)]
                if kind in {"", its_kind}
            )
            for kind in ("kabupaten", "kota", "")
        }
        self._scopes: dict[Areas | None, Scope] = {}

    def scope(self, areas: Areas | None = None) -> Scope:
        """Return the villages inside some areas.

        Parameters
        ----------
        areas
            Codes of kecamatan or regencies; None for the whole register.
        """
        if areas not in self._scopes:
            self._scopes[areas] = scope_of(list(self._inside(areas)))
        return self._scopes[areas]

    def _inside(self, areas: Areas | None) -> Iterator[Village]:
        if areas and areas <= self._by_kecamatan.keys():
            for code in sorted(areas):
                yield from self._by_kecamatan[code]
            return
        for code, villages in self._by_kecamatan.items():
            if areas is None or code in areas or code[:REGENCY_LENGTH] in areas:
                yield from villages

    def kecamatan(self, text: str, *, regencies: Areas | None = None) -> Areas:
        """Find the kecamatan a text means: several where homonyms allow it.

        Parameters
        ----------
        text
            A name or a code of 6 digits.
        regencies
            Codes of the regencies it must lie in; None for any.

        Returns
        -------
        frozenset of str
            Codes; empty when there is no such kecamatan.
        """
        reading = read_code(text)
        if reading:
            found = frozenset({reading.digits} & self._by_kecamatan.keys())
        else:
            found = _meant(spelling_key(_KECAMATAN.sub("", text, count=1)), self._kecamatan_names, regencies)
        return _within(found, regencies)

    def regency(self, text: str) -> Areas:
        """Find the regencies a text means; ``Bekasi`` alone may be the kabupaten or the kota.

        Parameters
        ----------
        text
            A name or a code of 4 digits.

        Returns
        -------
        frozenset of str
            Codes; empty when there is no such regency.
        """
        reading = read_code(text)
        if reading:
            return frozenset({reading.digits} & self._regencies)
        kind, bare = _regency_name(text)
        return _meant(bare, self._regency_names[kind])


def _regency_name(text: str) -> tuple[str, str]:
    """Return the kind of regency, empty where it is not said, and the folded name without it."""
    match = _REGENCY.match(text)
    if match is None:
        return "", fold(text)
    return "kota" if match[1].lower() == "kota" else "kabupaten", fold(text[match.end() :])


def _meant(key: str, names: Mapping[str, Sequence[str]], regencies: Areas | None = None) -> Areas:
    """Return the codes under a name, or under the one most like it."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if found := _within(names.get(key, ()), regencies):
        return found
    inside = {name: codes for name, codes in names.items() if _within(codes, regencies)}
    close = process.extract(
        key, list(inside), scorer=OSA.normalized_similarity, score_cutoff=ALIKE, limit=None
    )
    best = max((score for _, score, _ in close), default=0.0)
    return frozenset(code for name, score, _ in close if score == best for code in inside[name])


def _within(codes: Iterable[str], regencies: Areas | None) -> Areas:
    return frozenset(code for code in codes if regencies is None or code[:REGENCY_LENGTH] in regencies)


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
