"""From the codes of BPS to those of Kemendagri, made from data that carry both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pk_research.register.codes import normalise_code


@runtime_checkable
class Frame(Protocol):
    """A table with two columns, such as one of pandas."""

    def itertuples(self, *, index: bool, name: None) -> Iterable[tuple[object, object]]:
        """Return the rows as tuples."""


@dataclass(frozen=True, slots=True, eq=False)
class Crosswalk(Mapping[str, tuple[str, ...]]):
    """BPS code -> the Kemendagri codes it stood beside, in order of appearance.

    Attributes
    ----------
    targets
        All pairs that could be read.
    conflicts
        Those BPS codes that stood beside more than one Kemendagri code: the village was
        renumbered, or somebody erred. `resolve` names a village only if all lead to one.
    shared
        Kemendagri code -> its BPS codes, where there are several.
    unreadable
        Pairs in which either is missing or no code of 10 digits, each once.
    """

    targets: Mapping[str, tuple[str, ...]]
    conflicts: Mapping[str, tuple[str, ...]]
    shared: Mapping[str, tuple[str, ...]]
    unreadable: tuple[tuple[object, object], ...]

    def __getitem__(self, bps_code: str) -> tuple[str, ...]:
        return self.targets[bps_code]

    def __iter__(self) -> Iterator[str]:
        return iter(self.targets)

    def __len__(self) -> int:
        return len(self.targets)


def make_crosswalk(pairs: Iterable[tuple[object, object]] | Frame) -> Crosswalk:
    """Make a crosswalk from pairs of a BPS code and a Kemendagri code.

    Parameters
    ----------
    pairs
        Pairs in any form `normalise_code` reads, or a frame whose two columns are the pairs.

    Returns
    -------
    Crosswalk
        Pairs that could not be read, and codes that lead to several, are listed in it.

    Examples
    --------
    >>> crosswalk = make_crosswalk([(3216050001.0, "32.16.03.2001"), ("3216050001", None)])
    >>> crosswalk["3216050001"], len(crosswalk.unreadable)
    (('3216032001',), 1)
    """
    rows = pairs.itertuples(index=False, name=None) if isinstance(pairs, Frame) else pairs
    forward: dict[str, dict[str, None]] = {}
    backward: dict[str, dict[str, None]] = {}
    unreadable: dict[str, tuple[object, object]] = {}
    for bps, kemendagri in rows:
        source, target = normalise_code(bps), normalise_code(kemendagri)
        if source is None or target is None:
            unreadable.setdefault(repr((bps, kemendagri)), (bps, kemendagri))
            continue
        forward.setdefault(source, {})[target] = None
        backward.setdefault(target, {})[source] = None
    return Crosswalk(
        targets={code: tuple(others) for code, others in forward.items()},
        conflicts={code: tuple(others) for code, others in forward.items() if len(others) > 1},
        shared={code: tuple(others) for code, others in backward.items() if len(others) > 1},
        unreadable=tuple(unreadable.values()),
    )
