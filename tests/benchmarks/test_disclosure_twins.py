"""Rules by which the trees of a twin split: what each is worth, and what it gives away.

``pytest tests/benchmarks/test_disclosure_twins.py --benchmark-enable`` makes the tables of docs/twins.md
again (ten minutes). Without it, one seed of the house's own rule.
"""

from __future__ import annotations

import numpy as np
import pytest
from household_tables import households
from twin_hints import OF_HOUSEHOLDS, OF_SAMPLE

from pk_research import sample
from pk_research.compute.chance import derived_rng
from pk_research.disclosure.synthetic import (
    filling,
    forest,
    membership_of,
    risk_of,
    trees,
    twin_of,
    utility_of,
)

SEEDS = range(1, 6)
OURS = "19 of 20 shuffles"
SEEN = ["livelihood", "road_condition", "bank", "flagship_product"]
TABLES = {
    "400 households": (households, OF_HOUSEHOLDS, ["head_sex", "head_age", "religion"]),
    "561 rows of 187 villages": (sample.load_sample, OF_SAMPLE, SEEN),
}
FIGURES = ("all", "column", "pair", "overlap", "copies", "replicated", "disco", "dcap", "auc")


def of_every_split(stump, features, target, *, seed):
    return 0.0


def of_shuffles(share, n):
    """Return a rule: a split explains more than so large a share of first splits by chance."""

    def gain(stump, features, target, *, seed):
        by_chance = [
            trees.gain_of(stump.fit(features, derived_rng(seed, 1 + one).permutation(target)))
            for one in range(n)
        ]
        return float(np.quantile(by_chance, share))

    return gain


def with_leaves(times):
    """Return a way to grow trees whose leaves hold so many times the least number of people."""
    grown = trees.grown

    def larger(features, target, people, *, is_discrete, k, seed):
        return grown(features, target, people, is_discrete=is_discrete, k=times * k, seed=seed)

    return larger


def without_trees(features, target, people, *, is_discrete, k, seed):
    return trees.Tree(None, np.zeros(1, dtype=int), {0: np.arange(len(target))})


RULES = {
    "every split": (of_every_split, None),
    "every split, leaves of 20": (of_every_split, with_leaves(4)),
    "1 shuffle": (of_shuffles(1.0, 1), None),
    "10 of 20 shuffles": (of_shuffles(0.5, 20), None),
    OURS: (None, None),
    "no trees": (None, without_trees),
}


def figures(dataset, hints, keys, seed):
    """Return what a twin is worth, and what it gives away."""
    made = twin_of(dataset, seed=seed, hints=hints)
    utility = utility_of(dataset, made.dataset, made.parts)
    risk = risk_of(dataset, made.dataset, made.parts, keys=keys)
    return dict(
        zip(
            FIGURES,
            (
                utility.whole.ratio,
                utility.columns["ratio"].median(),
                utility.pairs["ratio"].median(),
                utility.columns["overlap"].median(),
                risk.n_copies,
                risk.n_replicated,
                max(one.disco for one in risk.attributes),
                max(one.dcap - one.by_guess for one in risk.attributes),
                membership_of(dataset, seed=seed, hints=hints).auc,
            ),
            strict=True,
        )
    )


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("table", TABLES)
def test_rules_of_splitting(benchmark, tabulate, monkeypatch, table, rule):
    is_measured = bool(benchmark.enabled)
    if not is_measured and rule != OURS:
        pytest.skip("other rules are compared by `make benchmark`")
    load, hints, keys = TABLES[table]
    gain, grown = RULES[rule]
    if gain is not None:
        monkeypatch.setattr(trees, "gain_by_chance", gain)
    if grown is not None:
        for place in (forest, filling):
            monkeypatch.setattr(place, "grown", grown)
    dataset = load()
    rows = [figures(dataset, hints, keys, seed) for seed in (SEEDS if is_measured else SEEDS[:1])]
    benchmark.pedantic(twin_of, [dataset], {"seed": 1, "hints": hints}, rounds=1)
    told = {}
    for name in FIGURES:
        values = np.array([row[name] for row in rows], dtype=float)
        spread = f" ({values.std(ddof=1):.2f})" if len(values) > 1 else ""
        told[name] = f"{values.mean():.2f}{spread}"
    tabulate(f"Rules of splitting: {table}", rule, **told)
    if rule == OURS:
        assert np.mean([row["copies"] for row in rows]) == 0
        assert np.mean([row["auc"] for row in rows]) < 0.6
        assert np.mean([row["overlap"] for row in rows]) > 0.6
