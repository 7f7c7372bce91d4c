"""A short list of rules that sums up the types: a small decision tree, in the variables' own units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeClassifier

from pk_research.clusters.phrases import inside_sentence, joined
from pk_research.clusters.typology import Typology
from pk_research.clusters.words import numbered_name
from pk_research.language import Bilingual, Language, Message, translate
from pk_research.writing import MADE, marked

DEPTH = 3
FOLDS = 10
MAY_CROSS = 0.005
DECIMALS = range(-9, 10)


@dataclass(frozen=True, slots=True)
class Rule:
    """Villages within these bounds are of this type.

    Attributes
    ----------
    cluster
        The type.
    bounds
        Variable -> (above, at most); infinite where there is no bound.
    n
        Villages the rule holds for.
    n_right
        Those of them that are of the type.
    """

    cluster: int
    bounds: dict[str, tuple[float, float]]
    n: int
    n_right: int


@dataclass(frozen=True, eq=False)
class Rules:
    """Rules of which exactly one holds for every village.

    Attributes
    ----------
    typology
        What they sum up.
    rules
        By type, the most common first.
    accuracy
        Share of the villages whose type the rounded rules give, 0 to 1.
    cross_validated
        The same for villages that had no part in making the rules (10 parts).
    largest_share
        Share of the largest type: the accuracy of always naming that one.
    recall
        For each type (the index), share of its villages that the rules give it.
    """

    typology: Typology
    rules: tuple[Rule, ...]
    accuracy: float
    cross_validated: float
    largest_share: float
    recall: pd.Series

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a rule for people."""
        columns = {
            translate("Rule", language): [self._conditions(rule).text(language) for rule in self.rules],
            translate("Type", language): [rule.cluster for rule in self.rules],
            translate("Villages", language): [rule.n for rule in self.rules],
            translate("Of that type", language): [rule.n_right for rule in self.rules],
        }
        return marked(pd.DataFrame(columns), language, made=self.typology.made)

    def in_words(self, language: Language) -> str:
        """Tell the rules, how far they hold, and that they are a summary."""
        parts = [Message(MADE)] if self.typology.made else []
        parts += [
            Message(
                "{conditions} → {type}",
                {
                    "conditions": self._conditions(rule),
                    "type": numbered_name(self.typology, rule.cluster),
                },
            )
            for rule in self.rules
        ]
        percents = {
            "all": round(100 * self.accuracy, 1),
            "new": round(100 * self.cross_validated, 1),
            "largest": round(100 * self.largest_share, 1),
        }
        parts.append(
            Message(
                "These rules give {all}% of the villages their type, {new}% of villages that had no part in"
                " making them; always naming the largest type would give {largest}%",
                percents,
            )
        )
        parts += [
            Message(
                "Villages of type {type} that the rules give that type: {percent}%",
                {"type": int(cluster), "percent": round(100 * share, 1)},
            )
            for cluster, share in self.recall.items()
        ]
        parts.append(Message("The rules are a summary of the types, not their definition"))
        return "\n".join(part.text(language) + "." for part in parts)

    def _conditions(self, rule: Rule) -> Bilingual:
        labels = {variable.name: inside_sentence(variable) for variable in self.typology.variables}
        return reduce(joined, [_condition(labels[name], *bounds) for name, bounds in rule.bounds.items()])


def rules_of(typology: Typology) -> Rules:
    """Sum up a typology in at most twice as many rules as types.

    Thresholds have the fewest decimals that take at most 0.5% of the villages across; every
    figure is that of the rounded rules.

    Parameters
    ----------
    typology
        The result, of two types or more.

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984), Classification and regression trees.
    """
    names = [variable.name for variable in typology.variables]
    values = typology.villages[names].to_numpy(dtype=float)
    clusters = typology.villages["cluster"].to_numpy(dtype=int)
    leaves = _leaves(values, clusters, typology.k)
    told = _told(leaves, values)
    parts = KFold(min(FOLDS, len(values)), shuffle=True, random_state=0).split(values)
    right = [
        _told(_leaves(values[known], clusters[known], typology.k), values[new]) == clusters[new]
        for known, new in parts
    ]
    rules = [_rule(leaf, values, clusters, names) for leaf in leaves]
    hit = pd.Series(told == clusters).groupby(clusters)
    return Rules(
        typology=typology,
        rules=tuple(sorted(rules, key=lambda rule: (rule.cluster, -rule.n))),
        accuracy=float((told == clusters).mean()),
        cross_validated=float(np.concatenate(right).mean()),
        largest_share=float(np.bincount(clusters).max() / len(clusters)),
        recall=hit.mean().rename_axis("cluster"),
    )


@dataclass(frozen=True, eq=False)
class _Leaf:
    cluster: int
    low: np.ndarray
    high: np.ndarray

    def holds(self, values: np.ndarray) -> np.ndarray:
        return np.asarray(((values > self.low) & (values <= self.high)).all(axis=1))


def _leaves(values: np.ndarray, clusters: np.ndarray, k: int) -> list[_Leaf]:
    """Grow the tree and return its leaves as boxes with rounded sides."""
    model = DecisionTreeClassifier(max_depth=DEPTH, max_leaf_nodes=2 * k, random_state=0)
    tree = model.fit(values, clusters).tree_
    everywhere = np.full(values.shape[1], np.inf)
    leaves = []
    waiting = [(0, -everywhere, everywhere)]
    while waiting:
        node, low, high = waiting.pop()
        if tree.children_left[node] == -1:
            leaves.append(_Leaf(int(model.classes_[tree.value[node][0].argmax()]), low, high))
            continue
        j = tree.feature[node]
        side = rounded(float(tree.threshold[node]), values[:, j])
        below, above = high.copy(), low.copy()
        below[j], above[j] = min(high[j], side), max(low[j], side)
        waiting += [(tree.children_left[node], low, below), (tree.children_right[node], above, high)]
    return leaves


def rounded(threshold: float, values: np.ndarray) -> float:
    """Round a threshold as far as hardly any value crosses it.

    Examples
    --------
    >>> rounded(2_137_450.0, np.array([1_900_000.0, 2_300_000.0]))
    2000000.0
    """
    tried = (round(threshold, decimals) for decimals in DECIMALS)
    below = values <= threshold
    return next((x for x in tried if ((values <= x) != below).mean() <= MAY_CROSS), threshold)


def _told(leaves: Sequence[_Leaf], values: np.ndarray) -> np.ndarray:
    told = np.zeros(len(values), dtype=int)
    for leaf in leaves:
        told[leaf.holds(values)] = leaf.cluster
    return told


def _rule(leaf: _Leaf, values: np.ndarray, clusters: np.ndarray, names: Sequence[str]) -> Rule:
    holds = leaf.holds(values)
    sides = zip(names, leaf.low, leaf.high, strict=True)
    bounds = {
        name: (float(low), float(high)) for name, low, high in sides if np.isfinite(low) or np.isfinite(high)
    }
    return Rule(leaf.cluster, bounds, int(holds.sum()), int((clusters[holds] == leaf.cluster).sum()))


def _condition(label: Bilingual, low: float, high: float) -> Message:
    values = {"variable": label, "low": low, "high": high}
    if np.isinf(high):
        return Message("{variable} above {low}", values)
    if np.isinf(low):
        return Message("{variable} at most {high}", values)
    return Message("{variable} above {low} and at most {high}", values)
