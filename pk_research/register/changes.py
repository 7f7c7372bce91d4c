"""Which codes changed between two editions of the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pk_research.register.names import fold
from pk_research.register.village import KECAMATAN_LENGTH, REGENCY_LENGTH, Village

Reason = Literal["regency renumbered", "other kecamatan", "desa or kelurahan", "renumbered"]


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A village that goes by another code than before.

    Attributes
    ----------
    old_code, new_code
        The code before and after.
    village
        Its name after.
    reason
        What differs in the code, from the left: ``"regency renumbered"``, ``"other kecamatan"``,
        ``"desa or kelurahan"`` or only the last digits (``"renumbered"``).
    """

    old_code: str
    new_code: str
    village: str
    reason: Reason


def find_changes(before: Iterable[Village], after: Iterable[Village]) -> tuple[CodeChange, ...]:
    """Find villages that kept their name and regency but not their code.

    Parameters
    ----------
    before, after
        The villages of an older and a newer edition.

    Returns
    -------
    tuple of CodeChange
        In order of the old code. A pair counts only when one code of that name went out of use
        in the regency and one came into use; anything less clear is left out.

    Examples
    --------
    >>> from pk_research.register import village_at
    >>> places = {"kecamatan": "Tarumajaya", "regency": "Kabupaten Bekasi", "province": "Jawa Barat"}
    >>> (change,) = find_changes([village_at("3216012007", "SETIA ASIH", **places)],
    ...                          [village_at("3216011007", "Setia Asih", **places)])
    >>> change.new_code, change.reason
    ('3216011007', 'desa or kelurahan')
    """
    old = {village.code: village for village in before}
    new = {village.code: village for village in after}
    gone = _by_name(village for code, village in old.items() if code not in new)
    came = _by_name(village for code, village in new.items() if code not in old)
    pairs = [
        (codes[0], came[name][0])
        for name, codes in gone.items()
        if len(codes) == 1 and len(came.get(name, ())) == 1
    ]
    return tuple(CodeChange(one, two, new[two].name, _reason(one, two)) for one, two in sorted(pairs))


def _by_name(villages: Iterable[Village]) -> dict[tuple[str, str], list[str]]:
    codes: dict[tuple[str, str], list[str]] = {}
    for village in villages:
        codes.setdefault((fold(village.regency), fold(village.name)), []).append(village.code)
    return codes


def _reason(old: str, new: str) -> Reason:
    if old[:REGENCY_LENGTH] != new[:REGENCY_LENGTH]:
        return "regency renumbered"
    if old[:KECAMATAN_LENGTH] != new[:KECAMATAN_LENGTH]:
        return "other kecamatan"
    return "desa or kelurahan" if old[KECAMATAN_LENGTH] != new[KECAMATAN_LENGTH] else "renumbered"
