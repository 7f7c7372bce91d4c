"""How far the fieldwork is, as HTML: villages answered, by kecamatan and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pk_research.apps.markup import say, section, table
from pk_research.apps.supervise.fieldwork import Fieldwork
from pk_research.apps.supervise.states import LOOKS, NONE, badge, label_of, tile
from pk_research.language import Language, Message, number_text, translate
from pk_research.quality.fieldwork import KecamatanCoverage


def headline_html(fieldwork: Fieldwork, language: Language) -> str:
    """Return how many villages have answered, and the submissions by state of review."""
    counts = fieldwork.n_by_state
    states = "".join(
        f"<li>{badge(state, language)} <strong>{number_text(counts[state], language)}</strong></li>"
        for state in LOOKS
        if state != NONE
    )
    return section(
        "headline",
        f"<h2 class='pk-finding'>{escape(_answered(fieldwork).text(language))}</h2>"
        f"<ul class='pk-states'>{states}</ul>{_aside(fieldwork, language)}",
    )


def _answered(fieldwork: Fieldwork) -> Message:
    found = fieldwork.coverage
    if not fieldwork.asks_village:
        n = len(fieldwork.entries)
        return Message("1 submission received") if n == 1 else Message("{n} submissions received", {"n": n})
    if found.n_answered == 1:
        return Message("1 of {total} villages has answered", {"total": found.n_villages})
    values = {"n": found.n_answered, "total": found.n_villages}
    return Message("{n} of {total} villages have answered", values)


def _aside(fieldwork: Fieldwork, language: Language) -> str:
    """Return what counts for no village, and why; an empty text where everything does."""
    if not fieldwork.asks_village:
        text = say("This form does not ask for a village, so villages are not counted.", language)
        return f"<p class='pk-callout'>{text}</p>"
    parts = _astray(fieldwork)
    if not parts:
        return ""
    what = parts[0]
    if len(parts) > 1:
        what = Message("{first} and {second}", {"first": parts[0], "second": parts[1]})
    text = Message("Not counted above: {what}.", {"what": what}).text(language)
    return f"<p class='pk-callout'>{escape(text)}</p>"


def _astray(fieldwork: Fieldwork) -> list[Message]:
    elsewhere, nowhere = fieldwork.coverage.elsewhere.total(), fieldwork.coverage.without_village
    unknown = (
        Message("1 submission names a village we do not know")
        if elsewhere == 1
        else Message("{n} submissions name a village we do not know", {"n": elsewhere})
    )
    none = (
        Message("1 submission names no village")
        if nowhere == 1
        else Message("{n} submissions name no village", {"n": nowhere})
    )
    return [text for text, n in ((unknown, elsewhere), (none, nowhere)) if n]


def coverage_html(fieldwork: Fieldwork, language: Language) -> str:
    """Return a table of kecamatan: a bar of its villages, and how many there are, answered, approved."""
    if not fieldwork.asks_village:
        return ""
    headings = ["Kecamatan", "Villages", "Answered", "Approved"]
    rows = [
        [
            f"<div class='pk-kecamatan'><b>{escape(kecamatan.name)}</b>{_bar(kecamatan, language)}</div>",
            number_text(len(kecamatan.villages), language),
            number_text(kecamatan.n_answered, language),
            number_text(kecamatan.n_approved, language),
        ]
        for kecamatan in fieldwork.coverage.kecamatan
    ]
    # a word of two words may be broken between them, so that a phone shows every column
    said = [say(heading, language).replace("/", "/<wbr>") for heading in headings]
    return section("coverage", table(said, rows, numeric=(1, 2, 3)))


def _bar(kecamatan: KecamatanCoverage, language: Language) -> str:
    n = len(kecamatan.villages)
    approved, answered = kecamatan.n_approved, kecamatan.n_answered
    values = {"approved": approved, "waiting": answered - approved, "none": n - answered}
    label = Message("{approved} approved, {waiting} answered, {none} not yet", values).text(language)
    parts = "".join(
        f"<i style='width:{100 * count / n:.1f}%;background:{LOOKS[state].colour}'></i>"
        for state, count in (("approved", approved), ("received", answered - approved))
    )
    return f"<span class='pk-share' role='img' aria-label='{escape(label)}'>{parts}</span>"


def tiles_html(fieldwork: Fieldwork, language: Language) -> str:
    """Return a tile a village, by kecamatan: the letter and colour of its best submission's state."""
    if not fieldwork.asks_village:
        return ""
    cards = "".join(
        f"<li><h3>{escape(kecamatan.name)}</h3><div class='pk-tiles'>{_tiles(kecamatan, language)}</div></li>"
        for kecamatan in fieldwork.coverage.kecamatan
    )
    legend = "".join(f"<li>{badge(state, language)}</li>" for state in LOOKS)
    return section("tiles", f"<ul class='pk-states'>{legend}</ul><ul class='pk-grid'>{cards}</ul>")


def _tiles(kecamatan: KecamatanCoverage, language: Language) -> str:
    return "".join(
        tile(found.state, language, title=f"{found.village.name}: {label_of(found.state, language)}")
        for found in kecamatan.villages
    )


def unanswered_html(fieldwork: Fieldwork, language: Language) -> str:
    """Return the villages that have not answered, by kecamatan; rejected submissions are no answer."""
    if not fieldwork.asks_village:
        return ""
    missing = [
        (kecamatan.name, [found.village.name for found in kecamatan.villages if found.n == 0])
        for kecamatan in fieldwork.coverage.kecamatan
    ]
    n = sum(len(names) for _, names in missing)
    if n == 0:
        return f"<p>{escape(translate('Every village has answered.', language))}</p>"
    title = (
        Message("1 village has not answered yet")
        if n == 1
        else Message("{n} villages have not answered yet", {"n": n})
    )
    return f"<details><summary>{escape(title.text(language))}</summary>{_names(missing)}</details>"


def _names(missing: Sequence[tuple[str, Sequence[str]]]) -> str:
    lines = "".join(
        f"<dt>{escape(kecamatan)} ({len(names)})</dt><dd>{escape(', '.join(names))}</dd>"
        for kecamatan, names in missing
        if names
    )
    return f"<dl class='pk-missing'>{lines}</dl>"
