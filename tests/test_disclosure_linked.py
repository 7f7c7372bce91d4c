"""Tables of the same rows on different days: no hidden cell follows from them together."""

from __future__ import annotations

import pandas as pd
import pytest

from pk_research.disclosure import (
    Earlier,
    Rules,
    cells_of,
    record_table,
    released_before,
    suppress,
    suppress_linked,
)
from pk_research.errors import BadInput
from pk_research.store import open_store
from pk_research.store.actors import HOUSE, Role

RESEARCHER = HOUSE[Role.RESEARCHER]
GIVEN = {"by": RESEARCHER, "purpose": "a report", "to": "Universitas Contoh"}


def rows(*lines):
    """One row a person, from lines of levels and a number."""
    return pd.DataFrame(
        [line[:-1] for line in lines for _ in range(line[-1])], columns=["kecamatan", "sex", "job"]
    )


# Two women of kecamatan K weave; by sex and job in each kecamatan they are hidden.
PEOPLE = rows(
    ("K", "f", "weave", 2), ("K", "f", "farm", 9), ("K", "m", "weave", 8), ("K", "m", "farm", 9),
    ("L", "f", "weave", 7), ("L", "f", "farm", 9), ("L", "m", "weave", 9), ("L", "m", "farm", 9),
)  # fmt: skip


def earlier_of(found):
    levels = found.frame.drop(columns=["value", "is_hidden"]).itertuples(index=False, name=None)
    hidden = [cell for cell, gone in zip(levels, found.is_hidden, strict=True) if gone]
    return Earlier(found.cells.dimensions, found.cells.sum_of, frozenset(hidden))


def hidden_in(found):
    table = found.frame[found.frame["is_hidden"]].drop(columns=["value", "is_hidden"])
    return {" ".join(filter(None, cell)) for cell in table.itertuples(index=False, name=None)}


def test_subtraction_of_two_tables_is_refused():
    # all of K by job is 10 weavers; the other table shows K's men who weave: 10 - 8 = 2
    of_women = PEOPLE.assign(group=["a" if sex == "f" else "b" for sex in PEOPLE["sex"]])
    first = Earlier((("kecamatan",), ("group",), ("job",)), None, frozenset({("K", "a", "weave")}))
    with pytest.raises(BadInput, match=r"cell K, a, weave: with the tables released before"):
        suppress_linked(of_women, ["kecamatan", "job"], [first])


def test_what_was_hidden_before_is_hidden_again():
    first = suppress(cells_of(PEOPLE, ["kecamatan", "sex", "job"]))
    assert "K f weave" in hidden_in(first)
    again = suppress_linked(PEOPLE, ["kecamatan", "sex", "job"], [earlier_of(first)])
    assert hidden_in(again) == hidden_in(first)
    # two margins in which nobody is few, but of which the first table hid some totals
    margin = suppress_linked(PEOPLE, ["sex", "job"], [earlier_of(first)])
    assert hidden_in(margin) >= {cell for cell in hidden_in(first) if cell in {"f weave", "f farm"}}


def test_a_margin_that_tells_nothing_more_is_released_as_it_is():
    first = suppress(cells_of(PEOPLE, ["kecamatan", "sex", "job"]))
    assert hidden_in(suppress_linked(PEOPLE, ["sex"], [earlier_of(first)])) == set()


def test_ages_in_other_groups_are_seen_to_be_the_same_people():
    """Fives after tens: 12 aged 20-29 were shown, 9 of 20-24 now would tell the 3 of 25-29."""
    people = pd.DataFrame({"fives": ["20"] * 9 + ["25"] * 3 + ["30"] * 9 + ["35"] * 8,
                           "tens": ["20"] * 12 + ["30"] * 17})  # fmt: skip
    first = suppress(cells_of(people, ["tens"]))
    assert hidden_in(first) == set()
    alone = suppress(cells_of(people, ["fives"]))
    assert hidden_in(alone) == {"25", "35"}, "35 is the complement, of another ten"
    with pytest.raises(BadInput, match="cell 25: with the tables"):
        suppress_linked(people, ["fives"], [earlier_of(first)])


def test_tables_of_another_measure_and_an_empty_log_change_nothing():
    first = Earlier((("kecamatan",),), "income", frozenset({("K",)}))
    found = suppress_linked(PEOPLE, ["kecamatan"], [first])
    assert hidden_in(found) == hidden_in(suppress_linked(PEOPLE, ["kecamatan"], [])) == set()


def test_too_many_combinations_are_refused_and_not_passed_unseen():
    wide = pd.DataFrame({name: [str((row * step) % 40) for row in range(1600)]
                         for name, step in (("a", 1), ("b", 7), ("c", 11))})  # fmt: skip
    wide = wide.assign(
        b=[str(row // 40) for row in range(1600)], c=[str((row // 7) % 40) for row in range(1600)]
    )
    first = [Earlier((("a",),), None, frozenset()), Earlier((("b",),), None, frozenset())]
    with pytest.raises(BadInput, match="too many to look at"):
        suppress_linked(wide, ["c"], first)


def test_the_log_remembers_what_was_hidden_by_version_of_the_data(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    first = suppress(cells_of(PEOPLE, ["kecamatan", ("sex", "job")]), Rules())
    record_table(store, PEOPLE, first, **GIVEN)
    assert released_before(store, PEOPLE) == (earlier_of(first),)
    assert released_before(store, PEOPLE.iloc[1:]) == ()
    details = store.audit.events(1)[0].details
    assert (details["purpose"], details["to"]) == ("a report", "Universitas Contoh")
    assert "2" not in str(details["hidden"]), "which cells are hidden is kept, what they hold is not"
    with pytest.raises(BadInput, match="to: it is not said"):
        record_table(store, PEOPLE, first, by=RESEARCHER, purpose="a report", to=" ")
