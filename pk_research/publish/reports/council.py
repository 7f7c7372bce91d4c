"""The report for the council and the heads of departments, as PDF and Word from the same document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pk_research.disclosure import withheld_message
from pk_research.language import Language, Message, number_text, translate
from pk_research.products.catalogue import product_label
from pk_research.publish.reports.around import (
    GLOSSARY,
    frame_of,
    heads,
    limits,
    paragraph_of,
    rank_of,
    sources_of,
    type_of,
)
from pk_research.publish.reports.blocks import (
    Block,
    Bullets,
    Document,
    Heading,
    KeyFigures,
    Paragraph,
    Picture,
    Table,
)
from pk_research.publish.reports.facts import Facts
from pk_research.publish.reports.pictures import as_png, as_svg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pk_research.policy.budget import Allocation
    from pk_research.policy.effects.effect import Effect

Z_95 = 1.96
MILLION = 1e6
MOST_PRODUCTS = 10


@dataclass(frozen=True, eq=False)
class Policies:
    """What was tried, and what a budget could bring.

    Attributes
    ----------
    names
        Key of a help -> its name.
    effects
        Key of a help -> its effect on sales; None where it could not be estimated.
    plan
        Which villages get which help; effects in million rupiah of income a year. None where there is no
        plan.
    made
        Whether the survey behind it, or what is assumed of costs, is made.
    n_withheld
        Villages the plan is made without, for their sales rest on too few sellers.
    """

    names: Mapping[str, Message] = field(default_factory=dict)
    effects: Mapping[str, Effect | None] = field(default_factory=dict)
    plan: Allocation | None = None
    made: bool = False
    n_withheld: int = 0

    @property
    def withheld(self) -> tuple[Message, ...]:
        """What is not told, and why."""
        return (withheld_message(self.n_withheld),) if self.n_withheld else ()


def council_document(facts: Facts, policies: Policies, language: Language) -> Document:
    """Lay out the report for the council.

    Parameters
    ----------
    facts
        From `facts_of`.
    policies
        What was evaluated, and the plan for a budget; what is not there is said to be missing.
    language
        ``"id"`` or ``"en"``.
    """
    blocks: list[Block] = [
        *_summary(facts, policies, language),
        *_map(facts, language),
        *_types(facts, language),
        *_products(facts, language),
        *_evaluated(policies, language),
        *_funding(policies, language),
        *limits(language),
        *_ranking(facts, language),
        *_sources(facts, language),
    ]
    return Document(
        title=translate("The villages of Kabupaten Bekasi: state, products and programmes", language),
        subtitle=Message(
            "Report for the council (DPRD) and the heads of departments · data of {year}",
            {"year": str(facts.year)},
        ).text(language),
        blocks=tuple(blocks),
        language=language,
        **frame_of(facts, language),
    )


def _summary(facts: Facts, policies: Policies, language: Language) -> Iterator[Block]:
    yield Heading(translate("Summary", language))
    median = number_text(float(facts.medians.loc[facts.year, "idm"]), language, 3)
    border = int(facts.typology.villages["is_border"].sum())
    plan = policies.plan
    yield KeyFigures(
        (
            (median, Message("median IDM {year}", {"year": str(facts.year)}).text(language),
             Message("of {n} villages with a rank, of {all} in the register",
                     {"n": facts.n_ranked, "all": len(facts.names)}).text(language)),
            (str(facts.typology.k), translate("types of villages", language),
             Message("{n} villages lie between two types", {"n": border}).text(language)),
            ("–" if plan is None else _range(plan.effect, plan.effect_se, language),
             translate("income a year by the plan, million Rp (95% interval)", language),
             translate("no plan could be made", language) if plan is None else
             Message("for {cost} million Rp", {"cost": _millions(plan.spent_idr, language)}).text(language)),
        )
    )  # fmt: skip
    yield Paragraph(paragraph_of(facts.ranks.in_words(language), language))
    if facts.merged is not None:
        yield Paragraph(paragraph_of(facts.merged.in_words(language), language))


def _map(facts: Facts, language: Language) -> Iterator[Block]:
    from pk_research.clusters.pictures import plot_places

    yield Heading(translate("Where the types of villages lie", language))
    figure = plot_places(facts.typology, language)
    caption = Message("Figure 1. One tile a village, by kecamatan; the colour and the number are its type.")
    sizes = "; ".join(
        Message("type {type}: {n} villages", {"type": int(cluster), "n": int(row["n_villages"])}).text(
            language
        )
        for cluster, row in facts.typology.summary.iterrows()
    )
    alt = Message("Villages by kecamatan and type. {sizes}.", {"sizes": sizes})
    yield Picture(
        as_svg(figure), alt.text(language), caption.text(language), width_pct=88, png=as_png(figure)
    )


def _types(facts: Facts, language: Language) -> Iterator[Block]:
    typology = facts.typology
    yield Heading(translate("Types of villages", language))
    for paragraph in typology.in_words(language).split("\n"):
        yield Paragraph(paragraph_of(paragraph, language))
    rows = tuple(
        (
            str(cluster),
            typology.names[int(cluster) - 1].text(language),
            number_text(float(row["n_villages"]), language, 0),
            number_text(float(row["n_border"]), language, 0),
        )
        for cluster, row in typology.summary.iterrows()
    )
    header = heads(("Type", "What sets it apart", "Villages", "Between two types"), language)
    yield Table(
        translate("Table 1. The types", language), header, tuple(rows), (0.6, 4.6, 1.1, 1.5), n_text=2
    )


def _products(facts: Facts, language: Language) -> Iterator[Block]:
    yield Heading(translate("Flagship products", language))
    if facts.merged is None or facts.evidence is None:
        yield Paragraph(translate("No village has named a product yet", language))
        return
    # Of products that share a place, each has the best one, as villages do.
    frame = facts.merged.frame.assign(rank=facts.merged.frame["rank"].rank(method="min"))
    rows = tuple(
        (
            number_text(float(row["rank"]), language, 0),
            product_label(row["product"], language),
            number_text(float(row["value"]), language, None),
        )
        for row in frame.head(MOST_PRODUCTS).to_dict("records")
    )
    caption = Message("Table 2. The first products of the regency, merged from the lists of all kecamatan")
    header = heads(("Rank", "Product", "Points (Borda)"), language)
    yield Table(caption.text(language), header, rows, (1, 4, 2), n_text=2)
    apart = sum(len(ranks.intervals) > 1 and ranks.intervals["high"].iloc[0] < ranks.intervals["low"].iloc[1]
                for ranks in facts.flagships.values())  # fmt: skip
    yield Paragraph(
        Message(
            "In {apart} of {n} kecamatan the first product is told apart from the second: their intervals do"
            " not overlap. Elsewhere several products could be the first.",
            {"apart": apart, "n": len(facts.flagships)},
        ).text(language)
    )
    yield Paragraph(paragraph_of(facts.evidence.in_words(language), language), "note")


def _evaluated(policies: Policies, language: Language) -> Iterator[Block]:
    from pk_research.policy.effects.words import found, ground

    yield Heading(translate("What was evaluated", language))
    if not policies.effects:
        yield Paragraph(
            translate("No programme could be evaluated: the survey needed for it is not kept.", language)
        )
        return
    for key, effect in policies.effects.items():
        yield Heading(policies.names[key].text(language), 2)
        if effect is None:
            yield Paragraph(
                translate("Its effect could not be estimated: too few villages took it up.", language)
            )
        else:
            yield Paragraph(" ".join(sentence.text(language) for sentence in found(effect)))
            yield Bullets(tuple(sentence.text(language) for sentence in ground(effect, language)))


def _funding(policies: Policies, language: Language) -> Iterator[Block]:
    yield Heading(translate("What should be funded", language))
    plan = policies.plan
    if plan is None:
        yield Paragraph(translate("No plan could be made: the survey needed for it is not kept.", language))
        return
    yield Paragraph(
        Message(
            "The plan spends {cost} million Rp on {n} villages and is expected to add {effect} million Rp of"
            " income a year (95% interval). What help costs is assumed, not a price anybody was told;"
            " where no survey tells what a help does, that is assumed too.",
            {"cost": _millions(plan.spent_idr, language), "n": int(plan.chosen["village_code"].nunique()),
             "effect": _range(plan.effect, plan.effect_se, language)},
        ).text(language)
    )  # fmt: skip
    rows = tuple(
        (
            policies.names[str(key)].text(language),
            number_text(float(part["village_code"].nunique()), language, 0),
            _millions(float(part["cost_idr"].sum()), language),
            _range(float(part["effect"].sum()), float(plan.problem.error_of(part)), language),
        )
        for key, part in plan.chosen.groupby("policy", sort=True)
    )
    for withheld in policies.withheld:
        without = Message("{withheld}. The plan is made without them.", {"withheld": withheld})
        yield Paragraph(without.text(language), "note")
    named = ("Help", "Villages", "Cost (million Rp)", "Income a year, million Rp (95% interval)")
    header = heads(named, language)
    yield Table(
        translate("Table 3. The plan by kind of help", language), header, tuple(rows), (2.6, 1, 1.4, 3)
    )


def _ranking(facts: Facts, language: Language) -> Iterator[Block]:
    yield Heading(translate("All villages by the IDM", language))
    yield Paragraph(
        translate("Villages whose intervals overlap must not be called better and worse.", language),
        "note",
    )
    ranks = facts.ranks.intervals["rank"]
    score = facts.ranks.index.score / 100
    order = sorted(facts.names, key=lambda code: (float(ranks.get(code, np.inf)), code))
    rows = tuple(
        (
            rank_of(facts, code, language),
            facts.names[code],
            facts.village(code).kecamatan,
            number_text(float(score.get(code, np.nan)), language, 3),
            type_of(facts, code),
        )
        for code in order
    )
    named = ("Rank (interval)", "Village", "Kecamatan", "IDM", "Type")
    caption = Message(
        "Table 4. Rank by the IDM of {year}; – is missing, and missing is not low", {"year": str(facts.year)}
    )
    header = heads(named, language)
    yield Table(caption.text(language), header, rows, (1.6, 2.4, 2.2, 1, 0.8), n_text=3)


def _sources(facts: Facts, language: Language) -> Iterator[Block]:
    yield Heading(translate("Appendix: words and sources", language))
    yield Paragraph(GLOSSARY.text(language))
    yield Paragraph(sources_of(facts, language))
    if facts.material.products_made:
        yield Paragraph(
            translate("Products and needs of buyers are made (an example), not observed.", language)
        )
    for withheld in facts.withheld:
        yield Paragraph(f"{withheld.text(language)}.")
    given = facts.material.dataset.provenance
    if given.steps:
        yield Heading(translate("What was done to the data", language), 2)
        yield Bullets(
            tuple(
                Message(
                    "{what}: {n} rows",
                    {"what": step.by_label(facts.material.dataset.codebook), "n": step.n_rows},
                ).text(language)
                for step in given.steps
            )
        )


def _millions(idr: float, language: Language) -> str:
    return number_text(idr / MILLION, language, 0)


def _range(mean: float, error: float, language: Language) -> str:
    """Write a mean with its 95% interval; an error that is not known is said to be missing."""
    low, high = (number_text(mean + side * Z_95 * error, language, 0) for side in (-1, 1))
    told = {"mean": number_text(mean, language, 0), "low": low, "high": high}
    return Message("{mean} ({low} to {high})", told).text(language)
