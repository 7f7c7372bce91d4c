"""A specification curve told to people: the whole curve, never its most striking point."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.policy.effects.words import Figure
from pk_research.products.words import percent, told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.policy.specifications.curve import SpecificationCurve

KIND_NAMES = {
    "outcome": Message("Outcome measured as"),
    "covariates": Message("Held fixed"),
    "sample": Message("Rows"),
    "estimator": Message("Estimated by"),
}
DEVIATIONS = Message("standard deviations of the outcome")


def curve_table(found: SpecificationCurve, language: Language) -> pd.DataFrame:
    """Return one row a specification, sorted by estimate; those that failed at the end."""
    shown = found.specifications
    level = number_text(100 * found.level, language)
    columns: dict[str, object] = {
        label.text(language): [found.names[kind, name].text(language) for name in shown[kind]]
        for kind, label in KIND_NAMES.items()
    }
    columns |= {
        translate("Estimate", language): shown["estimate"].round(4),
        translate("Standard error", language): shown["standard_error"].round(4),
        Message("{level}% interval, from", {"level": level}).text(language): shown["low"].round(4),
        translate("to", language): shown["high"].round(4),
        translate("p-value", language): shown["p_value"].round(4),
        translate("Number of rows", language): shown["n_rows"],
        translate("Error", language): shown["error"],
    }
    return marked(pd.DataFrame(columns), language, made=found.made)


def account(found: SpecificationCurve, language: Language) -> str:
    """Tell the curve in a careful paragraph."""
    sentences = [
        *_ran(found),
        *_spread(found),
        *_together(found),
        Message(
            "The specifications rest on the same rows and are not equally good: their median is no better"
            " estimate than a well-chosen one, and the curve only shows how much hangs on the choices"
            " listed here."
        ),
    ]
    return told(sentences, language, made=found.made)


def figure(value: float, found: SpecificationCurve) -> Figure:
    """Return a number to two digits of the middle standard error."""
    error = float(np.median(found.done["standard_error"]))
    digits = max(0, 1 - math.floor(math.log10(error)))
    return Figure(round(value, digits), digits)


def _ran(found: SpecificationCurve) -> list[Message]:
    n, failed = len(found.specifications), len(found.failed)
    sentences = [
        Message("“{outcome}” was estimated in {n} specifications.", {"outcome": found.outcome, "n": n})
    ]
    if failed:
        sentences.append(
            Message(
                "Specifications that failed, {failed}: they are listed with their errors, and everything"
                " below is of the other {done}.",
                {"failed": failed, "done": n - failed},
            )
        )
    rows = found.done["n_rows"]
    sentences.append(
        Message(
            "They use from {least} to {most} rows each; rows with a gap in what a specification needs are"
            " not in it.",
            {"least": int(rows.min()), "most": int(rows.max())},
        )
    )
    sentences += [
        Message("Rows set aside, {n}: {reason}.", {"n": n, "reason": reason}) for reason, n in found.left_out
    ]
    return sentences


def _spread(found: SpecificationCurve) -> list[Message]:
    done, shares = found.done, found.shares
    unit = DEVIATIONS if found.scale == "standard_deviations" else found.unit
    values: dict[str, object] = {
        "median": figure(found.median, found),
        "least": figure(float(done["estimate"].min()), found),
        "most": figure(float(done["estimate"].max()), found),
        "unit": unit,
    }
    middle = (
        Message(
            "The median estimate is {median} {unit}; estimates go from {least} to {most}.",
            values,
        )
        if unit.text("en")
        else Message("The median estimate is {median}; estimates go from {least} to {most}.", values)
    )
    return [
        middle,
        Message(
            "Above zero are {above}% of the estimates, below it {below}%; with p below {alpha}, above zero"
            " {significantly_above}% and below it {significantly_below}%.",
            {name: percent(share, 1) for name, share in shares.items()} | {"alpha": found.alpha},
        ),
    ]


def _together(found: SpecificationCurve) -> list[Message]:
    joint = found.joint
    if joint is None:
        return [Message("No lots were drawn, so nothing is said of all specifications together.")]
    p = joint.results["p_value"].round(4)
    error = joint.results["p_value_error"].round(4)
    values = {
        "n": len(joint.draws),
        "median": float(p["median"]),
        "share": float(p["share_significant"]),
        "stouffer": float(p["stouffer"]),
        "z": round(float(joint.results.loc["stouffer", "observed"]), 2),
        "error": float(error.max()),
    }
    drawn = (
        Message(
            "All {n} lots that could have been drawn were tried and every specification was run again for"
            " each.",
            values,
        )
        if joint.are_all
        else Message(
            "The policy was dealt anew {n} times by lot and every specification was run again each time"
            " (p-values give or take {error} at most).",
            values,
        )
    )
    sentences = [
        drawn,
        Message(
            "Had the policy done nothing for anybody, a median as far from zero would have come about with"
            " p = {median}, as large a share significant of one sign with p = {share}, and as large a sum of"
            " certainty (Stouffer's Z of {z}) with p = {stouffer}.",
            values,
        ),
    ]
    if joint.n_with_failures:
        sentences.append(
            Message(
                "In {n} of the lots some specification could not be run: those lots count by the others.",
                {"n": joint.n_with_failures},
            )
        )
    sentences.append(
        Message(
            "These p-values are exact only where who has the policy was drawn by such a lot; elsewhere they"
            " are a first impression."
        )
    )
    return sentences
