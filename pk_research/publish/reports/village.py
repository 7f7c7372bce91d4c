"""The two pages of one village."""

from __future__ import annotations

from pk_research.language import Language, Message, translate
from pk_research.publish.reports.alike import alike
from pk_research.publish.reports.around import GLOSSARY, frame_of, limits, sources_of
from pk_research.publish.reports.blocks import Block, Document, Heading, NewPage, Paragraph
from pk_research.publish.reports.facts import Facts
from pk_research.publish.reports.products import products
from pk_research.publish.reports.standing import standing

KINDS = {"desa": Message("village (desa)"), "kelurahan": Message("urban village (kelurahan)")}


def village_document(facts: Facts, code: str, language: Language) -> Document:
    """Lay out the report of a village: two pages, the second begun where a page is broken.

    Parameters
    ----------
    facts
        From `facts_of`.
    code
        Code of a village of the register.
    language
        ``"id"`` or ``"en"``.
    """
    village = facts.village(code)
    kind = KINDS[village.kind]
    values = {"kind": kind, "kecamatan": village.kecamatan, "code": code, "year": str(facts.year)}
    blocks: list[Block] = [
        *standing(facts, code, language),
        NewPage(),
        *alike(facts, code, language),
        *products(facts, code, language),
        *limits(language),
        Heading(translate("Words and sources", language)),
        Paragraph(GLOSSARY.text(language), "note"),
        Paragraph(sources_of(facts, language), "note"),
        Paragraph(" ".join(f"{one.text(language)}." for one in facts.withheld), "note"),
    ]
    return Document(
        title=village.name,
        subtitle=Message("{kind} · Kecamatan {kecamatan} · code {code} · data of {year}", values).text(
            language
        ),
        blocks=tuple(blocks),
        language=language,
        **frame_of(facts, language),
    )
