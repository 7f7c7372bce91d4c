"""Results as files: each says what it is made from, is safe to open, and belongs to this run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mixed_villages import CATEGORIES, VARIABLES, villages_of_kinds
from village_tables import dataset_of, dataset_of_values

from pk_research import clusters, publish
from pk_research.errors import NotReady
from pk_research.indicators import idm
from pk_research.sources import Dataset
from pk_research.writing import csv_bytes, write_files

MADE = {"id": "Data buatan (contoh), bukan hasil pengamatan", "en": "Made data (an example), not observed"}
NOTE = {"id": "Catatan", "en": "Note"}


def scored(*, made: bool) -> Dataset:
    """Two villages with every score at 5 but for one, the second with a score missing."""
    scores = pd.DataFrame(5, index=range(2), columns=list(idm.VARIABLES.names)).astype("Int64")
    scores.loc[0, "ikl03"] = 0
    scores.loc[1, "iks01"] = pd.NA
    scores.insert(0, "village_code", ["3216012001", "3216012002"])
    return dataset_of(scores.assign(year=2024, idm_status="Maju"), made=made, title="Survey")


def villages(*, made: bool) -> Dataset:
    return dataset_of_values(np.random.default_rng(3).normal(size=(30, 2)), made=made)


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    return {path.name: pd.read_csv(path, dtype="string") for path in sorted(folder.glob("*.csv"))}


def origin(folder: Path) -> dict[str, object]:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_table_of_made_data_says_so(tmp_path, language):
    data = scored(made=True)
    publish.write_index(idm.recompute(data), tmp_path / "index", language=language, dataset=data)
    typology = clusters.find_types(villages(made=True), ["x1", "x2"], k_range=range(2, 4))
    publish.write_typology(typology, tmp_path / "types", language=language)
    written = tables(tmp_path / "index") | tables(tmp_path / "types")
    assert set(written) == {
        "summary.csv", "recomputed.csv", "contradictions.csv", "incomplete.csv", "gains.csv", "steps.csv",
        "types.csv", "villages.csv", "left_out.csv", "profile.csv", "choice.csv",
    }  # fmt: skip
    for name, table in written.items():
        assert NOTE[language] in table, name
        assert set(table[NOTE[language]]) <= {MADE[language]}, name
    for folder in ("index", "types"):
        told = (tmp_path / folder / "summary.txt").read_text(encoding="utf-8")
        assert told.startswith(MADE[language])
        assert origin(tmp_path / folder)["made"] is True


def test_tables_of_observed_data_carry_no_such_note(tmp_path):
    data = scored(made=False)
    publish.write_index(idm.recompute(data), tmp_path, language="en", dataset=data)
    assert not any("Note" in table for table in tables(tmp_path).values())


def test_an_index_says_where_it_comes_from(tmp_path):
    data = scored(made=False)
    written = publish.write_index(idm.recompute(data), tmp_path)
    about = origin(tmp_path)
    assert (about["title"], about["input_sha256"]) == ("Survey", data.content_hash)
    assert {*about["files"], "result.json"} == {path.name for path in written}


def test_what_would_raise_the_index_is_written_with_the_dataset(tmp_path):
    data = scored(made=False)
    publish.write_index(idm.recompute(data), tmp_path, language="en", dataset=data)
    gains = tables(tmp_path)["gains.csv"].set_index("Indicator")
    assert len(gains) == 50
    assert float(gains.loc["IKL03", "Mean gain in IDM from raising it to 5"]) == pytest.approx(5 / 45 / 2)
    assert gains.loc["IKS01", "Score missing"] == "1"
    steps = tables(tmp_path)["steps.csv"]
    assert steps["village_code"].tolist() == ["3216012001", "3216012002"]
    assert steps["points"].isna().tolist() == [False, True]
    assert "Most can be gained from IKL03" in (tmp_path / "summary.txt").read_text(encoding="utf-8")
    publish.write_index(idm.recompute(data), tmp_path)
    assert not {"gains.csv", "steps.csv"} & set(tables(tmp_path))


def test_sub_indices_alone_give_steps_but_no_gains(tmp_path):
    data = dataset_of(pd.DataFrame({"village_code": ["3216012001"], "iks": 0.8, "ike": 0.6, "ikl": 0.6667}))
    publish.write_index(idm.recompute(data), tmp_path, dataset=data)
    assert tables(tmp_path)["steps.csv"]["points"].tolist() == ["1"]
    assert "gains.csv" not in tables(tmp_path)


def test_types_of_categories_say_what_each_variable_was_and_what_became_of_gaps(tmp_path):
    dataset, _ = villages_of_kinds(gaps=0.05)
    typology = clusters.find_types(
        dataset, VARIABLES, method="k_medoids", k=3, kinds={"road": "ordinal", "has_bank": "asymmetric"}
    )
    publish.write_typology(typology, tmp_path, language="en")
    about = origin(tmp_path)
    assert (about["method"], about["gaps"], about["n_imputed"]) == ("k_medoids", "keep", 0)
    assert about["kinds"] == {"road": "ordinal", "work": "nominal", "has_bank": "asymmetric", "km": "numeric"}
    assert about["n_villages"] + about["n_left_out"] == len(dataset.frame)
    profile = tables(tmp_path)["profile.csv"]
    first = profile[profile["cluster"] == "1"].set_index(["variable", "category"])["mean"].astype(float)
    assert set(first.index.get_level_values("variable")) == set(VARIABLES)
    assert first.loc["road"].sum() == pytest.approx(1)
    assert set(first.loc["road"].index) == {"earth", "gravel", "paved"}
    assert first.loc["has_bank"].index.tolist() == ["yes"]
    assert first.loc["km"].index.isna().all()
    villages_file = tables(tmp_path)["villages.csv"]
    assert set(villages_file["Road"].dropna()) == {"Earth", "Gravel", "Paved"}
    assert villages_file["Road"].isna().sum() == typology.villages["road"].isna().sum() > 0
    shares = tables(tmp_path)["types.csv"].filter(like="Share (%): Main work").astype(float).sum(axis=1)
    assert shares.tolist() == pytest.approx([100] * 3, abs=0.2)


def test_types_of_categories_that_were_chosen_write_what_the_choice_rests_on(tmp_path):
    dataset, _ = villages_of_kinds(45)
    typology = clusters.find_types(
        dataset, CATEGORIES, method="latent_classes", k_range=[2, 3], n_starts=2, n_draws=2
    )
    publish.write_typology(typology, tmp_path)
    assert "bic" in tables(tmp_path)["choice.csv"]
    assert origin(tmp_path)["n_draws"] == 2


def test_villages_in_no_type_are_counted_apart_from_those_left_out(tmp_path):
    values = np.append(np.array([0.0, 9.0]).repeat(20) + np.tile(np.linspace(0, 1, 20), 2), [40, 60, np.nan])
    data = dataset_of_values(values[:, None])
    publish.write_typology(clusters.find_types(data, ["x1"], method="hdbscan", min_size=6), tmp_path)
    about = origin(tmp_path)
    assert (about["n_villages"], about["n_in_no_type"], about["n_left_out"]) == (40, 2, 1)
    assert len(tables(tmp_path)["left_out.csv"]) == 3


def test_imputed_values_are_counted_and_not_written(tmp_path):
    values = np.random.default_rng(3).normal(size=(30, 2))
    values[:4, 0] = np.nan
    typology = clusters.find_types(
        dataset_of_values(values), ["x1", "x2"], k=2, gaps="impute", n_imputations=2, n_starts=2
    )
    publish.write_typology(typology, tmp_path, language="en")
    about = origin(tmp_path)
    assert (about["gaps"], about["n_imputed"], about["n_draws"]) == ("impute", 4, 2)
    villages_file = tables(tmp_path)["villages.csv"]
    assert villages_file["x1"].isna().sum() == 4
    assert villages_file["Values imputed"].astype(int).sum() == 4


def test_a_choice_of_an_earlier_run_does_not_stay_beside_a_given_k(tmp_path):
    (tmp_path / "choice.xlsx").write_bytes(b"the reader's own")
    data = villages(made=False)
    publish.write_typology(clusters.find_types(data, ["x1", "x2"], k_range=range(2, 4)), tmp_path)
    assert {"choice.csv", "choice.png", "choice.svg"} <= {path.name for path in tmp_path.iterdir()}
    publish.write_typology(clusters.find_types(data, ["x1", "x2"], k=2), tmp_path)
    there = {path.name for path in tmp_path.iterdir()}
    assert there == {*origin(tmp_path)["files"], "result.json", "choice.xlsx"}
    assert not {"choice.csv", "choice.png", "choice.svg"} & there


def test_text_is_never_a_formula_and_numbers_stay_numbers():
    frame = pd.DataFrame(
        {
            "=x": [-1.5, 2.0],
            "village": ["=1+1", "Segara"],
            "remark": ["-cmd", None],
            "text": ["@a", "\tb"],
            "of_text": ["-3", "+1.5e3"],
            "n": pd.array([-2, None], "Int64"),
        }
    )
    assert csv_bytes(frame).decode("utf-8-sig").split("\n") == [
        "'=x,village,remark,text,of_text,n",
        "-1.5,'=1+1,'-cmd,'@a,-3,-2",
        "2.0,Segara,,'\tb,+1.5e3,",
        "",
    ]
    assert frame.columns[0] == "=x"


def test_categories_and_made_up_carriage_returns_are_made_harmless_too():
    frame = pd.DataFrame({"a": pd.Categorical(["=A1", "b"]), "b": ["\rc", "+d"]})
    read = csv_bytes(frame).decode("utf-8-sig")
    assert "'=A1" in read
    assert "'\rc" in read
    assert "'+d" in read


def test_nothing_of_an_earlier_result_is_removed_when_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    write_files({"choice.csv": b"old"}, tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotReady, match="No space left"):
        write_files({"types.csv": b"new"}, tmp_path, optional=["choice.csv"])
    assert (tmp_path / "choice.csv").read_bytes() == b"old"


def test_labels_with_dollar_signs_do_not_stop_the_pictures(tmp_path):
    typology = clusters.find_types(villages(made=False), ["x1", "x2"], k=2)
    first, second = typology.variables
    priced = replace(typology, variables=(replace(first, label_id="Harga ($) \\frac{"), second))
    publish.write_typology(priced, tmp_path)
    assert (tmp_path / "profile.svg").stat().st_size > 0
