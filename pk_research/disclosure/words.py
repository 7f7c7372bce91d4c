"""What leaves and what does not, told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Bilingual, Language, Message, translate
from pk_research.products.words import told

if TYPE_CHECKING:
    from pk_research.disclosure.alike import Alike
    from pk_research.disclosure.release import Release
    from pk_research.disclosure.suppression import Suppressed


def suppressed_in_words(found: Suppressed, language: Language) -> str:
    """Say how many cells are hidden, and why."""
    n = {reason: int((found.reason == reason).sum()) for reason in ("small", "dominated", "complement")}
    parts: list[Bilingual] = [
        Message("Cells hidden: {n} of {all}.", {"n": sum(n.values()), "all": len(found.reason)})
    ]
    reasons = {
        "small": Message(
            "Fewer than {least} stand behind: {n}.",
            {"least": found.rules.least_contributors, "n": n["small"]},
        ),
        "dominated": Message(
            "The largest could be told to within {p}%: {n}.",
            {"p": found.rules.prior_percent, "n": n["dominated"]},
        ),
        "complement": Message("So that nobody works those out: {n}.", {"n": n["complement"]}),
    }
    return told([*parts, *(reasons[reason] for reason in reasons if n[reason])], language)


def alike_table(found: Alike, language: Language) -> pd.DataFrame:
    """Return one row a measure."""
    measures: list[tuple[Bilingual, float]] = [
        (Message("Rows"), len(found.alike)),
        (Message("Fewest rows alike (k)"), found.k),
        (Message("Rows alone with their keys"), found.n_unique),
        (Message("Rows with too few alike"), int(found.is_rare.sum())),
        (Message("Rows expected to be found rightly"), round(found.expected_found, 2)),
    ]
    if found.sensitive:
        measures += [
            (Message("Fewest sensitive values among rows alike (l)"), int(found.n_values.min())),
            (Message("Rows whose sensitive value follows from the keys"), int(found.is_uniform.sum())),
        ]
    return pd.DataFrame(
        {
            translate("Measure", language): [name.text(language) for name, _ in measures],
            translate("Value", language): [value for _, value in measures],
        }
    )


def alike_in_words(found: Alike, language: Language) -> str:
    """Say whether the rows keep the rules."""
    rare, uniform = int(found.is_rare.sum()), int(found.is_uniform.sum())
    wanted = {"k": found.rules.least_alike, "n": rare, "all": len(found.alike)}
    parts: list[Bilingual] = [
        Message("Every row shares its keys with at least {k} rows, itself among them.", wanted)
        if not rare
        else Message("{n} of {all} rows share their keys with fewer than {k} rows.", wanted)
    ]
    if found.sensitive:
        values = {"l": found.rules.least_values, "n": uniform}
        parts.append(
            Message("Among rows alike every sensitive column has at least {l} values.", values)
            if not uniform
            else Message("In {n} rows a sensitive value is one of fewer than {l} among rows alike.", values)
        )
    return told(parts, language)


def release_in_words(found: Release, language: Language) -> str:
    """Say what leaves, what does not and why."""
    columns = ", ".join(found.frame.columns)
    head = Message("{n} rows leave with the columns {columns}.", {"n": len(found.frame), "columns": columns})
    withheld = [
        Message("Withheld: {what} ({n}).", {"what": what.text(language), "n": n})
        for what, n in found.withheld
    ]
    report = "" if found.report is None else " " + found.report.in_words(language)
    return told([head, *withheld], language) + report
