"""The made survey: calibrated where something was published, honest about being made, reproducible."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pk_research import sample
from pk_research.errors import BadInput
from pk_research.indicators import idm
from pk_research.register import Register, load_register
from pk_research.sources.dataset import Dataset


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


@pytest.fixture(scope="module")
def made(register) -> sample.Sample:
    return sample.make_sample(register)


@pytest.fixture(scope="module")
def truth(made) -> pd.DataFrame:
    return made.truth.frame


@pytest.fixture(scope="module")
def loaded() -> Dataset:
    return sample.load_sample()


def in_year(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    return frame[frame["year"] == year]


# --- calibrated


def test_2022_meets_the_published_totals(truth):
    desa = in_year(truth, 2022).query("village_kind == 'desa'")
    assert len(desa) == 180
    assert desa["idm_status"].value_counts().loc[["Berkembang", "Maju", "Mandiri"]].tolist() == [59, 69, 52]
    assert (desa["bumdes"] == "Ada").sum() == 155


def test_the_file_meets_the_published_totals_too(loaded):
    desa = in_year(loaded.frame, 2022).query("village_kind == 'desa'")
    assert desa["idm_status"].value_counts().loc[["Berkembang", "Maju", "Mandiri"]].tolist() == [59, 69, 52]
    assert (desa["bumdes"] == "Ada").sum() == 155


@pytest.mark.parametrize(("year", "n_desa", "n_kelurahan"), [(2022, 180, 7), (2023, 179, 8), (2024, 179, 8)])
def test_every_village_of_the_register_is_there_each_year(truth, register, year, n_desa, n_kelurahan):
    rows = in_year(truth, year)
    assert rows["village_kind"].value_counts().to_dict() == {"desa": n_desa, "kelurahan": n_kelurahan}
    codes = {register.old_codes.get(code, code) for code in rows["village_code"]}
    assert codes == {village.code for village in register}


def test_kelurahan_have_neither_idm_nor_bumdes_nor_village_fund(truth):
    kelurahan = truth.query("village_kind == 'kelurahan'")
    assert kelurahan[["iks", "idm", "idm_status", "bumdes", "village_fund_idr_year"]].isna().all(axis=None)
    assert truth.query("village_kind == 'desa'")[["idm", "idm_status", "bumdes"]].notna().all(axis=None)


def test_idm_follows_its_formula_in_every_true_row(made):
    result = idm.recompute(made.truth)
    assert result.contradictions.empty
    assert len(result.incomplete) == truth_kelurahan_rows(made)


def truth_kelurahan_rows(made: sample.Sample) -> int:
    return int((made.truth.frame["village_kind"] == "kelurahan").sum())


def test_true_answers_keep_to_their_codebook(made):
    for variable in made.truth.measures():
        values = made.truth.frame[variable.name].dropna().astype(float)
        assert variable.minimum is None or values.min() >= variable.minimum, variable.name
        assert variable.maximum is None or values.max() <= variable.maximum, variable.name
    frame = made.truth.frame
    assert (frame["poor_households"] < frame["households"]).all()
    assert (frame["households"] < frame["population"]).all()


def test_numbers_are_as_round_as_people_give_them(truth):
    numbers = truth.select_dtypes("float64").drop(columns=["iks", "ike", "ikl", "idm"])
    assert (numbers.round(1).fillna(0) == numbers.fillna(0)).all(axis=None)
    scores = truth[["iks", "ike", "ikl", "idm"]]
    assert (scores.round(4).fillna(0) == scores.fillna(0)).all(axis=None)


# --- it hangs together


def test_places_differ_as_they_should(truth):
    by_kecamatan = in_year(truth, 2024).groupby("kecamatan").mean(numeric_only=True)
    industry, rice = by_kecamatan.loc["Cikarang Utara"], by_kecamatan.loc["Sukawangi"]
    coast, hills = by_kecamatan.loc["Muaragembong"], by_kecamatan.loc["Bojongmangu"]
    assert industry["factory_workers"] > 5 * rice["factory_workers"]
    assert industry["income_idr_month"] > 1.4 * rice["income_idr_month"]
    assert rice["rice_field_ha"] > 5 * industry["rice_field_ha"]
    assert coast["fishpond_ha"] > 50 * rice["fishpond_ha"]
    assert coast["market_km"] > hills["market_km"] > industry["market_km"]
    assert hills["dryland_ha"] > 3 * coast["dryland_ha"]


def test_answers_of_a_village_go_together(truth):
    rank = in_year(truth, 2023).corr(numeric_only=True, method="spearman")
    assert rank.loc["income_idr_month", "internet_pct"] > 0.6
    assert rank.loc["idm", "internet_pct"] > 0.5
    assert rank.loc["bumdes_turnover_idr_year", "bumdes_management"] > 0.3
    assert rank.loc["clean_water_pct", "market_km"] < -0.4


def test_a_village_resembles_itself_a_year_later(truth):
    names = ["income_idr_month", "umkm_count", "bumdes_turnover_idr_year", "idm"]
    first, last = (in_year(truth, year).set_index("village")[names].astype(float) for year in (2022, 2024))
    unique = first.index[first.index.isin(last.index) & ~first.index.duplicated(keep=False)]
    assert (first.loc[unique].corrwith(last.loc[unique]) > 0.85).all()


def test_several_types_of_village_can_be_told_apart_but_not_perfectly(truth):
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from sklearn.preprocessing import StandardScaler

    answers = in_year(truth, 2024)[list(sample.TYPE_VARIABLES)].astype(float)
    scaled = StandardScaler().fit_transform(np.log1p(answers))
    for k in (3, 4, 5):
        labels = KMeans(k, n_init=5, random_state=0).fit_predict(scaled)
        assert np.bincount(labels).min() >= 8
        assert 0.25 < silhouette_score(scaled, labels) < 0.6


# --- gaps and errors


def test_every_planted_error_is_in_the_file_and_its_truth_in_the_truth(made):
    collected = made.collected.frame.set_index(["village_code", "year"])
    true = made.truth.frame.astype({"year": "str"}).set_index(["village_code", "year"])
    cells = made.planted[~made.planted["kind"].isin([*sample.COUNTED_KINDS, "wrong code"])]
    for cell in cells[cells["variable"] != ""].itertuples():
        place = (cell.village_code, str(cell.year))
        assert collected.loc[[place], cell.variable].tolist() == [cell.collected], cell
        value = true.loc[place, cell.variable]
        assert cell.truth == (value if isinstance(value, str) else f"{value:.4f}".rstrip("0").rstrip(".")), (
            cell
        )


def test_gaps_are_counted_as_they_stand_in_the_file(made):
    gaps = made.planted.query("kind == 'no answer' and collected != ''")
    for gap in gaps.itertuples():
        rows = made.collected.frame[made.collected.frame["year"] == str(gap.year)]
        assert (rows[gap.variable] == gap.collected).sum() == gap.n, gap


def test_rows_that_are_twice_absent_or_under_another_code(made):
    one = {kind: rows.iloc[0] for kind, rows in made.planted.groupby("kind")}
    rows = dict(tuple(made.collected.frame.groupby(["village_code", "year"])))

    def found(kind: str) -> pd.DataFrame:
        return rows[one[kind]["village_code"], str(one[kind]["year"])]

    assert len(found("exact duplicate")) == 2
    assert found("exact duplicate").duplicated().sum() == 1
    assert len(found("conflicting duplicate")) == 2
    assert found("conflicting duplicate").duplicated().sum() == 0
    assert sum(len(frame) > 1 for frame in rows.values()) == 2
    wrong = one["wrong code"]
    assert (wrong["village_code"], str(wrong["year"])) not in rows
    assert (wrong["collected"], str(wrong["year"])) in rows
    assert one["old code"][["village_code", "year"]].tolist() == ["3216012007", "2022"]
    for gone in made.planted.query("kind == 'not visited'").itertuples():
        assert (gone.village_code, str(gone.year)) not in rows


def test_silence_about_income_is_not_at_random(made):
    true = made.truth.frame.astype({"year": "str"})
    answers = made.collected.frame.drop_duplicates(["village_code", "year"])
    both = answers.merge(true, on=["village_code", "year"], suffixes=("", "_true"))
    silent = both["income_idr_month"] == "-88"
    assert (
        both.loc[silent, "income_idr_month_true"].mean() > both.loc[~silent, "income_idr_month_true"].mean()
    )


def test_collected_answers_that_were_not_planted_are_true(made):
    """Every cell that differs from the truth is accounted for."""
    n_planted = made.planted.loc[made.planted["variable"] != "", "n"].sum()
    true = made.truth.frame.astype("object").where(made.truth.frame.notna(), "")
    first = made.collected.frame.drop_duplicates(["village_code", "year"]).set_index(["village_code", "year"])
    wrong = made.planted.query("kind == 'wrong code'").iloc[0]
    n_different = 1
    for row in true.to_dict("records"):
        place = (row["village_code"], str(row["year"]))
        if place == (wrong["village_code"], str(wrong["year"])):
            place = (wrong["collected"], str(wrong["year"]))
        if place in first.index:
            answers = first.loc[place]
            n_different += sum(answers[name] != as_text(row[name]) for name in answers.index)
    assert n_different == n_planted


def as_text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return value if isinstance(value, str) else f"{value:.4f}".rstrip("0").rstrip(".")


# --- made, and said to be


def test_it_says_that_it_is_made(made, loaded, project):
    assert made.truth.provenance.made
    assert loaded.provenance.made
    assert "made" in loaded.name
    assert "MADE" in loaded.provenance.title
    own = [
        v
        for v in loaded.codebook
        if v.name not in ("village_code", "year", "kecamatan", "village", "village_kind")
    ]
    assert all(variable.source.startswith("made") for variable in own)
    readme = (project / "data" / "sample" / "README.md").read_text(encoding="utf-8")
    assert "Data buatan" in readme
    assert "Made, not collected" in readme
    assert not any("changed" in step.what.text("en") for step in loaded.provenance.steps)


def test_the_codebook_is_complete_in_both_languages():
    for variable in sample.CODEBOOK:
        assert variable.label_id, variable.name
        assert variable.label_en, variable.name
        assert "keluarga" not in variable.label_id.lower(), variable.name  # households are rumah tangga
        assert all(label.label_id and label.label_en for label in (*variable.categories, *variable.missing))


# --- the committed file


def test_the_committed_files_are_what_the_program_writes(project, tmp_path):
    written = sample.write_sample(tmp_path)
    committed = project / "data" / "sample"
    assert sorted(path.name for path in written) == sorted(path.name for path in committed.iterdir())
    for path in written:
        assert path.read_bytes() == (committed / path.name).read_bytes(), (
            f"{path.name}: write the sample again"
        )


WRITE = "import sys, pathlib; from pk_research import sample; sample.write_sample(pathlib.Path(sys.argv[1]))"


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_the_bytes_do_not_depend_on_the_hash_seed(project, tmp_path, hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    subprocess.run([sys.executable, "-c", WRITE, str(tmp_path)], check=True, env=environment)
    committed = project / "data" / "sample"
    for path in tmp_path.iterdir():
        assert digest(path.read_bytes()) == digest((committed / path.name).read_bytes()), path.name


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_another_seed_makes_another_survey_with_the_same_totals(register):
    other = sample.make_sample(register, seed=7)
    assert not other.truth.frame.equals(sample.make_sample(register).truth.frame)
    desa = in_year(other.truth.frame, 2022).query("village_kind == 'desa'")
    assert desa["idm_status"].value_counts().loc[["Berkembang", "Maju", "Mandiri"]].tolist() == [59, 69, 52]
    assert (desa["bumdes"] == "Ada").sum() == 155


def test_another_register_is_refused(register):
    with pytest.raises(BadInput, match=r"this register holds 186"):
        sample.make_sample(Register(register.villages[1:]))


# --- loaded like any other survey


def test_the_file_loads_with_nothing_lost(loaded, made):
    assert len(loaded.frame) == len(made.collected.frame) == 561
    assert loaded.codebook.names == sample.CODEBOOK.names
    assert loaded.frame["income_idr_month"].min() > 0, "missing codes are missing, not numbers"
    assert loaded.frame["bumdes"].dropna().isin(["Ada", "Tidak ada"]).all()


def test_the_planted_list_is_read_back(made):
    planted = sample.load_planted()
    pd.testing.assert_frame_equal(
        planted, made.planted.astype("str").astype({"n": "int64"}), check_dtype=False
    )


def test_recomputing_idm_finds_what_was_planted_in_it(loaded):
    planted = sample.load_planted().query("kind == 'contradiction' and variable in ['iks', 'idm_status']")
    found = idm.recompute(loaded).contradictions
    places = found[["village_code", "year"]].astype("str").drop_duplicates()
    assert sorted(places.itertuples(index=False, name=None)) == sorted(
        planted[["village_code", "year"]].itertuples(index=False, name=None)
    )
