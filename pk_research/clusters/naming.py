"""Readable names for clusters, proposed from their profile: "high social resilience, low ...".

A name lists what stands out most, more where two clusters would be called the same. Where that
does not help, the mean of the variable that separates them best tells them apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from pk_research.clusters.phrases import inside_sentence, joined
from pk_research.clusters.profile import NOTABLE, Profile
from pk_research.codebook import Variable
from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message

if TYPE_CHECKING:
    from pk_research.clusters.over_time import TypesOverTime
    from pk_research.clusters.typology import Typology

Named = TypeVar("Named", "Typology", "TypesOverTime")
VERY = 1.25
LISTED = 2

ONE = {
    2: "very high {variable}",
    1: "high {variable}",
    -1: "low {variable}",
    -2: "very low {variable}",
}
ONE_CATEGORY = {
    2: "{variable} much more often",
    1: "{variable} more often",
    -1: "{variable} less often",
    -2: "{variable} much less often",
}
EVERY = {
    2: Message("very high on every indicator"),
    1: Message("high on every indicator"),
    -1: Message("low on every indicator"),
    -2: Message("very low on every indicator"),
}


def propose_names(profile: Profile, variables: Sequence[Variable]) -> tuple[Message, ...]:
    """Propose one name a cluster, all different, in the order of the cluster numbers.

    "High" and "low" start at 0.5 standard deviations from the mean of all villages, "very" at
    1.25; what lies between is not mentioned. Of each variable at most one category is.

    Parameters
    ----------
    profile
        From `describe`.
    variables
        The variables, categories as variables of their own, for their labels.
    """
    effects = profile.effects()
    labels = {variable.name: inside_sentence(variable) for variable in variables}
    names: dict[int, Message] = {}
    for n_listed in range(LISTED, max(LISTED, len(labels)) + 1):
        alike = {
            cluster: _name(effects.loc[cluster].to_dict(), labels, n_listed, profile.category_of)
            for cluster in effects.index
            if cluster not in names
        }
        uses = Counter(name.text("en") for name in alike.values())
        names |= {cluster: name for cluster, name in alike.items() if uses[name.text("en")] == 1}
    while unnamed := [cluster for cluster in alike if cluster not in names]:
        text = alike[unnamed[0]].text("en")
        same = {cluster: alike[cluster] for cluster in unnamed if alike[cluster].text("en") == text}
        names |= _told_apart(same, profile, labels)
    return tuple(names[cluster] for cluster in effects.index)


def with_names(typology: Named, names: Mapping[int, str]) -> Named:
    """Return the typology with some of its types named by people; the others keep their name.

    Parameters
    ----------
    typology
        The result, for one year or over years; over years the numbers are the common ones.
    names
        Number of a type, from 1 -> its name, the same in both languages.

    Raises
    ------
    BadInput
        When a number is unknown, or a name is empty or that of another type; all at once.
    """
    given = {number: " ".join(name.split()) for number, name in names.items()}
    problems = [
        Problem(f"type {number}", "there is no such type", f"Give numbers from 1 to {typology.k}.")
        for number in given
        if not 1 <= number <= typology.k
    ]
    problems += [
        Problem(f"type {number}", "its name is empty", "Give it a name, or leave it out.")
        for number, name in given.items()
        if not name
    ]
    new = [
        Message("{name}", {"name": given[number]}) if given.get(number) else name
        for number, name in enumerate(typology.names, start=1)
    ]
    uses = Counter(name.text("en").casefold() for name in new)
    problems += [
        Problem(f"type {number}", f"another type is also called {given[number]!r}", "Give it another name.")
        for number, name in enumerate(new, start=1)
        if given.get(number) and uses[name.text("en").casefold()] > 1
    ]
    if problems:
        raise BadInput(problems)
    return replace(typology, names=tuple(new))


def _name(
    effects: Mapping[str, float],
    labels: Mapping[str, Bilingual],
    n_listed: int,
    category_of: Mapping[str, str],
) -> Message:
    """Name a cluster after its most telling variables, mentioned in their usual order."""
    levels = {name: _level(effect) for name, effect in effects.items()}
    signs = {np.sign(level) for level in levels.values()}
    if len(levels) > 1 and not category_of and signs in ({1}, {-1}):
        return EVERY[min(levels.values(), key=abs)]
    telling = sorted((name for name in levels if levels[name]), key=lambda name: -abs(effects[name]))
    of_variable: dict[str, str] = {}
    for name in telling:
        of_variable.setdefault(category_of.get(name, name), name)
    listed = list(of_variable.values())[:n_listed]
    traits = [
        Message((ONE_CATEGORY if name in category_of else ONE)[levels[name]], {"variable": labels[name]})
        for name in levels
        if name in listed
    ]
    return reduce(joined, traits) if traits else Message("near the average of all villages")


def _level(effect: float) -> int:
    size = 2 if abs(effect) >= VERY else 1 if abs(effect) >= NOTABLE else 0
    return size if effect > 0 else -size


def _told_apart(
    names: Mapping[int, Message], profile: Profile, labels: Mapping[str, Bilingual]
) -> dict[int, Message]:
    """Add to equal names the mean of the variable on which these clusters differ most."""
    effects = profile.effects().loc[list(names)].fillna(0)
    gaps = {name: np.diff(np.sort(effects[name].to_numpy())).min() for name in effects}
    best = max(gaps, key=lambda name: gaps[name])
    means = profile.wide("mean")[best]
    values = {cluster: float(f"{means[cluster]:.3g}") for cluster in names}
    if len(set(values.values())) < len(values):
        return {
            cluster: Message("{name} (type {number})", {"name": name, "number": cluster})
            for cluster, name in names.items()
        }
    return {
        cluster: Message(
            "{name} ({variable} {value})",
            {"name": name, "variable": labels[best], "value": values[cluster]},
        )
        for cluster, name in names.items()
    }
