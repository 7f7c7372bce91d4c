"""A first index of the economic potential of villages: a proposal to be edited, with its reasons."""

from __future__ import annotations

from pathlib import Path

from pk_research.indicators.composite.declaration import Declaration, read_declaration
from pk_research.indicators.composite.options import Options

PROPOSAL = Path(__file__).with_name("village_potential.csv")


def village_potential() -> Declaration:
    """Return a proposal for an index of economic potential from the village survey.

    Fourteen indicators in four parts, all of equal weight, each with its reason. It is a starting
    point: which indicators belong in it and what they weigh is for the panel to say. What is asked
    of desa alone (village fund, BUMDes) is left out, so that kelurahan are compared fairly.

    Examples
    --------
    >>> village_potential().label("access").text("en")
    'Access to markets'
    """
    return read_declaration(PROPOSAL)


def village_potential_options() -> Options:
    """Return the choices proposed with it.

    A village needs two thirds of the indicators; what is missing stays missing, and a part is
    scored when three fifths of its weight are there. Outliers are pulled in, or the logarithm taken.
    """
    return Options(least_present=2 / 3, treatment="winsorise or log", least_weight=0.6)
