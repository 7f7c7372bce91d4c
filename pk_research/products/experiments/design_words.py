"""A design told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Language, Message
from pk_research.products.words import told

if TYPE_CHECKING:
    from pk_research.products.experiments.design import ChoiceDesign

METHODS = {
    "d_efficient": Message("D-efficient"),
    "orthogonal": Message("orthogonal"),
    "random": Message("random, levels balanced"),
}


def design_table(design: ChoiceDesign, language: Language) -> pd.DataFrame:
    """Return one row an alternative shown, with labels in a language."""
    sets = design.sets
    table = pd.DataFrame(
        {
            Message("Block").text(language): sets["block"],
            Message("Set").text(language): sets["set"],
            Message("Alternative").text(language): sets["alternative"].str.upper(),
        }
    )
    for attribute in design.attributes:
        labels = {level.value: level.text(language) for level in attribute.levels}
        table[attribute.text(language)] = sets[attribute.name].map(labels)
    return table


def design_in_words(design: ChoiceDesign, language: Language) -> str:
    """Say how large the design is, how good, and what was refused or mended."""
    balance = design.balance()
    spread = balance.groupby("attribute")["times"].agg(lambda times: times.max() - times.min())
    values = {
        "sets": design.n_sets, "blocks": design.n_blocks, "each": design.sets_each,
        "alternatives": design.n_alternatives, "method": METHODS[design.method],
        "error": round(design.d_error, 4),
    }  # fmt: skip
    sentences = [
        Message("{sets} choice sets in {blocks} blocks: each respondent answers {each} of them.", values),
        Message("Each set shows {alternatives} alternatives and “none of these”.", values)
        if design.has_none
        else Message("Each set shows {alternatives} alternatives; one has to be chosen.", values),
        Message("The design is {method}; its D-error is {error} (smaller is better).", values),
        Message("Within an attribute every level is shown equally often.")
        if spread.max() == 0
        else Message("Within an attribute, one level is shown up to {n} times more than another.",
                     {"n": int(spread.max())}),
    ]  # fmt: skip
    if (design.prior_sd > 0).any():
        sentences.append(
            Message("The D-error is a mean over {n} draws of the priors.", {"n": len(design.prior_draws)})
        )
    elif not design.priors.any():
        sentences.append(Message("It supposes no tastes in advance: all priors are zero."))
    if any(attribute.better for attribute in design.attributes):
        sentences.append(Message("No alternative is as good as another in every respect and better in one."))
    if design.mended:
        sentences.append(
            Message(
                "To make it so, levels were exchanged within {n} sets: {sets}. Their alternatives are no "
                "longer exactly orthogonal.",
                {"n": len(design.mended), "sets": ", ".join(map(str, design.mended))},
            )
        )
    if design.n_refused:
        sentences.append(
            Message("To keep it so, {n} improvements of the D-error were refused.", {"n": design.n_refused})
        )
    return told(sentences, language)
