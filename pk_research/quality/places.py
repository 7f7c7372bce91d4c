"""Village codes by themselves: their form, what they were swapped with, the area they say."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pk_research.language import Message
from pk_research.quality.findings import Finding, some_of
from pk_research.quality.subject import Subject
from pk_research.register import normalise_code
from pk_research.register.village import KECAMATAN_LENGTH, PROVINCE_LENGTH, REGENCY_LENGTH
from pk_research.sources.vocabulary import (
    KECAMATAN_CODE,
    PROVINCE_CODE,
    REGENCY_CODE,
    VILLAGE,
    VILLAGE_CODE,
)

PREFIX_LENGTH = {
    KECAMATAN_CODE.name: KECAMATAN_LENGTH,
    REGENCY_CODE.name: REGENCY_LENGTH,
    PROVINCE_CODE.name: PROVINCE_LENGTH,
}


def code_findings(subject: Subject) -> Iterator[Finding]:
    """Report swapped columns, codes that are not ten digits, and areas that contradict the code."""
    if not subject.has_village_codes:
        return
    swapped = _swapped(subject)
    if len(swapped):
        message = Message(
            "Rows with the code of the village in place of its name, and the name in place of the code: {n}",
            {"n": len(swapped)},
        )
        listing = subject.listing(swapped, VILLAGE_CODE.name, expected=subject.frame[VILLAGE.name])
        yield subject.finding("swapped", "error", message, [listing])
    rest = subject.without(swapped)
    yield from _malformed(rest)
    yield from _other_areas(rest)


def _swapped(subject: Subject) -> pd.Index:
    if VILLAGE.name not in subject.frame:
        return subject.frame.index[:0]
    uncoded = subject.frame[~subject.is_coded]
    codes = uncoded[VILLAGE_CODE.name].astype("string")
    has_no_digits = codes.str.fullmatch(r"\D+").fillna(value=False)
    code_as_name = uncoded[VILLAGE.name].map(normalise_code, na_action="ignore").notna()
    return uncoded.index[has_no_digits & code_as_name]


def _malformed(subject: Subject) -> Iterator[Finding]:
    codes = subject.frame[VILLAGE_CODE.name]
    malformed = codes[codes.notna() & ~subject.is_coded]
    if len(malformed):
        message = Message(
            "Village codes that are not ten digits: {n} ({codes})",
            {"n": len(malformed), "codes": some_of(sorted(set(malformed.astype("string"))))},
        )
        expected = malformed.map(normalise_code)
        listing = subject.listing(malformed.index, VILLAGE_CODE.name, expected=expected)
        yield subject.finding("code-form", "error", message, [listing])


def _other_areas(subject: Subject) -> Iterator[Finding]:
    """Compare the codes of kecamatan, regency and province with the beginning of the village code."""
    codes = subject.frame.loc[subject.is_coded, VILLAGE_CODE.name].astype("string")
    for name, length in PREFIX_LENGTH.items():
        if name not in subject.frame:
            continue
        stated = subject.frame.loc[codes.index, name].astype("string")
        expected = codes.str[:length]
        differs = stated.index[(stated != expected).fillna(value=False).astype(bool)]
        if len(differs):
            message = Message(
                "{label}: rows that say another one than their village code does: {n}",
                {"label": subject.label(name), "n": len(differs)},
            )
            listing = subject.listing(differs, name, expected=expected)
            yield subject.finding("code-area", "error", message, [listing])
