"""How many respondents a design needs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.products.experiments.design import ChoiceDesign
from pk_research.products.experiments.efficiency import information_by_set
from pk_research.products.words import told

Z_95 = 1.959963984540054
ORME = 500


@dataclass(frozen=True, eq=False)
class SampleSize:
    """How many respondents two rules ask for.

    Attributes
    ----------
    orme
        By Johnson and Orme's rule of thumb: 500 c / (t a), with c the most levels of an attribute,
        t the sets a respondent answers and a the alternatives.
    by_coefficient
        One row a coefficient: ``prior``, ``standard_error`` (from one respondent in each block) and
        ``n_respondents`` for its 95 % interval to leave zero out half of the time; missing where
        the prior is zero.
    s_error
        The most replications of the design any coefficient needs (Rose and Bliemer); missing
        without priors.
    by_priors
        Respondents that makes; None without priors.
    labels
        What the coefficients are called.
    """

    orme: int
    by_coefficient: pd.DataFrame
    s_error: float
    by_priors: int | None
    labels: dict[str, Message]

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a coefficient, with headings in a language."""
        table = self.by_coefficient
        return pd.DataFrame(
            {
                Message("Coefficient").text(language): [self.labels[n].text(language) for n in table.index],
                Message("Prior").text(language): table["prior"].to_numpy(),
                Message("Respondents needed").text(language): table["n_respondents"].to_numpy(),
            }
        )

    def in_words(self, language: Language) -> str:
        """Say what each rule asks for and what it rests on."""
        sentences = [
            Message("By the rule of thumb of Johnson and Orme {n} respondents are needed.", {"n": self.orme})
        ]
        if self.by_priors is None:
            sentences.append(
                Message("Without priors nothing more can be said; a pilot with some 30 people gives them.")
            )
        else:
            last = str(self.by_coefficient["n_respondents"].idxmax())
            sentences.append(
                Message(
                    "If tastes are as the priors say, {n} respondents are needed to tell every taste from "
                    "zero at the 95% level; the hardest is “{name}”.",
                    {"n": self.by_priors, "name": self.labels[last]},
                )
            )
            sentences.append(
                Message("At that number the hardest one is told from zero in half of all surveys only.")
            )
        return told(sentences, language)


def sample_size(design: ChoiceDesign) -> SampleSize:
    """Work out how many respondents a design needs.

    Parameters
    ----------
    design
        A design; its priors give the second rule.

    Returns
    -------
    SampleSize
        Both rules; blocks are counted: a replication of the design takes as many respondents.

    Raises
    ------
    BadInput
        When the design does not identify its coefficients at the priors.

    References
    ----------
    Orme (2010), Getting Started with Conjoint Analysis; Rose and Bliemer (2013), Sample size
    requirements for stated choice experiments.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments.attributes import Attribute
    >>> from pk_research.products.experiments.design import choice_design
    >>> taste = Attribute("taste", "Rasa", "Taste", (Label("mild", "Gurih", "Mild"),
    ...                   Label("spicy", "Pedas", "Spicy")))
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> sample_size(choice_design([taste, pack], n_sets=4, has_none=False)).orme
    125
    """
    information = information_by_set(design.rows(), design.priors.to_numpy()[None]).sum(axis=0)[0]
    try:
        variance = np.diag(np.linalg.inv(information))
    except np.linalg.LinAlgError:
        what = "the design does not identify every coefficient at these priors"
        raise BadInput(Problem("design", what, "Ask more sets, or give other priors.")) from None
    prior = design.priors.to_numpy()
    with np.errstate(divide="ignore"):
        replications = np.where(prior == 0, np.nan, Z_95**2 * variance / prior**2)
    needed = np.ceil(replications * design.n_blocks)
    table = pd.DataFrame(
        {"prior": prior, "standard_error": np.sqrt(variance), "n_respondents": needed},
        index=list(design.names),
    )
    most = max(len(attribute.levels) for attribute in design.attributes)
    known = np.isfinite(replications)
    return SampleSize(
        orme=math.ceil(ORME * most / (design.sets_each * design.n_alternatives)),
        by_coefficient=table,
        s_error=float(replications[known].max()) if known.any() else math.nan,
        by_priors=int(needed[known].max()) if known.any() else None,
        labels=design.labels,
    )
