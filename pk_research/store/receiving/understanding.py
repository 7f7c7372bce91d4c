"""Understanding what was sent, and checking it, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from pk_research.errors import NotFound
from pk_research.language import Message
from pk_research.register import normalise_code
from pk_research.store import fillings
from pk_research.store.actors import Actor
from pk_research.store.attachments import composed, file_fault, sha256_of
from pk_research.store.forms import Forms, FormVersion
from pk_research.store.refusals import Refused
from pk_research.survey import Flaw, Form, Surroundings, check_submission
from pk_research.survey.check import recalculated
from pk_research.survey.tree import Element

ZONE = ZoneInfo("Asia/Jakarta")
# Archives of an export have folders named so.
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._+@=-]{0,249}")
OFFSET = re.compile(r"T\d\d:\d\d[\d:.]*([+-])(\d\d):?(\d\d)")
MAX_ZONES = 4
PHONE = "openrosa"


@dataclass(frozen=True, slots=True)
class Filling:
    """A filling on its way in: read, but not believed.

    Attributes
    ----------
    text, root
        Its XML, and the outermost element.
    version, form
        What it says it fills.
    instance_id, replaces
        Its identifier, and that of the filling it replaces, if any.
    file_names
        The files it speaks of.
    files
        Name to content of those that came along.
    """

    text: str
    root: Element
    version: FormVersion
    form: Form
    instance_id: str
    replaces: str
    file_names: tuple[str, ...]
    files: Mapping[str, bytes]

    @property
    def sha256(self) -> str:
        """SHA-256 of its text."""
        return sha256_of(self.text.encode())


def understand(
    forms: Forms, text: str, root: Element, *, files: Mapping[str, bytes], skip_unnamed: bool
) -> Filling:
    """Find the form of a filling, its identifiers and its files.

    Parameters
    ----------
    forms
        The store's forms.
    text, root
        The filling.
    files
        Name to content of what came along.
    skip_unnamed
        Leave out files it does not speak of, rather than refuse them.

    Raises
    ------
    Refused
        When one of these cannot be used.
    """
    form_id, number = fillings.form_of(root)
    try:
        version = forms.find(form_id, number)
    except NotFound:
        said = {"version": number or "–", "form": form_id}
        raise Refused("form", Message("There is no version {version} of a form {form} here.", said)) from None
    instance_id = fillings.identifier(root)
    if not IDENTIFIER.fullmatch(instance_id):
        raise Refused("identifier", Message("The submission has no identifier that can be used."))
    form = forms.open(version)
    names = fillings.file_names(form, root)
    files = {composed(name): content for name, content in files.items()}
    unnamed = [name for name in files if name not in names]
    if unnamed and not skip_unnamed:
        raise Refused(
            "attachment",
            Message("The submission does not speak of the file {name}.", {"name": unnamed[0][:80]}),
        )
    kept = {name: content for name, content in files.items() if name in names}
    for name in names:
        if fault := file_fault(name, kept.get(name, b"")):
            raise Refused(
                "attachment",
                Message("The file {name} cannot be taken: {reason}.", {"name": name[:80], "reason": fault}),
            )
    return Filling(text, root, version, form, instance_id, fillings.predecessor(root), names, kept)


def check_village(filling: Filling, actor: Actor) -> None:
    """Stop a filling that answers for another village than the only one its sender may.

    Raises
    ------
    Refused
        When it does.
    """
    if not actor.village_code:
        return
    answered = fillings.villages(filling.form, filling.root)
    if answered is not None and {normalise_code(code) for code in answered} != {actor.village_code}:
        raise Refused("village", Message("This invitation is for another village."))


@dataclass(frozen=True, slots=True)
class Stale:
    """What differs in a filling that is sound but for calculations its client did not keep up.

    Attributes
    ----------
    flaws
        One for each calculation, saying what it should be.
    xml
        The filling with its calculations worked out anew.
    """

    flaws: tuple[Flaw, ...]
    xml: str


def check_answers(filling: Filling, zone: tzinfo, *, via: str) -> Stale | None:
    """Stop a filling that does not keep to its form.

    Calculations on times depend on where the telephone was, which its own times tell: a filling
    that keeps to its form in one of those time zones is sound. ODK Collect does not work out again
    what looks at another instance of a repeat: what only such values keep from being sound is taken
    from a phone, which could not send it otherwise; all rules are judged by the engine's values.

    Returns
    -------
    Stale or None
        The calculations that differ; None for a sound filling.

    Raises
    ------
    Refused
        With every flaw.
    """
    found: dict[tzinfo, tuple[Flaw, ...]] = {}
    for candidate in _zones(filling.text, zone):
        surroundings = Surroundings(zone=candidate)
        found[candidate] = check_submission(filling.form, filling.text, surroundings=surroundings)
        if not found[candidate]:
            return None
    stale = [zone for zone, flaws in found.items() if all(flaw.kind == "calculated" for flaw in flaws)]
    if stale and via == PHONE:
        # In the wrong zone times come out wrong too; where both do as well, the telephone's is right.
        best = min(reversed(stale), key=lambda candidate: len(found[candidate]))
        surroundings = Surroundings(zone=best)
        return Stale(found[best], recalculated(filling.form, filling.text, surroundings=surroundings))
    flaws = next(iter(found.values()))
    raise Refused("flaws", Message("The submission does not keep to its form."), flaws)


def _zones(text: str, zone: tzinfo) -> Iterator[tzinfo]:
    yield zone
    for sign, hours, minutes in list(dict.fromkeys(OFFSET.findall(text)))[:MAX_ZONES]:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        if offset < timedelta(hours=24):
            yield timezone(-offset if sign == "-" else offset)
