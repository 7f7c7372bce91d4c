"""The address of a village's page, and what is said when it leads nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from pk_research.language import Message
from pk_research.register import Register
from pk_research.register.village import REGENCY_LENGTH
from pk_research.sources import Dataset

KEY = "village"
LONGEST = 500
MOST_NEAR = 5
CODE = re.compile(r"[0-9]{10}")


@dataclass(frozen=True, slots=True)
class Astray:
    """An address that leads to no village.

    Attributes
    ----------
    message
        Why.
    nearest
        Villages that may have been meant: code and label, the nearest first.
    """

    message: Message
    nearest: tuple[tuple[str, str], ...]


def link_to(code: str) -> str:
    """Return the address of a village's page, relative to the app.

    Examples
    --------
    >>> link_to("3216012001")
    '?village=3216012001'
    """
    return f"?{KEY}={code}"


def asked_village(search: str) -> str | None:
    """Return what an address gives as a village, a code or not; None when it gives none.

    Examples
    --------
    >>> asked_village("?village=32.16.01.2001"), asked_village("?village=<b>"), asked_village("?x=1")
    ('3216012001', '<b>', None)
    """
    try:
        given = parse_qs(search[:LONGEST].removeprefix("?"), max_num_fields=20).get(KEY)
    except ValueError:  # more fields than any address of ours has
        return None
    return given[-1].strip().replace(".", "") if given else None


def village_years(dataset: Dataset, code: str) -> tuple[int, ...] | None:
    """Return the years in which a dataset has a village, the latest first; None when it has it in none.

    Empty for data without years.
    """
    rows = dataset.frame[dataset.frame["village_code"] == code]
    if CODE.fullmatch(code) is None or rows.empty:
        return None
    if "year" not in rows:
        return ()
    return tuple(sorted({int(year) for year in rows["year"].dropna()}, reverse=True))


def astray(code: str, dataset: Dataset, register: Register) -> Astray:
    """Say why a code leads to no village of a dataset, and which villages are nearest by code.

    Parameters
    ----------
    code
        What the address gave, of any form.
    dataset
        The villages there are.
    register
        Knows the names of villages, also of those that the dataset lacks.
    """
    known = register.by_code(code) if CODE.fullmatch(code) else None
    codes = nearest(code, [str(found) for found in dataset.frame["village_code"].dropna().unique()])
    return Astray(
        _reason(code, known.name if known else None), tuple((c, _label(c, register)) for c in codes)
    )


def _reason(code: str, name: str | None) -> Message:
    if CODE.fullmatch(code) is None:
        return Message(
            "the address does not name a village: the code of a village has 10 digits, and this is {code}",
            {"code": f"“{code[:40]}”"},
        )
    if name is None:
        return Message("no village has the code {code}", {"code": code})
    return Message("this data has nothing on {village} ({code})", {"village": name, "code": code})


def nearest(code: str, codes: list[str]) -> list[str]:
    """Return the codes that begin most like one, the numerically nearest first; none for other text.

    Examples
    --------
    >>> nearest("3216012009", ["3216012001", "3216012008", "3216022009", "1101012001"])
    ['3216012008', '3216012001', '3216022009']
    """
    if re.fullmatch(r"[0-9]{4,13}", code) is None:
        return []
    wanted = int(code[:10].ljust(10, "0"))
    # Of the same regency at least: a village elsewhere is not what anybody meant.
    alike = [other for other in codes if other.isdigit() and other[:REGENCY_LENGTH] == code[:REGENCY_LENGTH]]
    alike.sort(key=lambda other: (-_n_alike(other, code), abs(int(other) - wanted), other))
    return alike[:MOST_NEAR]


def _n_alike(code: str, other: str) -> int:
    """Return with how many digits two codes begin alike."""
    pairs = zip(code, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(code), len(other)))


def _label(code: str, register: Register) -> str:
    village = register.by_code(code)
    return code if village is None else f"{village.name} ({village.kecamatan})"
