"""Twins, their use and their risk, told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pk_research.language import Language, Message
from pk_research.products.words import percent, some, told

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.risk import Risk
    from pk_research.disclosure.synthetic.twin import Twin
    from pk_research.disclosure.synthetic.utility import Utility

FOR_PROGRAMS = Message(
    "This is a synthetic twin: it is for running programs, not for conclusions, and says nothing about any"
    " real village, enterprise or person."
)
NO_PROOF = Message("No differential privacy is claimed; what was measured stands here, and is not a proof.")


def twin_in_words(twin: Twin, language: Language) -> str:
    """Say what the table is, what it is for, and what was left out of it."""
    made_up = [name for name, part in twin.parts.items() if part in ("personal", "text", "moment")]
    parts = [
        Message("{n} rows were made.", {"n": len(twin.dataset.frame)}),
        Message(
            "At least {k} people stand behind every leaf, number and category that was learned.",
            {"k": twin.rules.least_alike},
        ),
    ]
    if made_up:
        parts.append(Message("Made without a look at the answers: {names}.", {"names": some(made_up)}))
    parts += [Message("{what}: {n}.", {"what": what, "n": n}) for what, n in twin.told]
    return told([*parts, FOR_PROGRAMS, NO_PROOF], language, made=True)


def utility_in_words(found: Utility, language: Language) -> str:
    """Say how far the twin may stand in for the table."""
    worst = found.columns.sort_values("ratio", ascending=False, kind="stable").iloc[0]
    parts = [
        Message(
            "Rows of the table and of its twin can be told apart {ratio} times as well as those of a"
            " faultless twin (pMSE ratio; 1 would be perfect).",
            {"ratio": round(found.whole.ratio, 1)},
        ),
        Message(
            "Column by column the ratio is {middle} in the middle and {most} at most (“{name}”).",
            {
                "middle": round(float(found.columns["ratio"].median()), 1),
                "most": round(float(worst["ratio"]), 1),
                "name": str(worst["column"]),
            },
        ),
        Message(
            "Intervals of means and shares overlap by {overlap}% in the middle.",
            {"overlap": percent(float(found.columns["overlap"].median()))},
        ),
    ]
    if len(found.pairs):
        parts.append(
            Message(
                "For two columns together the ratio is {middle} in the middle.",
                {"middle": round(float(found.pairs["ratio"].median()), 1)},
            )
        )
    return told(parts, language)


def risk_in_words(found: Risk, language: Language) -> str:
    """Say what the twin gives away."""
    parts = [
        Message(
            "Of {n} rows alone with what others may know ({keys}), {replicated} have one row like them"
            " in the twin.",
            {"n": found.n_unique, "keys": some(found.keys), "replicated": found.n_replicated},
        ),
        Message("Rows of the twin that are a row of the table: {n}.", {"n": found.n_copies}),
    ]
    if found.attributes:
        worst = max(found.attributes, key=lambda one: one.dcap - one.by_guess)
        parts.append(
            Message(
                "By the twin “{name}” is guessed rightly in {dcap}% of rows, by its distribution alone in"
                " {guess}%, by the table itself in {table}%; the twin leaves no other choice, and rightly,"
                " in {disco}%.",
                {
                    "name": worst.target,
                    "dcap": percent(worst.dcap),
                    "guess": percent(worst.by_guess),
                    "table": percent(worst.by_table),
                    "disco": percent(worst.disco),
                },
            )
        )
    if found.membership is not None:
        seen = found.membership
        parts.append(
            Message(
                "Whether somebody was in the table is told rightly in {auc}% of pairs (50% is chance).",
                {"auc": percent(seen.auc)},
            )
        )
    return told([*parts, NO_PROOF], language)
