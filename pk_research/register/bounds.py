"""Where an entry says its village lies."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pk_research.language import Message
from pk_research.register.gazetteer import Areas, Gazetteer
from pk_research.register.question import Question
from pk_research.register.village import REGENCY_LENGTH, Village


@dataclass(frozen=True, slots=True)
class Bounds:
    """The areas a village must lie in.

    Attributes
    ----------
    areas
        Codes of kecamatan or of regencies; None when nothing is known.
    around
        Codes of the regencies around the kecamatan; None unless a kecamatan is known.
    doubt
        Why what was given could not be understood; ``areas`` is then what remains known.
    """

    areas: Areas | None
    around: Areas | None = None
    doubt: Message | None = None

    def hold(self, village: Village) -> bool:
        """Tell whether a village lies inside.

        Parameters
        ----------
        village
            The village.
        """
        return self.areas is None or not self.areas.isdisjoint({village.kecamatan_code, village.regency_code})


def find_bounds(kecamatan: str, regency: str, gazetteer: Gazetteer) -> Bounds:
    """Understand a kecamatan and a regency.

    Parameters
    ----------
    kecamatan, regency
        Names or codes; empty for unknown.
    gazetteer
        The names of the register.
    """
    regencies = gazetteer.regency(regency) if regency else None
    if regencies is not None and not regencies:
        return Bounds(None, doubt=Message("The register holds no regency {regency}.", {"regency": regency}))
    if not kecamatan:
        return Bounds(regencies)
    areas = gazetteer.kecamatan(kecamatan, regencies=regencies)
    if not areas:
        doubt = Message("The register holds no kecamatan {kecamatan} there.", {"kecamatan": kecamatan})
        return Bounds(regencies, doubt=doubt)
    return Bounds(areas, around=frozenset(code[:REGENCY_LENGTH] for code in areas))


def read_comma(question: Question, gazetteer: Gazetteer) -> Question:
    """Take what follows a comma for the kecamatan, if it is one and none was given.

    Parameters
    ----------
    question
        With a name such as ``"Sukamaju, Tambelang"``.
    gazetteer
        The names of the register.
    """
    name, comma, last = question.name.rpartition(",")
    if not comma or question.kecamatan or not gazetteer.kecamatan(last.strip()):
        return question
    return replace(question, name=name.strip(), kecamatan=last.strip())
