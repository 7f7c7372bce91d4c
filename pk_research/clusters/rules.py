"""A short list of rules that sums up the types: a small decision tree, in the variables' own units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold

from pk_research.clusters.boxes import Box, boxes_of, told
from pk_research.clusters.rule_words import conditions
from pk_research.clusters.typology import Typology
from pk_research.clusters.words import numbered_name
from pk_research.language import Bilingual, Language, Message, translate
from pk_research.writing import MADE, marked

FOLDS = 10


@dataclass(frozen=True, slots=True)
class Rule:
    """Villages within these bounds are of this type.

    Attributes
    ----------
    cluster
        The type.
    bounds
        Column of the typology -> (above, at most); infinite where there is no bound. A category
        is a column: above 0 where a village is in it, at most 0 where not.
    lets_unknown
        Those of the columns that villages may also lack a value of.
    n
        Villages the rule holds for.
    n_right
        Those of them that are of the type.
    n_unknown
        Those of them that lack a value it asks for.
    """

    cluster: int
    bounds: dict[str, tuple[float, float]]
    lets_unknown: frozenset[str]
    n: int
    n_right: int
    n_unknown: int


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

    @property
    def n_unknown(self) -> int:
        """Villages that lack a value their rule asks for."""
        return sum(rule.n_unknown for rule in self.rules)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a rule for people; how many lack a value it asks for, where any does."""
        columns = {
            translate("Rule", language): [text.text(language) for text in self._conditions()],
            translate("Type", language): [rule.cluster for rule in self.rules],
            translate("Villages", language): [rule.n for rule in self.rules],
            translate("Of that type", language): [rule.n_right for rule in self.rules],
        }
        if self.n_unknown:
            columns[translate("Lacking a value", language)] = [rule.n_unknown for rule in self.rules]
        return marked(pd.DataFrame(columns), language, made=self.typology.made)

    def in_words(self, language: Language) -> str:
        """Tell the rules, how far they hold, and that they are a summary."""
        parts = [Message(MADE)] if self.typology.made else []
        parts += [
            Message(
                "{conditions} → {type}",
                {"conditions": asked, "type": numbered_name(self.typology, rule.cluster)},
            )
            for rule, asked in zip(self.rules, self._conditions(), strict=True)
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
        parts += self._on_the_rest()
        parts.append(Message("The rules are a summary of the types, not their definition"))
        return "\n".join(part.text(language) + "." for part in parts)

    def _conditions(self) -> list[Bilingual]:
        columns = self.typology.columns
        return [
            conditions(rule.bounds, rule.lets_unknown, variables=self.typology.variables, columns=columns)
            for rule in self.rules
        ]

    def _on_the_rest(self) -> list[Message]:
        """Say what became of missing values and of villages in no type."""
        parts = []
        if self.n_unknown:
            parts.append(
                Message(
                    "Villages that lack a value their rule asks for: {n}. Nothing was filled in: a rule with"
                    " 'or not known' holds for them too",
                    {"n": self.n_unknown},
                )
            )
        if n_outside := len(self.typology.in_no_type):
            parts.append(
                Message(
                    "The rules know nothing of the {n} villages in no type: do not apply them to such",
                    {"n": n_outside},
                )
            )
        return parts


def rules_of(typology: Typology) -> Rules:
    """Sum up a typology in at most twice as many rules as types.

    Thresholds have the fewest decimals that take at most 0.5% of the villages across; every
    figure is that of the rounded rules. Categories are asked for one by one. Nothing is filled in:
    where a rule asks for a value that some village lacks, it says whether it holds for those too,
    and ``n_unknown`` counts them. Villages in no type have no part in the rules.

    Parameters
    ----------
    typology
        The result, of two types or more.

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984), Classification and regression trees. Twala, Jones
    and Hand (2008), Good methods for coping with missing data in decision trees.
    """
    columns = typology.columns
    values = columns.measured
    clusters = typology.villages["cluster"].to_numpy(dtype=int)
    boxes = boxes_of(values, clusters, typology.k)
    given = told(boxes, values)
    parts = KFold(min(FOLDS, len(values)), shuffle=True, random_state=0).split(values)
    right = [
        told(boxes_of(values[known], clusters[known], typology.k), values[new]) == clusters[new]
        for known, new in parts
    ]
    rules = [_rule(box, values, clusters, columns.names) for box in boxes]
    hit = pd.Series(given == clusters).groupby(clusters)
    return Rules(
        typology=typology,
        rules=tuple(sorted(rules, key=lambda rule: (rule.cluster, -rule.n))),
        accuracy=float((given == clusters).mean()),
        cross_validated=float(np.concatenate(right).mean()),
        largest_share=float(np.bincount(clusters).max() / len(clusters)),
        recall=hit.mean().rename_axis("cluster"),
    )


def _rule(box: Box, values: np.ndarray, clusters: np.ndarray, names: Sequence[str]) -> Rule:
    has_gaps = np.isnan(values).any(axis=0)
    is_bounded = np.isfinite(box.low) | np.isfinite(box.high) | (box.low >= box.high)
    asked = np.flatnonzero(is_bounded | (has_gaps & ~box.lets_unknown)).tolist()
    holds = box.holds(values)
    return Rule(
        cluster=box.cluster,
        bounds={names[j]: (float(box.low[j]), float(box.high[j])) for j in asked},
        lets_unknown=frozenset(names[j] for j in asked if has_gaps[j] and box.lets_unknown[j]),
        n=int(holds.sum()),
        n_right=int((clusters[holds] == box.cluster).sum()),
        n_unknown=int(np.isnan(values[holds][:, asked]).any(axis=1).sum()),
    )
