"""Appraisals told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.products.words import told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.policy.costs.appraisal import CostBenefit
    from pk_research.policy.costs.influence import BreakEven, Drivers, Tornado

MEASURES = {
    "npv": Message("Net present value (IDR)"),
    "benefits": Message("Present value of benefits (IDR)"),
    "costs": Message("Present value of costs (IDR)"),
    "ratio": Message("Benefit-cost ratio"),
    "rate": Message("Internal rate of return (% a year)"),
    "payback": Message("Discounted payback (years)"),
}
KINDS = {"cost": Message("cost"), "benefit": Message("benefit")}
PRICES = {"real": Message("real prices"), "nominal": Message("nominal prices")}
RATE_NAME = Message("discount rate")


def appraisal_table(found: CostBenefit, language: Language) -> pd.DataFrame:
    """Return one row a measure; a dash where there is none."""
    low, high = (100 * end for end in ((1 - found.level) / 2, (1 + found.level) / 2))
    rows = [(label.text(language), *_values(found, name, language)) for name, label in MEASURES.items()]
    columns = [
        translate("Measure", language),
        translate("Expected value", language),
        Message("{p}% point", {"p": round(low, 1)}).text(language),
        Message("{p}% point", {"p": round(high, 1)}).text(language),
        translate("Exists in (% of the draws)", language),
    ]
    return marked(pd.DataFrame(rows, columns=columns), language, made=found.made)


def _values(found: CostBenefit, name: str, language: Language) -> tuple[str, str, str, str]:
    percent = 100 if name == "rate" else 1
    decimals = {"ratio": 2, "rate": 1}.get(name, 0)
    expected = (
        "; ".join(number_text(100 * rate, language, 1) for rate in found.rates) or "–"
        if name == "rate"
        else number_text(found.expected[name], language, decimals)
    )
    if name not in found.intervals.index:
        return expected, "–", "–", "–"
    row = found.intervals.loc[name]
    ends = (number_text(percent * float(row[end]), language, decimals) for end in ("low", "high"))
    return expected, *ends, number_text(100 * float(row["known"]), language, 1)  # type: ignore[return-value]


def group_table(found: CostBenefit, language: Language) -> pd.DataFrame:
    """Return one row a group: what it pays, gains, and what is left."""
    frame = found.by_group
    table = pd.DataFrame(
        {
            translate("Group", language): frame.index,
            translate("Pays (IDR, present value)", language): frame["costs"].to_numpy(),
            translate("Gains (IDR, present value)", language): frame["benefits"].to_numpy(),
            translate("Left over (IDR, present value)", language): frame["npv"].to_numpy(),
            translate("Interval from", language): frame["low"].to_numpy(),
            translate("Interval to", language): frame["high"].to_numpy(),
        }
    )
    return marked(table, language, made=found.made)


def appraisal_in_words(found: CostBenefit, language: Language) -> str:
    """Say value, doubt, ratio, rate, payback, groups."""
    npv, row = float(found.expected["npv"]), found.intervals.loc["npv"]
    project = found.project
    parts: list[Bilingual] = [
        Message(
            "Over {n} years from {first}, in {prices}, at a discount rate of {rate}% a year, the expected net"
            " present value is IDR {npv} ({level}% of the draws: {low} to {high}).",
            {
                "n": project.flows.n_years,
                "first": str(project.flows.first_year),
                "prices": PRICES[project.prices],
                "rate": round(100 * project.mean_rate, 2),
                "npv": round(npv),
                "level": round(100 * found.level, 1),
                "low": round(float(row["low"])),
                "high": round(float(row["high"])),
            },
        ),
        _loss(found),
    ]
    ratio = float(found.expected["ratio"])
    if not np.isnan(ratio):
        parts.append(
            Message("One rupiah of cost brings {ratio} rupiah of benefit.", {"ratio": round(ratio, 2)})
        )
    parts.append(_rate(found))
    parts.append(_payback(float(found.expected["payback"])))
    parts += _groups(found)
    return told(parts, language, made=found.made)


def _loss(found: CostBenefit) -> Message:
    if found.project.n_factors == 0:
        return Message("Nothing was said to be uncertain, so nothing is known of the risk of a loss.")
    return Message(
        "In {share}% of {n} draws it is a loss (by chance of drawing alone {low} to {high}%).",
        {
            "share": round(100 * found.loss, 1),
            "n": found.n_draws,
            "low": round(100 * found.loss_low, 1),
            "high": round(100 * found.loss_high, 1),
        },
    )


def _rate(found: CostBenefit) -> Message:
    rates = found.rates
    if not rates:
        return Message("There is no internal rate of return: no discount rate brings the value to zero.")
    if len(rates) == 1:
        return Message("The internal rate of return is {rate}% a year.", {"rate": round(100 * rates[0], 2)})
    return Message(
        "There are {n} internal rates of return, because the flows change their sign more than once: none of"
        " them may be taken alone. Judge by the net present value.",
        {"n": len(rates)},
    )


def _payback(years: float) -> Message:
    if np.isnan(years):
        return Message("It does not pay back within the years looked at.")
    return Message("It has paid back after {years} years, discounted.", {"years": int(years)})


def _groups(found: CostBenefit) -> list[Message]:
    left = found.by_group["npv"]
    gaining, paying = ", ".join(left.index[left > 0]), ", ".join(left.index[left < 0])
    parts = []
    if gaining:
        parts.append(Message("Those who gain: {names}.", {"names": gaining}))
    if paying:
        parts.append(Message("Those who pay more than they gain: {names}.", {"names": paying}))
    return parts


def factor_name(name: str, language: Language) -> str:
    """Return what an uncertain figure is called."""
    return RATE_NAME.text(language) if name == RATE_NAME.template else name


def tornado_table(found: Tornado, language: Language) -> pd.DataFrame:
    """Return one row a figure, the widest first."""
    frame = found.frame
    table = pd.DataFrame(
        {
            translate("What varies", language): [factor_name(name, language) for name in frame["factor"]],
            translate("Net present value at its low end (IDR)", language): frame["at_low"],
            translate("Net present value at its high end (IDR)", language): frame["at_high"],
            translate("Swing (IDR)", language): frame["swing"],
        }
    )
    return marked(table, language, made=found.made)


def tornado_in_words(found: Tornado, language: Language) -> str:
    """Say which figure moves most, and which alone can turn the verdict."""
    first = found.frame.iloc[0]
    turning = found.frame[np.sign(found.frame["at_low"]) != np.sign(found.frame["at_high"])]
    parts = [
        Message(
            "One at a time, this moves the net present value most: {factor}, by IDR {swing} between the ends"
            " of its {level}% interval.",
            {
                "factor": factor_name(first["factor"], language),
                "swing": round(float(first["swing"])),
                "level": round(100 * found.level, 1),
            },
        ),
        Message(
            "These alone can turn a gain into a loss: {names}.",
            {"names": ", ".join(factor_name(name, language) for name in turning["factor"])},
        )
        if len(turning)
        else Message("None of them alone can turn a gain into a loss."),
    ]
    return told(parts, language, made=found.made)


def drivers_table(found: Drivers, language: Language) -> pd.DataFrame:
    """Return one row a figure, the strongest first."""
    shares = (100 * found.shares.sort_values("total", ascending=False, kind="stable")).round(1)
    headings = {
        "first": Message("Share of the variance, alone (%)"),
        "first_width": Message("± (alone)"),
        "total": Message("Share of the variance, with interactions (%)"),
        "total_width": Message("± (with interactions)"),
    }
    table = pd.DataFrame({label.text(language): shares[name].to_numpy() for name, label in headings.items()})
    table.insert(0, translate("What varies", language), [factor_name(n, language) for n in shares.index])
    return marked(table, language, made=found.made)


def drivers_in_words(found: Drivers, language: Language) -> str:
    """Say whose doubt weighs most."""
    strongest = str(found.shares["total"].idxmax())
    row = found.shares.loc[strongest]
    part = Message(
        "Of all doubt about the net present value, {share}% (± {width}) comes from: {factor}. That figure is"
        " worth measuring better first.",
        {
            "share": round(100 * float(row["total"])),
            "width": round(100 * float(row["total_width"])),
            "factor": factor_name(strongest, language),
        },
    )
    return told([part], language, made=found.made)


def break_even_table(found: BreakEven, language: Language) -> pd.DataFrame:
    """Return one row an item: at what part of its amount nothing is gained or lost."""
    frame = found.frame
    table = pd.DataFrame(
        {
            translate("Item", language): frame["item"],
            translate("Cost or benefit", language): [KINDS[kind].text(language) for kind in frame["kind"]],
            translate("Present value (IDR)", language): frame["present_value"],
            translate("Breaks even at (% of the expected amount)", language): (100 * frame["multiple"]).round(
                1
            ),
        }
    )
    return marked(table, language, made=found.made)


def break_even_in_words(found: BreakEven, language: Language) -> str:
    """Name the item that needs to change least."""
    known = found.frame.dropna(subset="multiple")
    if known.empty:
        part = Message("No single item can bring the net present value to zero.")
    else:
        nearest = known.loc[(known["multiple"] - 1).abs().idxmin()]
        part = Message(
            "The verdict turns soonest with {item}: at {percent}% of its expected amount the net present"
            " value is zero, all else as expected.",
            {"item": nearest["item"], "percent": round(100 * float(nearest["multiple"]), 1)},
        )
    return told([part], language, made=found.made)
