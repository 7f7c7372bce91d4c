"""How long a visitor of the findings app waits for new types, view left aside."""

from __future__ import annotations

import itertools

import pytest

from pk_research import sample
from pk_research.apps.findings.model import FindingsModel
from pk_research.store import open_store


@pytest.mark.benchmark(group="findings app")
def test_choosing_other_indicators_of_187_villages(benchmark, tmp_path):
    """Eight indicators, k from 2 to 10 compared, choice explained, profile described."""
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.keep(sample.load_sample())
    model = FindingsModel(store)
    names = [variable.name for variable in sample.CODEBOOK if variable.kind in ("integer", "number")]
    choices = itertools.cycle([tuple(names[2:10]), tuple(names[3:11])])

    def choose() -> None:
        model.variables = next(choices)

    benchmark.pedantic(choose, rounds=8, warmup_rounds=2)
    assert model.status == "ready"
    assert len(model.typology.choice.table) == 9
    benchmark.extra_info["n_villages"] = len(model.typology.villages)
