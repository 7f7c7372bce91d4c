"""Village codes against the register: unknown, out of use, of another village, of another area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from pk_research.language import Message
from pk_research.quality.findings import Finding, some_of
from pk_research.quality.subject import COLUMN, EXPECTED, ROW, VALUE, Subject
from pk_research.register import Candidate, Register, resolve_all
from pk_research.register.matching import agree
from pk_research.register.names import fold
from pk_research.register.village import REGENCY_LENGTH
from pk_research.sources.vocabulary import KECAMATAN, REGENCY, VILLAGE, VILLAGE_CODE

SAME_NAME = 100.0


def register_findings(subject: Subject, register: Register) -> Iterator[Finding]:
    """Report codes that the register contradicts; what lies outside its regencies is only counted."""
    if not subject.has_village_codes:
        return
    codes = subject.frame.loc[subject.is_coded, VILLAGE_CODE.name].astype("string")
    covered = codes.str[:REGENCY_LENGTH].map(register.has_regency).astype(bool)
    outside, inside = codes[~covered], codes[covered]
    if len(outside):
        message = Message("Rows outside the register's area, not compared with it: {n}", {"n": len(outside)})
        yield subject.finding("outside", "note", message, [subject.listing(outside.index, VILLAGE_CODE.name)])
    villages = _as_frame(register)
    exists = inside.isin(villages.index)
    yield from _out_of_use(subject, register, inside[~exists])
    known = villages.loc[inside[exists]].set_axis(inside.index[exists])
    yield from _other_names(subject, register, known)
    yield from _other_areas(subject, register, known)
    present = {register.old_codes.get(code, code) for code in inside}
    yield from _absent(subject, villages[~villages.index.isin(present)], inside)


def _as_frame(register: Register) -> pd.DataFrame:
    """Return the register by village code, its columns named as a dataset names them."""
    return pd.DataFrame(
        {
            VILLAGE_CODE.name: village.code,
            VILLAGE.name: village.name,
            KECAMATAN.name: village.kecamatan,
            REGENCY.name: village.regency,
        }
        for village in register
    ).set_index(VILLAGE_CODE.name, drop=False)


def _out_of_use(subject: Subject, register: Register, codes: pd.Series) -> Iterator[Finding]:
    """Report codes the register lacks: those that changed, then those it never had."""
    renumbered = codes.map(register.by_old_code).dropna()
    if len(renumbered):
        message = Message(
            "Rows with a village code that has changed: {n} ({codes})",
            {"n": len(renumbered), "codes": some_of(sorted(set(codes[renumbered.index])))},
        )
        expected = renumbered.map(lambda village: village.code)
        listing = subject.listing(renumbered.index, VILLAGE_CODE.name, expected=expected)
        yield subject.finding("old-code", "warning", message, [listing])
    unknown = codes.drop(renumbered.index)
    if len(unknown):
        message = Message(
            "Rows with a village code that does not exist: {n} ({codes})",
            {"n": len(unknown), "codes": some_of(sorted(set(unknown)))},
        )
        expected = _codes_by_name(subject, register, unknown)
        listing = subject.listing(unknown.index, VILLAGE_CODE.name, expected=expected)
        yield subject.finding("unknown-code", "error", message, [listing])


def _codes_by_name(subject: Subject, register: Register, codes: pd.Series) -> pd.Series | None:
    """Return the code of the village that the name alone means, where it means one."""
    rows = subject.frame.loc[codes.index]
    if VILLAGE.name not in rows:
        return None
    answers = resolve_all(
        rows[VILLAGE.name],
        register,
        kecamatan=rows.get(KECAMATAN.name),
        regency=codes.str[:REGENCY_LENGTH],
    )
    return pd.Series([_bearers(answer.candidates) for answer in answers], codes.index, dtype="string")


def _bearers(candidates: Sequence[Candidate]) -> str | None:
    """Return the codes of the villages that bear exactly this name."""
    return ", ".join(entry.village.code for entry in candidates if entry.score == SAME_NAME) or None


def _other_names(subject: Subject, register: Register, known: pd.DataFrame) -> Iterator[Finding]:
    """Report names that are not of the village whose code they stand beside."""
    unlike = _unlike(subject, known, VILLAGE.name)
    codes = known.loc[unlike.index, VILLAGE_CODE.name]
    answers = resolve_all(codes, register, names=unlike, regency=codes.str[:REGENCY_LENGTH])
    doubtful = unlike.index[[answer.doubt is not None for answer in answers]]
    others = pd.Series([_bearers(answer.candidates[1:]) for answer in answers], unlike.index, dtype="string")
    alike = pd.Series(map(agree, unlike, known.loc[unlike.index, VILLAGE.name]), unlike.index, dtype=bool)
    is_other = others[doubtful].notna() & ~alike[doubtful]
    of_another, unclear = doubtful[is_other], doubtful[~is_other]
    if len(of_another):
        message = Message(
            "Rows with the code of one village and the name of another: {n} ({names})",
            {"n": len(of_another), "names": some_of(subject.names(of_another))},
        )
        listings = [
            subject.listing(of_another, VILLAGE.name, expected=known[VILLAGE.name]),
            subject.listing(of_another, VILLAGE_CODE.name, expected=others),
        ]
        yield subject.finding("name-code", "error", message, listings)
    if len(unclear):
        message = Message(
            "Rows whose name is not, or not clearly, that of the village of their code: {n} ({names})",
            {"n": len(unclear), "names": some_of(subject.names(unclear))},
        )
        listing = subject.listing(unclear, VILLAGE.name, expected=known[VILLAGE.name])
        yield subject.finding("name-code", "warning", message, [listing])


def _other_areas(subject: Subject, register: Register, known: pd.DataFrame) -> Iterator[Finding]:
    """Report kecamatan and regencies other than the one the village lies in."""
    for name in (KECAMATAN.name, REGENCY.name):
        unlike = _unlike(subject, known, name)
        codes = known.loc[unlike.index, VILLAGE_CODE.name]
        prefixes = codes.str[:REGENCY_LENGTH]
        answers = (
            resolve_all(codes, register, kecamatan=unlike, regency=prefixes)
            if name == KECAMATAN.name
            else resolve_all(codes, register, regency=unlike)
        )
        elsewhere = unlike.index[[answer.doubt is not None for answer in answers]]
        if len(elsewhere):
            message = Message(
                "{label}: rows that name another one than the village lies in: {n} ({names})",
                {
                    "label": subject.label(name),
                    "n": len(elsewhere),
                    "names": some_of(subject.names(elsewhere)),
                },
            )
            listing = subject.listing(elsewhere, name, expected=known[name])
            yield subject.finding("elsewhere", "error", message, [listing])


def _unlike(subject: Subject, known: pd.DataFrame, name: str) -> pd.Series:
    """Return the names that do not even have the letters of the registered one; spelling is judged later."""
    if name not in subject.frame:
        return pd.Series(dtype="string")
    stated = subject.frame.loc[known.index, name].dropna().astype("string")
    return stated[stated.map(fold) != known.loc[stated.index, name].map(fold)]


def _absent(subject: Subject, without_row: pd.DataFrame, codes: pd.Series) -> Iterator[Finding]:
    """Report the villages without a row that lie in a regency at hand."""
    regencies = without_row[VILLAGE_CODE.name].str[:REGENCY_LENGTH]
    absent = without_row[regencies.isin(codes.str[:REGENCY_LENGTH])]
    if len(absent):
        message = Message(
            "Villages of the register without a row: {n} ({names})",
            {"n": len(absent), "names": some_of(absent[VILLAGE.name])},
        )
        rows = absent[[name for name in subject.identity if name in absent]].reset_index(drop=True)
        rows.insert(0, ROW, pd.array([pd.NA] * len(rows), dtype="Int64"))
        rows = rows.assign(**{COLUMN: VILLAGE_CODE.name, VALUE: pd.NA, EXPECTED: absent.index})
        yield Finding("absent-village", "note", message, 0, (VILLAGE_CODE.name,), rows)
