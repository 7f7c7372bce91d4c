"""A fitted choice model told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Language, Message
from pk_research.products.experiments.sample_size import Z_95
from pk_research.products.words import listed, told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.products.experiments.model import ChoiceModel

KINDS = {
    "multinomial": Message("Multinomial logit"),
    "nested": Message("Nested logit"),
    "mixed": Message("Mixed logit"),
    "latent class": Message("Latent class logit"),
}
NAMED = 6


def model_table(model: ChoiceModel, language: Language) -> pd.DataFrame:
    """Return estimates, standard errors, 95 % intervals and p-values, headings in a language."""
    from scipy.stats import norm

    errors = model.standard_errors
    table = pd.DataFrame(
        {
            Message("Coefficient").text(language): [model.label(n).text(language) for n in model.names],
            Message("Estimate").text(language): model.estimates.to_numpy(),
            Message("Standard error").text(language): errors.to_numpy(),
            Message("95% from").text(language): (model.estimates - Z_95 * errors).to_numpy(),
            Message("95% to").text(language): (model.estimates + Z_95 * errors).to_numpy(),
            Message("p").text(language): 2 * norm.sf(np.abs(model.estimates / errors)),
        }
    ).round(4)
    return marked(table, language, made=model.made)


def model_in_words(model: ChoiceModel, language: Language) -> str:
    """Say what the model rests on, how well it fits, and which tastes are sure."""
    values = {
        "kind": KINDS[model.kind], "choices": model.n_choices, "people": model.n_respondents,
        "r2": round(100 * model.pseudo_r2), "ll": round(model.log_likelihood, 1),
    }  # fmt: skip
    sentences = [
        Message("{kind} of {choices} choices by {people} respondents.", values),
        Message("Log-likelihood {ll}; McFadden's pseudo R² is {r2}% (choosing at random is 0%).", values),
        Message("Standard errors allow for the choices of a respondent depending on each other."),
    ]
    if not model.converged:
        sentences.append(Message("The search did not come to a clear maximum: do not use these estimates."))
    sentences += model.sentences()
    sentences += _sure(model, language)
    sentences += model.notes
    return told(sentences, language, made=model.made)


def _sure(model: ChoiceModel, language: Language) -> list[Message]:
    """Name the tastes whose interval leaves out zero, the surest first."""
    ratio = (model.estimates / model.standard_errors).dropna()
    tastes = [name for name in ratio.index if name.rpartition(":")[2] in model.utility_names]
    ratio = ratio[tastes].sort_values(key=abs, ascending=False, kind="stable")
    said = []
    raising = Message("Raise the chance to be chosen, beyond doubt at the 95% level: {names}.")
    lowering = Message("Lower the chance to be chosen, beyond doubt at the 95% level: {names}.")
    unsure = Message("Cannot be told from no effect: {names}.")
    for names, text in (
        (ratio.index[ratio > Z_95], raising),
        (ratio.index[ratio < -Z_95], lowering),
        (ratio.index[ratio.abs() <= Z_95], unsure),
    ):
        if len(names):
            shown = listed([model.label(name) for name in names[:NAMED]], language)
            more = "" if len(names) <= NAMED else "; …"
            said.append(Message(text.template, {"names": shown + more}))
    return said
