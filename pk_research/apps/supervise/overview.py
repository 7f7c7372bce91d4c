"""How far the fieldwork is, as HTML: villages answered, by kecamatan and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pk_research.apps.markup import section, table
from pk_research.apps.supervise.fieldwork import Fieldwork
from pk_research.apps.supervise.states import LOOKS, NONE, badge, label_of, tile
from pk_research.language import Language, Message, number_text, translate
from pk_research.quality.fieldwork import KecamatanCoverage


def headline_html(fieldwork: Fieldwork, language: Language) -> str:
    """Return how many villages have answered, and the submissions by state of review."""
    found, counts = fieldwork.coverage, fieldwork.n_by_state
    values = {"n": found.n_answered, "total": found.n_villages}
    answered = Message("{n} of {total} villages have answered", values).text(language)
    states = "".join(
        f"<li>{badge(state, language)} <strong>{number_text(counts[state], language)}</strong></li>"
        for state in LOOKS
        if state != NONE
    )
    return section(
        "headline",
        f"<h2 class='pk-finding'>{escape(answered)}</h2><ul class='pk-states'>{states}</ul>"
        + _astray(fieldwork, language),
    )


def _astray(fieldwork: Fieldwork, language: Language) -> str:
    """Return what counts for no village; an empty text where everything does."""
    elsewhere, nowhere = fieldwork.coverage.elsewhere.total(), fieldwork.coverage.without_village
    if not elsewhere + nowhere:
        return ""
    values = {"elsewhere": elsewhere, "nowhere": nowhere}
    text = Message(
        "Not counted above: {elsewhere} submissions name a village we do not know, {nowhere} name none.",
        values,
    )
    return f"<p class='pk-callout'>{escape(text.text(language))}</p>"


def coverage_html(fieldwork: Fieldwork, language: Language) -> str:
    """Return a table of kecamatan: villages, answered, approved, and a bar of the three."""
    headings = ["Kecamatan", "Villages", "Answered", "Approved", "Share of villages"]
    rows = [
        [
            escape(kecamatan.name),
            number_text(len(kecamatan.villages), language),
            number_text(kecamatan.n_answered, language),
            number_text(kecamatan.n_approved, language),
            _bar(kecamatan, language),
        ]
        for kecamatan in fieldwork.coverage.kecamatan
    ]
    said = [escape(translate(heading, language)) for heading in headings]
    return section("coverage", f"<div class='pk-wide'>{table(said, rows, numeric=(1, 2, 3))}</div>")


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
    missing = [
        (kecamatan.name, [found.village.name for found in kecamatan.villages if found.n == 0])
        for kecamatan in fieldwork.coverage.kecamatan
    ]
    n = sum(len(names) for _, names in missing)
    if n == 0:
        return f"<p>{escape(translate('Every village has answered.', language))}</p>"
    title = Message("{n} villages have not answered yet", {"n": n}).text(language)
    return f"<details><summary>{escape(title)}</summary>{_names(missing)}</details>"


def _names(missing: Sequence[tuple[str, Sequence[str]]]) -> str:
    lines = "".join(
        f"<dt>{escape(kecamatan)} ({len(names)})</dt><dd>{escape(', '.join(names))}</dd>"
        for kecamatan, names in missing
        if names
    )
    return f"<dl class='pk-missing'>{lines}</dl>"
