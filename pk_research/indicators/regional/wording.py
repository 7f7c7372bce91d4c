"""Sentences and headings that several results of this package share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pk_research.language import Bilingual, Language, Message


def headed(table: pd.DataFrame, headings: Mapping[str, Message], language: Language) -> pd.DataFrame:
    """Keep the columns of ``headings``, in their order, under headings in a language."""
    return table[list(headings)].rename(
        columns={name: said.text(language) for name, said in headings.items()}
    )


def told(sentences: Sequence[Bilingual], language: Language) -> str:
    """Join sentences; each ends with its own full stop."""
    return " ".join(sentence.text(language) for sentence in sentences)


def left_out_table(left_out: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the regions left out, with the reasons in a language."""
    table = left_out.assign(reason=[reason.text(language) for reason in left_out["reason"]])
    return headed(table, {"region": Message("Region"), "reason": Message("Reason")}, language)


def left_out_sentences(left_out: pd.DataFrame) -> list[Message]:
    """Say how many regions were left out, if any."""
    if left_out.empty:
        return []
    return [
        Message(
            "Regions left out, neither compared nor counted in the sums, because a value is missing: {n}.",
            {"n": len(left_out)},
        )
    ]


def listed(names: Sequence[object], shown: int = 5) -> str:
    """List the first few names, and an ellipsis for the rest."""
    return ", ".join(map(str, names[:shown])) + (", …" if len(names) > shown else "")
