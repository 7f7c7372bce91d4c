"""Sentences, headings and refusals that several results of this package share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message

SHOWN = 5


def left_out_table(left_out: pd.DataFrame, names: Mapping[str, str], language: Language) -> pd.DataFrame:
    """Return the villages left out, with the reasons in a language."""
    columns = {
        Message("Village code").text(language): left_out["code"],
        **name_column(left_out["code"], names, language),
        Message("Reason").text(language): [reason.text(language) for reason in left_out["reason"]],
    }
    return pd.DataFrame(columns)


def name_column(codes: pd.Series, names: Mapping[str, str], language: Language) -> dict[str, list[str]]:
    """Return the column of names by its heading; none where no village has a name."""
    return {Message("Village").text(language): named(codes, names)} if names else {}


def named(codes: Iterable[object], names: Mapping[str, str]) -> list[str]:
    """Return the name of each village, its code where it has none."""
    return [names.get(str(code), str(code)) for code in codes]


def left_out_sentences(left_out: pd.DataFrame, names: Mapping[str, str]) -> list[Message]:
    """Say how many villages were left out, by reason."""
    reasons: dict[str, list[str]] = {}
    for row in left_out.itertuples():
        reasons.setdefault(row.reason.template, []).append(str(row.code))
    return [
        Message(
            "Left out, because {reason} ({n}): {names}.",
            {"reason": Message(template), "n": len(codes), "names": some(named(codes, names))},
        )
        for template, codes in reasons.items()
    ]


def some(names: list[str]) -> str:
    """List the first few, and an ellipsis for the rest."""
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def check_permutations(n: int) -> None:
    """Refuse too few permutations to say anything at the 5 % level."""
    if n < 99:
        raise BadInput(
            Problem("n_permutations", f"{n} permutations say too little", "Give 99 or more, 999 as a rule.")
        )
