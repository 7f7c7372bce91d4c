"""The two pages of one village."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research import __version__
from pk_research.language import Language, Message, number_text, translate
from pk_research.products.catalogue import product_label
from pk_research.publish.reports.blocks import (
    Block,
    Bullets,
    Document,
    Heading,
    KeyFigures,
    NewPage,
    Paragraph,
    Picture,
    Table,
)
from pk_research.publish.reports.facts import KECAMATAN_DIGITS, VALUES, Facts
from pk_research.publish.reports.pictures import as_svg, village_figure
from pk_research.writing import MADE

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NEIGHBOURS, MOST_ALIKE, MOST_PRODUCTS, MOST_SALES = 6, 5, 5, 3
KINDS = {"desa": Message("village (desa)"), "kelurahan": Message("urban village (kelurahan)")}
LIMITS = (
    Message("What the people of the village want: nobody's wish is in these figures."),
    Message("Why it stands where it stands: a place in a ranking is not a cause and not a merit."),
    Message("What a product would earn: scores compare products with each other, they promise nothing."),
    Message("Anything about what is written as missing (–): missing is not zero."),
)
GLOSSARY = Message(
    "IDM: Indeks Desa Membangun, the mean of three indices from 0 to 1: IKS (social), IKE (economic), IKL"
    " (environmental). Interval of a rank: where 90% of the ranks lie when weights and the way of averaging"
    " are varied. Silhouette: how well a village fits its type, from -1 to 1."
)


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
        *_standing(facts, code, language),
        NewPage(),
        *_alike(facts, code, language),
        *_products(facts, code, language),
        *_closing(facts, language),
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


def frame_of(facts: Facts, language: Language) -> dict[str, str]:
    """Return what every page of every report carries: stamp, origin and date."""
    told = Message(
        "Pabrik Kampoeng · data {data} ({hash}) · pk_research {code}",
        {
            "data": facts.material.version,
            "hash": facts.material.dataset.content_hash[:12],
            "code": __version__,
        },
    )
    return {
        "stamp": translate(MADE, language) if facts.material.made else "",
        "footer": told.text(language),
        "page_word": Message("Page").text(language),
        "date": f"{facts.year}-12-31",
    }


def rank_of(facts: Facts, code: str, language: Language) -> str:
    """Return a village's rank with its interval, such as ``12 (9–15)``; a dash where it has none."""
    table = facts.ranks.intervals
    if code not in table.index or pd.isna(table.loc[code, "rank"]):
        return number_text(np.nan, language)
    row = table.loc[code]
    low, high = (number_text(float(row[name]), language, 0) for name in ("low", "high"))
    return f"{number_text(float(row['rank']), language, 0)} ({low}–{high})"


def _standing(facts: Facts, code: str, language: Language) -> Iterator[Block]:
    own = facts.panel[facts.panel["village_code"] == code].set_index("year")
    idm = _value(own, facts.year, "idm")
    row = _typed(facts, code)
    doubt = Message("no type: not compared")
    if row is not None:
        percent = number_text(100 * float(row["probability"]), language, 0)
        doubt = Message("the same type in {percent}% of repetitions", {"percent": percent})
    median = number_text(float(facts.medians.loc[facts.year, "idm"]), language, 3)
    yield KeyFigures(
        (
            (number_text(idm, language, 3), Message("IDM {year}", {"year": str(facts.year)}).text(language),
             Message("median of all villages {median}", {"median": median}).text(language)),
            (rank_of(facts, code, language), Message("rank by the IDM (interval)").text(language),
             Message("of {n} villages with a rank", {"n": facts.n_ranked}).text(language)),
            ("–" if row is None else str(row["cluster"]), Message("type of village").text(language),
             doubt.text(language)),
        )
    )  # fmt: skip
    yield Heading(Message("Where does the village stand?").text(language))
    yield Paragraph(_standing_words(facts, code).text(language), "lead")
    caption = Message(
        "Figure 1. Left: IDM by year. Right: all villages by rank; black: this one, bar: its interval."
    )
    alt = Message(
        "IDM of {village} in {year}: {idm}; rank {rank}.",
        {"village": facts.names[code], "year": str(facts.year), "idm": number_text(idm, language, 3),
         "rank": rank_of(facts, code, language)},
    )  # fmt: skip
    yield Picture(as_svg(village_figure(facts, code, language)), alt.text(language), caption.text(language))
    years = list(facts.medians.index)
    rows = []
    for name in VALUES:
        cells = [number_text(_value(own, year, name), language, 3) for year in years]
        middle = number_text(float(facts.medians.loc[facts.year, name]), language, 3)
        rows.append((name.upper(), *cells, middle))
    header = (
        "",
        *map(str, years),
        Message("median of all, {year}", {"year": str(facts.year)}).text(language),
    )
    table = Message("Table 1. The IDM and its parts by year (0 to 1; – is missing)").text(language)
    yield Table(table, header, tuple(rows), (2, *[1] * len(years), 2), strong=(len(rows) - 1,))
    yield from _neighbours(facts, code, language)


