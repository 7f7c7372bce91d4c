"""The answer first: how many types, how far to trust them, and the whole account on request."""

from __future__ import annotations

from html import escape

from pk_research.apps.findings.choices import indicator_label
from pk_research.apps.markup import say, section, sentence
from pk_research.clusters import Typology
from pk_research.clusters.choice import strength
from pk_research.language import Language, Message, translate


def headline_html(typology: Typology, language: Language) -> str:
    """Return the finding in one line, what was compared, how certain it is, how it was computed."""
    return section(
        "headline",
        f"<h2 class='pk-finding'>{escape(_finding(typology).text(language))}</h2>"
        f"<p class='pk-hint'>{escape(_compared(typology, language).text(language))}</p>"
        f"<p class='pk-callout'>{sentence(_certainty(typology), language)}</p>"
        f"<details><summary>{say('How this was worked out', language)}</summary>"
        f"{_account(typology, language)}</details>",
    )


def _finding(typology: Typology) -> Message:
    if typology.choice is not None and typology.choice.recommended == 1:
        return Message(
            "{n} villages, no separate types: the {k} types shown only cut up a continuum",
            {"n": len(typology.villages), "k": typology.k},
        )
    return Message("{n} villages, {k} types", {"n": len(typology.villages), "k": typology.k})


def _compared(typology: Typology, language: Language) -> Message:
    labels = ", ".join(indicator_label(variable, language) for variable in typology.variables)
    title = translate(typology.title, language)
    title = title if typology.year is None else f"{title}, {typology.year}"
    return Message("{title}. Compared by: {variables}", {"title": title, "variables": labels})


def _certainty(typology: Typology) -> Message:
    n_border = int(typology.villages["is_border"].sum())
    values = {"strength": strength(typology.silhouette), "n": n_border}
    if n_border == 0:
        return Message("How certain: {strength}", values)
    return Message("How certain: {strength}. {n} villages are between two types", values)


def _account(typology: Typology, language: Language) -> str:
    paragraphs = typology.in_words(language).split("\n")
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
