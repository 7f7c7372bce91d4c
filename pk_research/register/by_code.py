"""From the digits of a code to a village: in use, out of use, or of BPS."""

from __future__ import annotations

from collections.abc import Mapping

from pk_research.language import Message
from pk_research.register.book import Register
from pk_research.register.codes import CodeReading
from pk_research.register.gazetteer import scope_of
from pk_research.register.matching import SAME, match_names
from pk_research.register.resolution import Candidate, Resolution, certain, doubtful, place
from pk_research.register.village import (
    CODE_LENGTH,
    KECAMATAN_LENGTH,
    KELURAHAN_DIGIT,
    REGENCY_LENGTH,
    Village,
)

Crosswalking = Mapping[str, str | tuple[str, ...]]

HAS_CODE = Message("has this code")
HAD_CODE = Message("had this code before it changed")
HAS_BPS_CODE = Message("has this code of BPS")
OTHER_KIND = Message("its code differs only in the digit that tells desa from kelurahan")
DESA_DIGIT = "2"
BPS_DIGIT = "0"
SEVERAL = 2
NINE_DIGITS_OF_TEN = 90.0


def resolve_code(reading: CodeReading, register: Register, crosswalk: Crosswalking | None) -> Resolution:
    """Find the village that a code means.

    Parameters
    ----------
    reading
        The digits.
    register
        The villages.
    crosswalk
        BPS code -> Kemendagri code or codes, if there is one.
    """
    code = reading.digits
    if not reading.is_whole:
        return doubtful(
            Message("Digits of the code were rounded away ({code}...): keep codes as text.", {"code": code})
        )
    if len(code) != CODE_LENGTH:
        return doubtful(_wrong_length(code, register))
    return _by_digits(code, register, crosswalk)


def _by_digits(code: str, register: Register, crosswalk: Crosswalking | None) -> Resolution:
    village = register.by_code(code)
    by_bps = _by_bps_code(code, register, crosswalk or {})
    if village and by_bps and by_bps.village not in {None, village}:
        return _in_both_systems(code, village, by_bps.candidates[0])
    if village:
        return certain(Candidate(village, SAME, HAS_CODE), "code")
    if by_bps:
        return by_bps
    renumbered = register.by_old_code(code)
    if renumbered:
        return certain(Candidate(renumbered, SAME, HAD_CODE), "old code")
    return doubtful(_unknown(code, register, crosswalk), _of_other_kind(code, register))


def _in_both_systems(code: str, village: Village, other: Candidate) -> Resolution:
    return doubtful(
        Message(
            "{code} is the Kemendagri code of {village} and the BPS code of {other}.",
            {"code": code, "village": place(village), "other": place(other.village)},
        ),
        (Candidate(village, SAME, HAS_CODE), other),
    )


def told_by_name(answer: Resolution, name: str) -> Resolution:
    """Let the name beside a code decide, where the code alone leads to several villages.

    Parameters
    ----------
    answer
        What `resolve_code` returned.
    name
        The name beside the code; empty when there is none.
    """
    if answer.village or len(answer.candidates) < SEVERAL or not name:
        return answer
    (match,) = match_names([name], scope_of([candidate.village for candidate in answer.candidates]))
    if not match.is_sure:
        return answer
    meant = next(candidate for candidate in answer.candidates if candidate.village is match.hits[0][0])
    return certain(meant, "code" if meant.reason == HAS_CODE else "bps code")


def _by_bps_code(code: str, register: Register, crosswalk: Crosswalking) -> Resolution | None:
    targets = crosswalk.get(code)
    if targets is None:
        return None
    codes = (targets,) if isinstance(targets, str) else targets
    found = {target: register.by_code(target) or register.by_old_code(target) for target in codes}
    villages = list(dict.fromkeys(village for village in found.values() if village))
    candidates = tuple(Candidate(village, SAME, HAS_BPS_CODE) for village in villages)
    absent = [target for target, village in found.items() if village is None]
    if absent:
        return doubtful(
            Message(
                "The crosswalk leads from BPS code {code} to {target}, which is not in the register.",
                {"code": code, "target": ", ".join(absent)},
            ),
            candidates,
        )
    if len(villages) > 1:
        return doubtful(
            Message(
                "The crosswalk leads from BPS code {code} to {n} villages.",
                {"code": code, "n": len(villages)},
            ),
            candidates,
        )
    return certain(candidates[0], "bps code")


def _wrong_length(code: str, register: Register) -> Message:
    kecamatan = register.kecamatan().get(code)
    if kecamatan:
        return Message(
            "{code} is the code of kecamatan {kecamatan}, not of a village.",
            {"code": code, "kecamatan": kecamatan},
        )
    return Message(
        "The code {code} has {n} digits; the code of a village has 10.", {"code": code, "n": len(code)}
    )


def _unknown(code: str, register: Register, crosswalk: Crosswalking | None) -> Message:
    if crosswalk is None and code[KECAMATAN_LENGTH] == BPS_DIGIT:
        return Message(
            "No village has the code {code}. It is built like a code of BPS, which needs a crosswalk.",
            {"code": code},
        )
    if not register.has_regency(code[:REGENCY_LENGTH]):
        return Message(
            "The code {code} lies in regency {regency}, which this register does not hold.",
            {"code": code, "regency": code[:REGENCY_LENGTH]},
        )
    return Message("No village has the code {code}.", {"code": code})


def _of_other_kind(code: str, register: Register) -> tuple[Candidate, ...]:
    digit = DESA_DIGIT if code[KECAMATAN_LENGTH] == KELURAHAN_DIGIT else KELURAHAN_DIGIT
    kin: Village | None = register.by_code(code[:KECAMATAN_LENGTH] + digit + code[KECAMATAN_LENGTH + 1 :])
    return (Candidate(kin, NINE_DIGITS_OF_TEN, OTHER_KIND),) if kin else ()
