"""Welfare told to people: always with the interval, the design and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.policy.welfare.money import Rupiah
from pk_research.products.words import some, told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.policy.welfare.bootstrap import Bootstrap
    from pk_research.policy.welfare.change import Change
    from pk_research.policy.welfare.estimate import Estimate, Unit

ALL = Message("All")
AGREES = 0.1
FEW_DF = 10


def written(value: float, unit: Unit, language: Language) -> str:
    """Write a value in its unit: rupiah, percent, or a number."""
    if np.isnan(value):
        return "–"
    if unit == "idr":
        return Rupiah(value).text(language)
    if unit == "share":
        return f"{number_text(100 * value, language, 1)}%"
    return number_text(value, language, 0 if abs(value) >= 1000 else 3)


def written_change(value: float, unit: Unit, language: Language) -> str:
    """Write a change; that of a share is in points, lest it be taken for a percentage of the share."""
    if unit != "share" or np.isnan(value):
        return written(value, unit, language)
    return Message("{n} points", {"n": number_text(100 * value, language, 1)}).text(language)


def group_name(name: str, language: Language) -> str:
    """Return what a group is called."""
    return ALL.text(language) if name == "(all)" else name


def _groups(frame: pd.DataFrame, language: Language) -> list[str]:
    return [group_name(str(name), language) for name in frame.index]


def _column(values: pd.Series, unit: Unit, language: Language) -> list[str]:
    return [written(float(value), unit, language) for value in values]


def estimate_table(found: Estimate, language: Language) -> pd.DataFrame:
    """Return one row a group; a dash where something cannot be known."""
    frame, unit = found.frame, found.unit
    table = pd.DataFrame(
        {
            translate("Group", language): _groups(frame, language),
            found.what.text(language): _column(frame["estimate"], unit, language),
            translate("Standard error", language): _column(frame["se"], unit, language),
            translate("Interval from", language): _column(frame["low"], unit, language),
            translate("Interval to", language): _column(frame["high"], unit, language),
            translate("Design effect", language): [number_text(v, language, 2) for v in frame["deff"]],
            translate("Rows", language): frame["rows"].to_numpy(),
            translate("Sampling units (PSU)", language): frame["psus"].to_numpy(),
        }
    )
    return marked(table, language, made=found.made)


def estimate_in_words(found: Estimate, language: Language) -> str:
    """Say the estimate, its doubt, where it comes from and what is missing."""
    row, unit = found.frame.iloc[0], found.unit
    values = {
        "what": found.what,
        "value": written(row["estimate"], unit, language),
        "low": written(row["low"], unit, language),
        "high": written(row["high"], unit, language),
        "level": round(100 * found.level, 1),
    }
    parts: list[Bilingual] = [
        Message("{what}: {value}; how sure this is cannot be known from these data.", values)
        if np.isnan(row["se"])
        else Message("{what}: {value} ({level}% interval {low} to {high}).", values)
    ]
    parts += [*found.notes, *_groups_told(found, language), *_design_told(found), *_left_out(found)]
    return told(parts, language, made=found.made)


def _groups_told(found: Estimate, language: Language) -> list[Message]:
    groups = found.frame.iloc[1:].dropna(subset="estimate")
    if len(groups) < 2:
        return []
    low, high = groups["estimate"].idxmin(), groups["estimate"].idxmax()
    first, last = groups.loc[low], groups.loc[high]
    values = {
        "low": str(low),
        "high": str(high),
        "low_value": written(first["estimate"], found.unit, language),
        "high_value": written(last["estimate"], found.unit, language),
    }
    parts = [Message("Lowest in {low} ({low_value}), highest in {high} ({high_value}).", values)]
    if not first["high"] < last["low"]:
        parts.append(Message("Their intervals overlap or are not known, so their order is not sure."))
    unknown = groups.index[groups["se"].isna()]
    if len(unknown):
        parts.append(
            Message("How sure this is cannot be known for: {names}.", {"names": some(unknown)}),
        )
    return parts


def _design_told(found: Estimate) -> list[Message]:
    design, row = found.rows.design, found.frame.iloc[0]
    parts = [
        Message(
            "From {rows} rows in {psus} sampling units (PSU) and {strata} strata, weighted.",
            {"rows": int(row["rows"]), "psus": int(row["psus"]), "strata": design.n_strata},
        )
    ]
    if not np.isnan(row["deff"]):
        parts.append(
            Message(
                "The design makes the variance {deff} times that of as many rows drawn one by one.",
                {"deff": round(float(row["deff"]), 2)},
            )
        )
    if row["df"] < FEW_DF:
        parts.append(
            Message(
                "Only {df} degrees of freedom (PSU minus strata): the interval itself is rough.",
                {"df": int(row["df"])},
            )
        )
    alone = int((design.psus_in == 1).sum())
    if alone:
        kinds = {
            "centred": Message("{n} strata with a single PSU are compared with the mean of all PSU."),
            "certainty": Message("{n} strata with a single PSU are taken to add no doubt."),
        }
        parts.append(Message(kinds[design.single].template, {"n": alone}))
    return parts


def _left_out(found: Estimate) -> list[Message]:
    parts = []
    if found.rows.n_missing:
        parts.append(
            Message(
                "{n} rows without a value are outside: this describes only those that have one.",
                {"n": found.rows.n_missing},
            )
        )
    if found.rows.n_excluded:
        parts.append(
            Message(
                "{n} rows are outside because the index is not defined for their income.",
                {"n": found.rows.n_excluded},
            )
        )
    return parts


def change_table(found: Change, language: Language) -> pd.DataFrame:
    """Return one row a group: before, after, change and its interval."""
    frame, unit = found.frame, found.before.unit
    headings = {
        "before": Message("Before"),
        "after": Message("After"),
        "change": Message("Change"),
        "se": Message("Standard error"),
        "low": Message("Interval from"),
        "high": Message("Interval to"),
    }
    table = pd.DataFrame(
        {
            label.text(language): [_cell(value, name, unit, language) for value in frame[name]]
            for name, label in headings.items()
        }
    )
    table.insert(0, translate("Group", language), _groups(frame, language))
    return marked(table, language, made=found.made)


def _cell(value: float, name: str, unit: Unit, language: Language) -> str:
    tell = written if name in {"before", "after"} else written_change
    return tell(value, unit, language)


def change_in_words(found: Change, language: Language) -> str:
    """Say what changed for all, whether it is told from chance, and how the surveys are tied."""
    row, unit = found.frame.iloc[0], found.before.unit
    values = {
        "what": found.before.what,
        "before": written(row["before"], unit, language),
        "after": written(row["after"], unit, language),
        "change": written_change(row["change"], unit, language),
        "low": written_change(row["low"], unit, language),
        "high": written_change(row["high"], unit, language),
        "level": round(100 * found.level, 1),
    }
    parts: list[Bilingual] = []
    if np.isnan(row["se"]):
        parts.append(
            Message("{what}: from {before} to {after}; how sure the change is cannot be known.", values)
        )
    else:
        parts.append(
            Message(
                "{what}: from {before} to {after}, a change of {change} ({level}% interval {low} to {high}).",
                values,
            )
        )
        is_told = row["low"] > 0 or row["high"] < 0
        parts.append(
            Message("The change is larger than chance would bring.")
            if is_told
            else Message("The change cannot be told from chance.")
        )
    parts.append(
        Message(
            "{n} sampling units (PSU) were visited both times; correlation of the two estimates {r}.",
            {"n": found.n_shared, "r": round(float(row["correlation"]), 2)},
        )
        if found.n_shared
        else Message("No sampling unit (PSU) was visited both times: the surveys count as independent.")
    )
    if found.n_lone:
        parts.append(
            Message(
                "In {n} strata one PSU alone was visited both times; it is counted as independent.",
                {"n": found.n_lone},
            )
        )
    if found.one_sided:
        parts.append(
            Message("In one survey only, so left out: {names}.", {"names": some(found.one_sided)}),
        )
    parts.append(Message("A change is not yet an effect of a policy."))
    return told(parts, language, made=found.made)


def bootstrap_table(drawn: Bootstrap, language: Language) -> pd.DataFrame:
    """Return one row a group: both standard errors, the interval of the draws."""
    frame, unit = drawn.frame, drawn.found.unit
    table = pd.DataFrame(
        {
            translate("Group", language): _groups(frame, language),
            drawn.found.what.text(language): _column(frame["estimate"], unit, language),
            translate("Standard error (bootstrap)", language): _column(frame["se"], unit, language),
            translate("Standard error (linearised)", language): _column(
                frame["linearised_se"], unit, language
            ),
            translate("Interval from", language): _column(frame["low"], unit, language),
            translate("Interval to", language): _column(frame["high"], unit, language),
            translate("Exists in (% of the draws)", language): [
                number_text(100 * share, language, 1) for share in frame["known"]
            ],
        }
    )
    return marked(table, language, made=drawn.made)


def bootstrap_in_words(drawn: Bootstrap, language: Language) -> str:
    """Say how far the two standard errors are apart."""
    row, unit = drawn.frame.iloc[0], drawn.found.unit
    gap = float(row["se"] / row["linearised_se"] - 1)
    parts: list[Bilingual] = [
        Message(
            "{what}: {value}; {level}% of {n} draws of the sampling units (PSU) lie from {low} to {high}"
            " (seed {seed}).",
            {
                "what": drawn.found.what,
                "value": written(row["estimate"], unit, language),
                "level": round(100 * drawn.level, 1),
                "n": drawn.n_draws,
                "low": written(row["low"], unit, language),
                "high": written(row["high"], unit, language),
                "seed": str(drawn.seed),
            },
        )
    ]
    if not np.isnan(gap):
        template = (
            Message("Its standard error is {gap}% away from the linearised one: the two agree.")
            if abs(gap) <= AGREES
            else Message("Its standard error is {gap}% away from the linearised one: use the larger.")
        )
        parts.append(Message(template.template, {"gap": round(100 * gap, 1)}))
    parts += [*drawn.found.notes, *_left_out(drawn.found)]
    return told(parts, language, made=drawn.made)
