"""Who has answered: villages and submissions by kecamatan."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pk_research.quality.fieldwork.interviews import Interview
from pk_research.register import Register, Village

STATES = ("approved", "received", "has issues", "rejected")


@dataclass(frozen=True, slots=True)
class VillageCoverage:
    """What has come from one village.

    Attributes
    ----------
    village
        The village.
    n_by_state
        Number of submissions by review state.
    """

    village: Village
    n_by_state: Counter[str]

    @property
    def n(self) -> int:
        """Number of submissions, rejected ones left out."""
        return self.n_by_state.total() - self.n_by_state["rejected"]

    @property
    def state(self) -> str:
        """The best state among its submissions; empty when none has come."""
        return next((state for state in STATES if self.n_by_state[state]), "")


@dataclass(frozen=True, slots=True)
class KecamatanCoverage:
    """What has come from the villages of one kecamatan.

    Attributes
    ----------
    code, name
        The kecamatan.
    villages
        Its villages, by code.
    """

    code: str
    name: str
    villages: tuple[VillageCoverage, ...]

    @property
    def n_answered(self) -> int:
        """Number of villages with a submission that was not rejected."""
        return sum(village.n > 0 for village in self.villages)

    @property
    def n_approved(self) -> int:
        """Number of villages with an approved submission."""
        return sum(village.n_by_state["approved"] > 0 for village in self.villages)

    @property
    def n_submissions(self) -> int:
        """Number of submissions, rejected ones left out."""
        return sum(village.n for village in self.villages)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who has answered and who has not.

    Attributes
    ----------
    kecamatan
        By code, villages without any submission included.
    elsewhere
        Submissions by village code, for codes the register does not have.
    without_village
        Number of submissions that name no village.
    """

    kecamatan: tuple[KecamatanCoverage, ...]
    elsewhere: Counter[str]
    without_village: int

    @property
    def n_villages(self) -> int:
        """Number of villages of the register."""
        return sum(len(kecamatan.villages) for kecamatan in self.kecamatan)

    @property
    def n_answered(self) -> int:
        """Number of villages with a submission that was not rejected."""
        return sum(kecamatan.n_answered for kecamatan in self.kecamatan)


def coverage(given: Iterable[Interview], register: Register) -> Coverage:
    """Count what has come from each village of a register.

    Parameters
    ----------
    given
        The interviews.
    register
        The villages that should answer.

    Examples
    --------
    >>> from pk_research.register import load_register
    >>> found = coverage([], load_register())
    >>> found.n_answered, found.n_villages
    (0, 187)
    """
    states: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for interview in given:
        states[interview.village_code][interview.filled.review_state] += 1
    without_village = states.pop("", Counter()).total()
    by_kecamatan: defaultdict[tuple[str, str], list[VillageCoverage]] = defaultdict(list)
    for village in sorted(register, key=lambda village: village.code):
        counts = states.pop(village.code, Counter())
        by_kecamatan[village.kecamatan_code, village.kecamatan].append(VillageCoverage(village, counts))
    return Coverage(
        tuple(
            KecamatanCoverage(code, name, tuple(villages)) for (code, name), villages in by_kecamatan.items()
        ),
        Counter({code: counts.total() for code, counts in sorted(states.items())}),
        without_village,
    )
