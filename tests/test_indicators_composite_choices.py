"""Other choices beside those of a composite index, and what is left when an indicator is taken out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pk_research import sample
from pk_research.errors import BadInput
from pk_research.indicators import composite


@pytest.fixture(scope="module")
def potential() -> composite.CompositeIndex:
    options = replace(composite.village_potential_options(), scale=(1, 100), z_mean=100, z_sd=10)
    return composite.build_index(sample.load_sample(), composite.village_potential(), options=options)


def test_other_choices_side_by_side_are_what_building_anew_gives(potential):
    tried = {"normalisation": ["min-max", "rank"], "aggregation": ["geometric"]}
    found = composite.side_by_side(potential, tried)
    assert found.effects[["field", "value"]].to_numpy().tolist() == [
        ["normalisation", "rank"],
        ["aggregation", "geometric"],
    ]
    anew = composite.build_index(
        sample.load_sample(),
        composite.village_potential(),
        options=replace(potential.options, normalisation="rank"),
    )
    moved = (anew.rank - potential.rank).abs()
    assert found.effects["mean_shift"].iloc[0] == pytest.approx(moved.mean())
    assert found.effects["largest_shift"].iloc[0] == moved.max()
    both_first = (anew.rank <= 10) & (potential.rank <= 10)
    assert found.effects["kept_top"].iloc[0] == both_first.sum()


def test_choices_that_cannot_be_computed_are_all_named(potential):
    with pytest.raises(BadInput) as caught:
        composite.side_by_side(
            potential, {"normalisation": ["goalposts", "ratio to best"], "colour": ["red"]}
        )
    told = str(caught.value)
    for part in ("in which goalposts is measured", "it has values of zero or below", "'colour' cannot vary"):
        assert part in told


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_people_read_of_choices_and_removals_has_labels_and_names(potential, language):
    for result in (
        composite.side_by_side(potential, {"weighting": ["equal", "critic"], "treatment": ["none"]}),
        composite.removals(potential),
    ):
        table = result.table(language)
        shown = table.to_csv() + result.in_words(language)
        internal = {*(name for name in potential.declaration.indicators if "_" in name), "mean_shift", "3216"}
        assert [name for name in internal if name in shown] == []
        assert result.in_words(language).startswith({"id": "Data buatan", "en": "Made data"}[language])
        assert "(" in table.iloc[0].to_csv(), "the village moved most stands with its kecamatan"
