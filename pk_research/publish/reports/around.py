"""What every report has around its story: stamp, origin, the words for ranks, limits and a glossary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from pk_research import __version__
from pk_research.language import Language, Message, number_text, translate
from pk_research.publish.reports.blocks import Block, Bullets, Heading
from pk_research.publish.reports.facts import Facts
from pk_research.writing import MADE

LIMITS = (
    Message("What the people of the village want: nobody's wish is in these figures."),
    Message("Why it stands where it stands: a place in a ranking is not a cause and not a merit."),
    Message("What a product would earn: scores compare products with each other, they promise nothing."),
    Message("Anything about what is written as missing (–): missing is not zero."),
)
GLOSSARY = Message(
    "IDM: Indeks Desa Membangun, the mean of three indices from 0 to 1: IKS (social), IKE (economic), IKL"
    " (environmental). Interval of a rank: where 90% of the ranks lie when weights and the way of averaging"
    " are varied. Silhouette: how well a village fits its type, from −1 to 1."
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
        "page_word": translate("Page", language),
        "date": f"{facts.year}-12-31",
    }


def heads(texts: Iterable[str], language: Language) -> tuple[str, ...]:
    """Return the heads of a table's columns."""
    return tuple(translate(text, language) for text in texts)


def rank_of(facts: Facts, code: str, language: Language) -> str:
    """Return a village's rank with its interval, such as ``12 (9–15)``; a dash where it has none."""
    table = facts.ranks.intervals
    if code not in table.index or pd.isna(table.loc[code, "rank"]):
        return number_text(np.nan, language)
    row = table.loc[code]
    low, high = (number_text(float(row[name]), language, 0) for name in ("low", "high"))
    return f"{number_text(float(row['rank']), language, 0)} ({low}–{high})"


def type_of(facts: Facts, code: str) -> str:
    """Return the number of a village's type; a dash where it has none."""
    row = facts.typed(code)
    return "–" if row is None else str(row["cluster"])


def limits(language: Language) -> Iterator[Block]:
    """Say what the figures do not."""
    yield Heading(translate("What these figures do not say", language))
    yield Bullets(tuple(limit.text(language) for limit in LIMITS))


def paragraph_of(account: str, language: Language) -> str:
    """Return an account as one paragraph, without the note on made data: every page of a report has it."""
    return account.replace("\n", " ").removeprefix(f"{translate(MADE, language)}. ")


def sources_of(facts: Facts, language: Language) -> str:
    """Say what a report is made from."""
    given = facts.material.dataset.provenance
    told = {"title": given.title, "source": given.source or given.file_name, "licence": given.licence or "–"}
    values = {name: translate(text, language) for name, text in told.items()} | {
        "version": facts.material.version,
        "hash": facts.material.dataset.content_hash,
        "code": __version__,
    }
    return Message(
        "Data: {title} ({source}; licence: {licence}), {version}, SHA-256 {hash}. Computed"
        " by pk_research {code}.",
        values,
    ).text(language)
