"""The programme board as pure functions: what is late, what contradicts itself, what changed."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research import sample
from pk_research.errors import BadInput
from pk_research.policy.programme import (
    DATES,
    TEXTS,
    board,
    changes,
    decisions,
    filtered,
    late,
    read_actions,
    summary,
    with_time,
)

OFFICES = ("dpmd", "health_office")
VILLAGE, OTHER = "3216012001", "3216022001"
TODAY = date(2026, 11, 26)


def entry(action: str = "A1", **given) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys((*TEXTS, *DATES), "")
    row |= {
        "action": action,
        "office": "dpmd",
        "scope": "village",
        "village_code": VILLAGE,
        "state": "planned",
    }
    row |= {"recorded_on": date(2026, 1, 5), "start_date": date(2026, 2, 1), "due_date": date(2026, 11, 20)}
    return row | {"closed_date": None} | given


def read(*rows: dict[str, object]):
    return read_actions(pd.DataFrame(rows), offices=OFFICES)


@pytest.mark.parametrize(
    ("due", "time", "days"),
    [
        (date(2026, 11, 25), "late", 1),
        (date(2026, 11, 26), "soon", None),
        (date(2026, 12, 26), "soon", None),
        (date(2026, 12, 27), "later", None),
        (None, "undated", None),
    ],
)
def test_an_open_action_is_late_only_after_its_day_and_never_on_time_without_one(due, time, days):
    row = with_time(read(entry(due_date=due)).frame, TODAY).iloc[0]
    assert row["time"] == time
    assert (None if pd.isna(row["days_late"]) else row["days_late"]) == days


def test_the_longest_late_come_first_with_their_office():
    found = late(
        read(
            entry("A1", due_date=date(2026, 11, 20)),
            entry("A2", due_date=date(2026, 10, 26), office="health_office"),
            entry("A3", state="done", closed_date=date(2026, 11, 25)),
        ),
        TODAY,
    )
    assert found[["action", "office", "days_late"]].to_numpy().tolist() == [
        ["A2", "health_office", 31],
        ["A1", "dpmd", 6],
    ]


@pytest.mark.parametrize(
    ("given", "doubt"),
    [
        ({"office": "dinas_lama"}, "unknown office"),
        ({"village_code": "3216999999"}, "unknown village"),
        ({"village_code": ""}, "unknown village"),
        ({"scope": "kecamatan", "village_code": "", "kecamatan_code": "999999"}, "unknown kecamatan"),
        ({"state": "maybe"}, "unknown state"),
        ({"due_date": "soon"}, "unreadable date"),
        ({"state": "done", "closed_date": date(2026, 1, 31)}, "closed before it began"),
        ({"due_date": date(2026, 1, 31)}, "due before it began"),
        ({"closed_date": date(2026, 3, 1)}, "closed, yet said to be open"),
    ],
)
def test_what_contradicts_itself_is_listed_and_not_dropped(given, doubt):
    found = read(entry("A1", **given), entry("A2"))
    assert found.frame["action"].tolist() == ["A2"]
    assert found.doubtful[["action", "doubts"]].to_numpy().tolist() == [["A1", (doubt,)]]


def test_what_may_not_be_shown_is_counted_and_nothing_else_is_told_of_it():
    found = read(entry("A1", withheld_for="consent", action_text="rahasia"), entry("A2"))
    assert found.withheld.to_dict("records") == [{"action": "A1", "withheld_for": "consent"}]
    assert "rahasia" not in found.versions["action_text"].tolist()
    assert found.n_all == 2


def test_an_earlier_version_that_may_not_be_shown_is_not_told_as_a_change():
    first = entry(withheld_for="consent", due_date=date(2026, 10, 1))
    found = changes(read(first, entry(recorded_on=date(2026, 6, 1))), date(2026, 1, 1))
    assert found["change"].tolist() == ["new"]


def test_changes_are_told_newest_first_and_by_role():
    rows = [
        entry(recorded_by="enumerator"),
        entry(recorded_on=date(2026, 3, 1), state="running", recorded_by="supervisor"),
        entry(recorded_on=date(2026, 5, 1), state="running", due_date=None, office="health_office"),
        entry(recorded_on=date(2026, 7, 1), state="done", closed_date=date(2026, 7, 1), due_date=None,
              office="health_office"),
    ]  # fmt: skip
    found = changes(read(*rows), date(2026, 3, 1))
    assert found["change"].tolist() == ["done", "date moved", "handed over", "begun"]
    assert found["recorded_by"].tolist()[-1] == "supervisor"
    moved = found.iloc[1]
    assert (moved["before"], pd.isna(moved["after"])) == (pd.Timestamp(2026, 11, 20), True)


def test_decisions_without_evidence_come_first():
    found = decisions(
        read(
            entry("A1", decision="Izin didahulukan", evidence="policy"),
            entry("A2", decision="Izin didahulukan", evidence="policy"),
            entry("A3", decision="Jalan diperiksa"),
            entry("A4"),
        )
    )
    assert found.to_numpy().tolist() == [
        ["Jalan diperiksa", "", ("A3",)],
        ["Izin didahulukan", "policy", ("A1", "A2")],
    ]


def test_filters_keep_what_fits_all_of_them_and_forget_no_doubt():
    whole = read(
        entry("A1"),
        entry("A2", village_code=OTHER),
        entry("A3", office="health_office"),
        entry("A4", office="?"),
    )
    found = filtered(whole, TODAY, office="dpmd", kecamatan="321601", time="late")
    assert found.frame["action"].tolist() == found.versions["action"].tolist() == ["A1"]
    assert len(found.doubtful) == 1


def test_all_that_is_missing_is_said_at_once():
    with pytest.raises(BadInput) as caught:
        read_actions(pd.DataFrame({"action": ["A1", None]}), offices=OFFICES)
    assert len(caught.value.problems) == len(TEXTS) + len(DATES)


def test_the_made_log_holds_what_the_board_has_to_cope_with():
    offices = {row[1] for row in sample.programme.WORK}
    found = read_actions(sample.made_log(), offices=offices)
    counts = summary(found, sample.programme.AS_OF)
    assert {doubt for doubts in found.doubtful["doubts"] for doubt in doubts} >= {
        "unknown office",
        "unknown village",
        "closed before it began",
    }
    assert min(counts.n_late, counts.n_soon, counts.n_undated, counts.n_done, counts.n_stopped) > 0
    assert len(found.withheld) == 1
    assert sample.made_log().equals(sample.made_log())


DAYS = st.one_of(
    st.none(), st.just("bukan tanggal"), st.integers(-60, 60).map(lambda days: TODAY + timedelta(days=days))
)
LOGS = st.lists(
    st.fixed_dictionaries(
        {
            "action": st.sampled_from(["A1", "A2", "A3", "A4"]),
            "office": st.sampled_from([*OFFICES, "?"]),
            "state": st.sampled_from(["planned", "running", "done", "stopped", ""]),
            "scope": st.sampled_from(["village", "regency"]),
            "village_code": st.sampled_from([VILLAGE, ""]),
            "withheld_for": st.sampled_from(["", "", "consent"]),
            "recorded_on": DAYS,
            "start_date": DAYS,
            "due_date": DAYS,
            "closed_date": DAYS,
        }
    ).map(lambda given: entry(**given)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(rows=LOGS)
def test_every_action_is_shown_or_doubtful_or_withheld_and_none_twice(rows):
    found = read(*rows)
    placed = [*found.frame["action"], *found.doubtful["action"], *found.withheld["action"]]
    assert sorted(placed) == sorted({row["action"] for row in rows})
    counts, offices = summary(found, TODAY), board(found, TODAY)
    assert counts.n_open + counts.n_done + counts.n_stopped == len(found.frame) == offices["n_all"].sum()
    assert counts.n_late + counts.n_soon + counts.n_undated <= counts.n_open


@settings(max_examples=20, deadline=None)
@given(rows=LOGS)
def test_what_is_closed_or_has_no_date_is_never_late(rows):
    found = late(read(*rows), TODAY)
    assert found["state"].isin(["planned", "running"]).all()
    assert (found["due_date"] < pd.Timestamp(TODAY)).all()
    assert (found["days_late"] > 0).all()
