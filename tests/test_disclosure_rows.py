"""Rows, places and texts that leave: who could be found, what is withheld, and what is written down."""

from __future__ import annotations

import math
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research.disclosure import (
    Rules,
    alike,
    blanked,
    found_in,
    moved,
    record_release,
    release_rows,
    reviewed,
    to_review,
    withheld_of,
)
from pk_research.errors import BadInput
from pk_research.store import open_store
from pk_research.store.actors import HOUSE, Role

SECRET = b"known to nobody else"

# Capobianchi, Polettini and Lucarelli (2001), the data `francdat` of R's sdcMicro.
FRANCDAT = """
    Key1 Key2 Key3 Key4 w
    1    2    5    1    18
    1    2    1    1    45.5
    1    2    1    1    39
    3    3    1    5    17
    4    3    1    4    541
    4    3    1    1    8
    6    2    1    5    5
    1    2    5    1    92
"""
KEYS = ["Key1", "Key2", "Key3", "Key4"]


def francdat():
    return pd.read_csv(StringIO(FRANCDAT), sep=r"\s+")


# How far rows can be told apart


def test_the_frequencies_and_risks_of_the_textbook_example():
    found = alike(francdat(), KEYS, weight="w")
    assert found.alike.tolist() == [2, 2, 2, 1, 1, 1, 1, 2]
    assert (found.k, found.n_unique) == (1, 4)
    people = np.array([110, 84.5, 84.5, 17, 541, 8, 5, 110])
    assert found.risk == pytest.approx([closed_form(f, F) for f, F in zip(found.alike, people, strict=True)])


def closed_form(f, people):
    """Benedetti and Franconi's risk for one and two rows alike, as sdcMicro computes it."""
    p = f / people
    odds, log = p / (1 - p), math.log(1 / p)
    return odds * log if f == 1 else odds - odds**2 * log


def test_without_weights_the_risk_is_one_in_as_many_as_are_alike():
    found = alike(francdat(), KEYS)
    assert found.risk.tolist() == [0.5, 0.5, 0.5, 1, 1, 1, 1, 0.5]
    assert found.expected_found == 6


def test_a_missing_key_may_be_any_value():
    rows = pd.DataFrame({"sex": ["f", "f", None, "m"], "job": ["a", "b", "a", "a"]})
    assert alike(rows, ["sex", "job"]).alike.tolist() == [2, 1, 3, 2]


def test_sensitive_values_that_follow_from_the_keys_are_counted():
    rows = pd.DataFrame({"job": list("aaabbb"), "debt": ["yes", "yes", "yes", "no", "yes", "no"]})
    found = alike(rows, ["job"], sensitive=["debt"], rules=Rules(least_alike=3))
    assert found.n_values.tolist() == [1, 1, 1, 2, 2, 2]
    assert found.is_uniform.tolist() == [True] * 3 + [False] * 3
    assert found.in_words("en") == (
        "Every row shares its keys with at least 3 rows, itself among them."
        " In 3 rows a sensitive value is one of fewer than 2 among rows alike."
    )
    assert found.table("id")["Nilai"].tolist() == [6, 3, 0, 0, 2, 1, 3]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from(["x", "y", None])] * 3), min_size=1, max_size=12))
def test_rows_alike_are_those_that_agree_wherever_both_are_known(rows):
    frame = pd.DataFrame(rows, columns=list("abc"))
    by_hand = [
        sum(
            all(None in (one, other) or one == other for one, other in zip(row, second, strict=True))
            for second in rows
        )
        for row in rows
    ]
    assert alike(frame, list("abc")).alike.tolist() == by_hand


# Blanking


def test_the_textbook_example_needs_two_blanks():
    """The proven optimum that sdcMicro's own tests hold for Key2, Key3 and Key4 and two alike."""
    safe, n = blanked(francdat(), KEYS[1:], rules=Rules(least_alike=2))
    assert sum(n.values()) == 2
    assert alike(safe, KEYS[1:]).k >= 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from("xyz")] * 3), min_size=4, max_size=14))
def test_after_blanking_every_row_has_enough_alike_and_nothing_else_changed(rows):
    frame = pd.DataFrame(rows, columns=list("abc"))
    safe, n = blanked(frame, list("abc"), rules=Rules(least_alike=3))
    assert alike(safe, list("abc")).k >= 3
    assert {name: int(safe[name].isna().sum()) for name in frame} == n
    assert (safe.isna() | (safe == frame)).all().all()