def _standing_words(facts: Facts, code: str) -> Message:
    table = facts.ranks.intervals
    if code not in table.index or pd.isna(table.loc[code, "rank"]):
        left_out = facts.ranks.index.left_out
        reasons = left_out.loc[left_out["village_code"] == code, "reason"]
        if len(reasons):
            return Message("The village has no rank: {reason}.", {"reason": reasons.iloc[0]})
        return Message(
            "The village has no rank: there is no data of it in {year}.", {"year": str(facts.year)}
        )
    row = table.loc[code]
    return Message(
        "By the IDM the village has rank {rank} of {n}. With other weights and another mean its rank lies"
        " between {low} and {high}: {rivals} other villages cannot be told apart from it.",
        {"rank": int(row["rank"]), "n": facts.n_ranked, "low": round(float(row["low"])),
         "high": round(float(row["high"])), "rivals": int(facts.ranks.n_rivals[code])},
    )  # fmt: skip


def _neighbours(facts: Facts, code: str, language: Language) -> Iterator[Block]:
    yield Heading(Message("Its neighbours: villages of the same kecamatan").text(language))
    score = facts.ranks.index.score / 100
    here = [
        other
        for other in facts.names
        if other[:KECAMATAN_DIGITS] == code[:KECAMATAN_DIGITS] and other != code
    ]
    own = float(score.get(code, np.nan))
    middle = float(score.median()) if np.isnan(own) else own
    by_nearness = sorted(here, key=lambda other: (abs(float(score.get(other, np.inf)) - middle), other))
    shown = by_nearness[:MOST_NEIGHBOURS]
    rows = []
    for other in shown:
        row = _typed(facts, other)
        rows.append((
            facts.names[other],
            number_text(float(score.get(other, np.nan)), language, 3),
            rank_of(facts, other, language),
            "–" if row is None else str(row["cluster"]),
        ))  # fmt: skip
    caption = Message(
        "Table 2. {shown} of the {n} other villages of the kecamatan, those nearest by the IDM first",
        {"shown": len(shown), "n": len(here)},
    )
    header = tuple(Message(text).text(language) for text in ("Village", "IDM", "Rank (interval)", "Type"))
    yield Table(caption.text(language), header, tuple(rows), (3, 1, 1.6, 0.8))


def _alike(facts: Facts, code: str, language: Language) -> Iterator[Block]:
    yield Heading(Message("Which villages is it like?").text(language))
    typology = facts.typology
    row = _typed(facts, code)
    if row is None:
        left_out = typology.left_out[typology.left_out["village_code"] == code]
        if len(left_out):
            yield Paragraph(
                Message("not compared: {reason}", {"reason": left_out["reason"].iloc[0]}).text(language)
            )
        else:
            yield Paragraph(Message("Not compared: there is no data of it.").text(language))
        return
    cluster, second = int(row["cluster"]), int(row["second_cluster"])
    border = Message(
        "it lies on the border between the two" if row["is_border"] else "it does not lie on the border"
    )
    yield Paragraph(
        Message(
            "Type {cluster} of {k}: {name}. The second nearest is type {second}; {border} (silhouette"
            " {silhouette}).",
            {"cluster": cluster, "k": typology.k, "name": typology.names[cluster - 1], "second": second,
             "border": border, "silhouette": number_text(float(row["silhouette"]), language, 2)},
        ).text(language)
    )  # fmt: skip
    means = typology.profile.table[typology.profile.table["cluster"] == cluster].set_index("variable")["mean"]
    rows = []
    for variable in typology.variables:
        every = typology.villages[variable.name].astype(float)
        decimals = 0 if every.abs().max() >= 100 else 1
        told = (float(row[variable.name]), float(means.get(variable.name, np.nan)), float(every.mean()))
        unit = f" ({translate(variable.unit, language)})" if variable.unit else ""
        rows.append(
            (f"{variable.label(language)}{unit}", *(number_text(value, language, decimals) for value in told))
        )
    header = tuple(
        Message(text).text(language)
        for text in ("Measure", "This village", "Mean of its type", "Mean of all")
    )
    caption = Message("Table 3. What its type is made of").text(language)
    yield Table(caption, header, tuple(rows), (3.4, 1.2, 1.2, 1.2))
    named = ", ".join(nearest_to(facts, code))
    yield Paragraph(
        Message("Most like it by these measures: {villages}.", {"villages": named}).text(language)
    )


def nearest_to(facts: Facts, code: str) -> list[str]:
    """Return the names of the villages nearest by the measures of the types, in standard deviations."""
    rows = facts.typology.villages.set_index("village_code")
    values = rows[[variable.name for variable in facts.typology.variables]].astype(float)
    scaled = (values - values.mean()) / values.std().replace(0, 1)
    far = ((scaled - scaled.loc[code]) ** 2).sum(axis=1, min_count=1).drop(code)
    nearest = far.sort_values(kind="stable").index[:MOST_ALIKE]
    return [f"{rows.loc[other, 'village']} ({rows.loc[other, 'kecamatan']})" for other in nearest]


