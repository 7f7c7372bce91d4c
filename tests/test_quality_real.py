"""What is really in the official files: each figure was counted by hand from the CSV first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from quality_tables import listing

from pk_research import quality, sources
from pk_research.codebook import Codebook, Variable
from pk_research.indicators import idm
from pk_research.register import load_register
from pk_research.sources.dataset import Dataset, Provenance
from pk_research.sources.vocabulary import PROVINCE


def by_check(report: quality.Report) -> dict[str, list[quality.Finding]]:
    checks: dict[str, list[quality.Finding]] = {}
    for finding in report.findings:
        checks.setdefault(finding.check, []).append(finding)
    return checks


@pytest.fixture(scope="module")
def national(shared) -> sources.Dataset:
    return sources.load(shared / "data" / "idm-2024" / "idm2024_nasional.csv.gz")


def test_the_national_idm_lacks_four_villages(national):
    report = quality.check(national)
    (empty,) = by_check(report)["empty-row"]
    assert listing(empty, "village_code", "village") == [
        ("1105022062", "BATU JAYA"),
        ("1106082013", "PULO BUNTA"),
        ("1116102005", "PERKEBUNAN ALUR JAMBU"),
        ("6311012020", "WONOREJO"),
    ]
    assert (report.n_rows, report.n_villages) == (74_760, 74_760)
    assert report.count("error") == 0
    missing = report.missing.set_index("variable")["n_missing"]
    assert missing[["village", "idm", "idm_status", "note"]].tolist() == [1, 4, 4, 69_663]


def test_the_wrong_label_of_the_national_idm(national):
    contradictions = idm.recompute(national).contradictions
    report = quality.check(national).with_findings(quality.from_contradictions(national, contradictions))
    (label,) = [f for f in report.findings if f.check == "contradiction" and f.columns == ("idm_status",)]
    assert listing(label, "village_code", "value", "expected") == [("6213062003", "Berkembang", "Maju")]


def test_the_register_of_bekasi_does_not_judge_karawang(shared):
    karawang = sources.load(shared / "data" / "idm-2024" / "idm2024_karawang.csv")
    report = quality.check(karawang, register=load_register())
    assert [(f.check, f.severity, f.n_rows) for f in report.findings if f.check == "outside"] == [
        ("outside", "note", len(karawang.frame))
    ]
    assert report.count("error") == 0


def test_the_indicator_files_hold_every_score_but_not_every_year(shared):
    scores = sources.load(shared / "data" / "idm-indicators" / "idm_indicators_2021_2024.csv.gz")
    report = quality.check(scores)
    assert (report.n_rows, report.count("error"), report.count("warning")) == (9_930, 0, 0)
    assert report.missing["n_missing"].sum() == 0
    (absent,) = by_check(report)["absent-year"]
    years = scores.frame.groupby("village_code")["year"].nunique()
    assert absent.n_rows == (years < 4).sum() == 120


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("sinyal_telepon", 0),
        ("keberadaan_simpan_pinjam", 4),
        ("teknologi_perikanan", 4),
        ("teknologi_peternakan", 4),
    ],
)
def test_the_panels_of_open_data_jabar(shared, name, errors):
    """No village-year stands twice; two villages got new codes in 2022 and kept their kecamatan's old one."""
    panel = sources.load(shared / "data" / "opendata-jabar" / f"{name}.csv.gz")
    report = quality.check(panel)
    checks = by_check(report)
    assert {"duplicate", "conflict", "fan-out"}.isdisjoint(checks)
    (changed,) = checks["code-change"]
    assert set(listing(changed, "village", "expected")) == {
        ("SAMBENG", "3209212016, 3209392001"),
        ("SIRNABAYA", "3209212017, 3209392002"),
    }
    rows = [row for finding in checks.get("code-area", ()) for row in listing(finding, "value", "expected")]
    assert rows == [("320939", "320921")] * errors


MESSY = ("01_*2019.csv", "02_*2021.csv", "04_*.csv", "08_*.csv")


def read_carelessly(folder: Path, name: str) -> sources.Dataset:
    """Take every row with numbers for a unit, as a reader without a layout would."""
    (path,) = folder.glob(name)
    raw = pd.read_csv(path, header=None, dtype="string", encoding="utf-8-sig", na_values="-").dropna(thresh=2)
    frame = raw[~raw[0].isna() & raw[0].ne("38 Provinsi")].set_axis(
        ["province", *(f"x{n}" for n in range(1, raw.shape[1]))], axis=1
    )
    book = Codebook((PROVINCE, *(Variable(name, kind="number") for name in frame.columns[1:])))
    origin = Provenance(path.stem, path.name, "", "table")
    return Dataset("careless", book.cast(frame, where=path.name), book, origin, ("province",))


@pytest.mark.parametrize("name", MESSY)
def test_total_rows_of_official_tables_are_found_and_add_up(shared, name):
    report = quality.check(read_carelessly(shared / "data" / "messy-official", name))
    checks = by_check(report)
    assert listing(checks["total"][0], "province") == [("INDONESIA",)]
    assert "total-sum" not in checks


def test_a_total_without_its_label_is_found_by_its_sums(shared):
    data = read_carelessly(shared / "data" / "messy-official", MESSY[2])
    frame = data.frame.assign(province=data.frame["province"].replace("INDONESIA", "DAN LAIN-LAIN"))
    report = quality.check(replace(data, frame=frame))
    (total,) = by_check(report)["total"]
    assert (total.severity, total.n_rows, total.rows["province"].unique().tolist()) == (
        "warning", 1, ["DAN LAIN-LAIN"],
    )  # fmt: skip


def test_grants_in_round_numbers_are_not_taken_for_totals(shared):
    """Three villages times 400 million equal three single ones: a coincidence of the money."""
    grants = sources.load(shared / "data" / "messy-official" / "20_jumlah-desa-penerima-bantuan-pow.csv")
    assert "total" not in by_check(quality.check(grants))