def test_useful_keys_are_kept_longest():
    rows = pd.DataFrame({"kecamatan": list("kkkkkkl"), "job": list("aaaaaab")})
    for keys in (["kecamatan", "job"], ["job", "kecamatan"]):
        n = blanked(rows.assign(kecamatan="k"), keys, rules=Rules(least_alike=6))[1]
        assert n == {"kecamatan": 0, "job": 1}


def test_fewer_rows_than_must_be_alike_are_refused():
    with pytest.raises(BadInput, match=r"the table: it has 2 rows, and 5 must be alike\. Release counts or"):
        blanked(pd.DataFrame({"a": [1, 2]}), ["a"])


# Places


def km_between(lat, lon, other_lat, other_lon):
    a, b = np.radians([lat, lon]), np.radians([other_lat, other_lon])
    h = np.sin((b[0] - a[0]) / 2) ** 2 + np.cos(a[0]) * np.cos(b[0]) * np.sin((b[1] - a[1]) / 2) ** 2
    return 2 * 6371.0088 * np.arcsin(np.sqrt(h))


def places(n, **columns):
    rng = np.random.default_rng(0)
    return pd.DataFrame({"lat": rng.uniform(-6.5, -5.9, n), "lon": rng.uniform(106.9, 107.3, n), **columns})


def test_places_are_moved_as_far_as_the_rules_say_in_every_direction():
    rows = places(20_000, town=np.arange(20_000) % 2 == 0)
    away = moved(rows, latitude="lat", longitude="lon", is_urban="town", secret=SECRET)
    km = km_between(rows["lat"], rows["lon"], away.frame["lat"], away.frame["lon"])
    town = rows["town"].to_numpy()
    assert km[town].max() <= 2 + 1e-9
    assert km[~town].max() <= 10 + 1e-9
    assert (km[~town] > 5).mean() == pytest.approx(
        0.005, abs=0.002
    )  # one in a hundred, half of them beyond 5
    assert km[town].mean() == pytest.approx(1, abs=0.02)
    for name, ahead in (("lat", 0.5), ("lon", 0.5)):
        assert (away.frame[name] > rows[name]).mean() == pytest.approx(ahead, abs=0.02)
    assert (set(away.furthest_km[town]), set(away.furthest_km[~town])) == ({2.0}, {10.0})


def test_a_place_released_twice_is_moved_alike_and_another_secret_moves_it_elsewhere():
    rows = places(50)
    first, again, other = (
        moved(
            rows.sample(frac=1, random_state=n), latitude="lat", longitude="lon", secret=secret
        ).frame.sort_index()
        for n, secret in ((1, SECRET), (2, SECRET), (3, b"quite another secret"))
    )
    pd.testing.assert_frame_equal(first, again)
    assert (first["lat"] != other["lat"]).all()


def test_a_row_without_a_place_stays_without_one():
    rows = places(3)
    rows.loc[1, ["lat", "lon"]] = np.nan
    away = moved(rows, latitude="lat", longitude="lon", secret=SECRET)
    assert (away.n_without, away.frame["lat"].isna().tolist()) == (1, [False, True, False])


def test_places_that_are_none_are_refused():
    rows = pd.DataFrame({"lat": [-96.3, None], "lon": [107.1, 107.0]})
    with pytest.raises(BadInput) as caught:
        moved(rows, latitude="lat", longitude="lon", secret=b"short" * 4)
    assert [str(problem) for problem in caught.value.problems] == [
        "column 'lat': it holds degrees out of range. Give -90 to 90.",
        "the places: 1 rows have half a place. Complete or empty them.",
    ]
    with pytest.raises(BadInput, match=r"secret: it has 5 bytes\. Give 16 or more, kept secret\."):
        moved(places(1), latitude="lat", longitude="lon", secret=b"short")


# Texts


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("NIK 3216010101900001", ("identity number",)),
        ("WA +62 812-3456-7890", ("telephone",)),
        ("tanya 081234567890 ya", ("telephone",)),
        ("dedi.s@contoh.go.id", ("e-mail",)),
        ("lihat www.contoh.id", ("web address",)),
        ("Jl. Mawar 5 RT 02/RW 05", ("address",)),
        ("milik Hj. Siti", ("name",)),
        ("-6.30251, 107.17231", ("coordinates",)),
        ("Kerupuk udang 250 gram, Rp 15.000", ()),
        ("omzet 12.500.000 sebulan", ()),
        ("hujan sejak pagi", ()),
    ],
)
def test_what_looks_personal_in_a_text(text, kinds):
    assert found_in(text) == kinds