def _products(facts: Facts, code: str, language: Language) -> Iterator[Block]:
    yield Heading(Message("Which flagship products come in question?").text(language))
    candidates = facts.material.candidates
    own = candidates[candidates["village_code"] == code] if len(candidates) else candidates
    if own.empty:
        yield Paragraph(
            Message(
                "No product of this village is known: nobody has named one. That does not mean there is none."
            ).text(language)
        )
        return
    area = code[:KECAMATAN_DIGITS]
    ranks = facts.flagships.get(area)
    table = None if ranks is None else ranks.intervals
    place = {} if table is None else table["rank"].to_dict()
    ordered = sorted(
        own.to_dict("records"), key=lambda row: (place.get(row["product"], np.inf), row["product"])
    )
    here = candidates[candidates["village_code"].str.startswith(area)]
    rows = []
    for row in ordered[:MOST_PRODUCTS]:
        product = row["product"]
        rows.append((
            product_label(product, language),
            *_place(table, product, language),
            _number(row["capacity_units_month"], language),
            _number(row["sales_idr_month"], language, 1e6),
            number_text(float((here["product"] == product).sum() - 1), language, 0),
        ))  # fmt: skip
    heads = ("Product", "Rank in the kecamatan (interval)", "First in % of drawings",
             "Capacity (units a month)",
             "Sales (million Rp a month)", "Other villages of the kecamatan that make it")  # fmt: skip
    caption = Message(
        "Table 4. {shown} of {n} products named here, by enterprises, reach of the market, contribution and"
        " local material, all counted alike",
        {"shown": len(rows), "n": len(own)},
    )
    header = tuple(Message(text).text(language) for text in heads)
    yield Table(caption.text(language), header, tuple(rows), (2, 1.3, 1.1, 1.2, 1.2, 1.4))
    yield Paragraph(
        Message(
            "Intervals that overlap do not tell two products apart. Sales"
            " are lower bounds where not all sellers"
            " told them. Other makers nearby could share a plant, or compete."
        ).text(language),
        "note",
    )
    yield Paragraph(_buyers(facts, code, language))


def _place(table: pd.DataFrame | None, product: str, language: Language) -> tuple[str, str]:
    if table is None or product not in table.index:
        return "–", "–"
    row = table.loc[product]
    rank, low, high = (number_text(float(row[name]), language, 0) for name in ("rank", "low", "high"))
    return f"{rank} ({low}–{high})", number_text(100 * float(row["share_first"]), language, 0)


def _buyers(facts: Facts, code: str, language: Language) -> str:
    if facts.matching is None:
        return Message("Possible buyers are not known: no hotel or restaurant has told its needs.").text(
            language
        )
    flows = facts.matching.flows
    own = (
        flows[flows["village_code"] == code]
        .groupby(["product", "buyer_code"], as_index=False)["units_month"]
        .max()
    )
    if own.empty:
        return Message("Among the hotels and restaurants asked, none was matched with this village.").text(
            language
        )
    largest = own.sort_values(["units_month", "product", "buyer_code"], ascending=[False, True, True]).head(
        MOST_SALES
    )
    sales = "; ".join(
        f"{product_label(row.product, language)} → {row.buyer_code}"
        f" ({number_text(row.units_month, language, 0)})"
        for row in largest.itertuples()
    )
    text = Message(
        "Possible buyers, product → buyer (most units in a month): {sales}. Distance is not counted: where"
        " buyers lie is not known here.",
        {"sales": sales},
    )
    return text.text(language)


def _closing(facts: Facts, language: Language) -> Iterator[Block]:
    yield Heading(Message("What these figures do not say").text(language))
    yield Bullets(tuple(limit.text(language) for limit in LIMITS))
    yield Heading(Message("Words and sources").text(language))
    yield Paragraph(GLOSSARY.text(language), "note")
    yield Paragraph(sources_of(facts).text(language), "note")
    yield Paragraph(" ".join(f"{one.text(language)}." for one in facts.withheld), "note")


def sources_of(facts: Facts) -> Message:
    """Say what a report is made from."""
    given = facts.material.dataset.provenance
    values = {"title": given.title, "source": given.source or given.file_name,
              "licence": given.licence or "–",
              "version": facts.material.version,
              "hash": facts.material.dataset.content_hash, "code": __version__}  # fmt: skip
    return Message(
        "Data: {title} ({source}; licence: {licence}), {version}, SHA-256 {hash}. Computed"
        " by pk_research {code}.",
        values,
    )


def _typed(facts: Facts, code: str) -> pd.Series | None:
    rows = facts.typology.villages
    here = rows[rows["village_code"] == code]
    return here.iloc[0] if len(here) else None


def _value(own: pd.DataFrame, year: int, name: str) -> float:
    return float(own[name].astype(float).get(year, np.nan)) if len(own) else np.nan


def _number(value: object, language: Language, unit: float = 1.0) -> str:
    return "–" if pd.isna(value) else number_text(float(value) / unit, language, 0 if unit == 1 else 1)  # type: ignore[arg-type]
