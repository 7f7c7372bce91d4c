"""What a design can find, told to whoever pays for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.policy.design.plan import BothLanguages
from pk_research.products.words import told

if TYPE_CHECKING:
    from pk_research.policy.design.power import Design, Power

FEW_CLUSTERS = 20
ENOUGH = 0.8


def power_table(result: Power, language: Language) -> pd.DataFrame:
    """Return what was assumed and what follows, a row each."""
    design = result.design
    rows: list[tuple[Message, float]] = [
        (Message("Clusters in all"), design.clusters),
        (Message("People asked in each cluster"), design.cluster_size),
        (Message("Variation of cluster sizes (standard deviation over mean)"), design.size_variation),
        (Message("Intra-cluster correlation"), design.icc),
        (Message("Share of clusters treated"), design.share_treated),
        (Message("Share of people lost"), design.lost),
        (Message("Variance explained between clusters"), design.r2_between),
        (Message("Variance explained within clusters"), design.r2_within),
        (Message("Rounds before"), 0 if design.analysis == "after" else design.rounds_before),
        (Message("Rounds after"), design.rounds_after),
        (Message("Autocorrelation between rounds"), design.autocorrelation),
        (Message("Level of the test"), design.alpha),
        (Message("Design effect"), design.design_effect),
        (Message("Standard error"), design.standard_error(result.effect)),
        (Message("Degrees of freedom"), design.degrees_of_freedom),
        (Message("Effect"), result.effect),
        (Message("Power"), result.power),
    ]
    return pd.DataFrame(
        {
            translate("Quantity", language): [name.text(language) for name, _ in rows],
            translate("Value", language): [number_text(float(value), language) for _, value in rows],
        }
    )


def power_account(result: Power, language: Language) -> str:
    """Tell what the design can find and on what that rests."""
    return told([_found(result), *_cautions(result)], language)


def _found(result: Power) -> Message:
    values: dict[str, object] = {
        "who": who(result.design),
        "effect": result.effect,
        "unit": _unit(result),
        "power": round(100 * result.power),
        "alpha": 100 * result.design.alpha,
    }
    if result.asked == "clusters":
        return Message(
            "To find an effect of {effect}{unit} with a chance of at least {power}% (two-sided test,"
            " level {alpha}%), {who} are needed in all.",
            values | {"power": int(100 * result.power)},
        )
    if result.asked == "effect":
        return Message(
            "{who} find an effect of {effect}{unit} or more with a chance of {power}% (two-sided test,"
            " level {alpha}%); smaller effects will often be missed.",
            values,
        )
    return Message(
        "{who} find an effect of {effect}{unit} with a chance of {power}% (two-sided test, level {alpha}%).",
        values,
    )


def who(design: Design) -> Message:
    """Say how many are asked, in clusters or singly."""
    values = {"n": design.clusters, "size": design.cluster_size}
    if design.cluster_size == 1:
        return Message("{n} people", values)
    return Message("{n} clusters of {size} people", values)


def _unit(result: Power) -> Bilingual:
    if result.design.share_before is not None:
        return Message(" (difference of shares)")
    return Message(" standard deviations") if result.design.sd == 1 else BothLanguages("", "")


def _cautions(result: Power) -> list[Message]:
    design, found = result.design, []
    if result.asked == "power" and result.power < ENOUGH:
        found.append(
            Message("That is less than the usual 80%: finding nothing would say little about the policy.")
        )
    if design.degrees_of_freedom < FEW_CLUSTERS:
        found.append(Message("There are few clusters: more people in each hardly help, more clusters do."))
    if design.analysis != "after":
        found.append(
            Message(
                "Any two rounds are taken to be equally alike; where neighbouring rounds are more alike"
                " than distant ones, the true power differs (Burlig, Preonas and Woerman 2020)."
            )
        )
    found.append(Message("All this rests on the assumed figures; look at neighbouring ones before deciding."))
    return found