def test_only_approved_texts_leave_and_never_those_that_look_personal():
    texts = pd.Series(["enak", "kurang asin", "WA 081234567890", None])
    listed = to_review(texts)
    assert listed["text"].tolist() == ["WA 081234567890", "enak", "kurang asin"]
    kept, n = reviewed(texts, ["enak", "WA 081234567890"])
    assert kept.dropna().tolist() == ["enak"]
    assert n == 2


# A whole release


def enterprises(n=40):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "owner": [f"Pemilik {i}" for i in range(n)],
            "kecamatan": rng.choice(["Babelan", "Setu"], n),
            "trade": rng.choice(["food", "craft", "boats"], n, p=[0.6, 0.35, 0.05]),
            "debt": rng.choice(["yes", "no"], n),
            "lat": rng.uniform(-6.5, -5.9, n),
            "lon": rng.uniform(106.9, 107.3, n),
            "remark": ["laris"] * (n - 1) + ["hubungi Pak Dedi 081234567890"],
            "device": "collect-7",
        }
    )


ROLES = {
    "owner": "personal", "kecamatan": "key", "trade": "key", "debt": "sensitive", "lat": "latitude",
    "lon": "longitude", "remark": "text",
}  # fmt: skip


def test_a_release_tells_what_was_withheld_and_why():
    found = release_rows(enterprises(), ROLES, secret=SECRET, approved_texts={"remark": ["laris"]})
    assert list(found.frame) == ["kecamatan", "trade", "debt", "lat", "lon", "remark"]
    assert found.report.k >= 5
    assert not found.report.is_uniform[found.frame["debt"].notna()].any()
    told = {what.text("en"): n for what, n in found.withheld}
    assert told["columns with personal data (owner) are left out"] == 1
    assert told["columns nobody declared (device) are left out"] == 1
    assert told["texts in “remark” that nobody approved, or that look personal"] == 1
    assert told["places moved at random"] == 40
    assert "40 rows leave with the columns kecamatan, trade, debt, lat, lon, remark." in found.in_words("en")
    assert "Ditahan: kolom berisi data pribadi (owner) tidak disertakan (1)." in found.in_words("id")


def test_nothing_of_the_person_is_in_the_released_rows():
    rows = enterprises()
    found = release_rows(rows, ROLES, secret=SECRET)
    said = found.frame.to_csv()
    for gone in ("Pemilik", "Dedi", "0812", "collect-7"):
        assert gone not in said
    assert not set(found.frame["lat"]) & set(rows["lat"])


def test_the_order_of_the_rows_tells_nothing_of_the_source():
    rows = enterprises()
    first, again = (
        release_rows(given, ROLES, secret=SECRET).frame
        for given in (rows, rows.iloc[::-1].reset_index(drop=True))
    )
    assert first["lat"].tolist() == again["lat"].tolist()
    assert (
        first["lat"].tolist()
        != release_rows(rows, ROLES, secret=b"quite another secret").frame["lat"].tolist()
    )


def test_roles_that_do_not_exist_are_told_all_at_once():
    with pytest.raises(BadInput) as caught:
        release_rows(enterprises(), {"owner": "secret", "name": "personal", "lat": "latitude"}, secret=SECRET)
    assert [str(problem).partition(". ")[0] for problem in caught.value.problems] == [
        "roles, 'owner': 'secret' is no role",
        "roles, 'name': it is no column of the table",
        "roles: half a place is declared",
    ]


def test_every_release_is_in_the_audit_log_with_what_was_withheld(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    found = release_rows(enterprises(), ROLES, secret=SECRET)
    record_release(store, found, by=HOUSE[Role.RESEARCHER], purpose="a thesis", to="Universitas Contoh")
    event = store.audit.events(1)[0]
    assert (event.kind, event.details["to"], event.details["n_rows"]) == (
        "data released",
        "Universitas Contoh",
        40,
    )
    assert event.details["content"] == found.content_hash
    said = [one.text("en") for one in withheld_of(event.details)]
    assert "Withheld: columns with personal data (owner) are left out (1)." in said
    assert "Pemilik" not in str(event.details)
    assert store.audit.verify().faults == ()
    with pytest.raises(BadInput, match="purpose: it is not said"):
        record_release(store, found, by=HOUSE[Role.RESEARCHER], purpose=" ", to="somebody")
