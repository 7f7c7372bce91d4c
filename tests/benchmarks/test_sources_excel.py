"""The national list as a workbook: our reader beside pandas with openpyxl."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from pk_research import sources

CODES = ("KODE_PROV", "KODE_KAB", "KODE_KEC", "KODE_DESA")


@pytest.fixture(scope="module")
def workbook(shared, tmp_path_factory):
    path = tmp_path_factory.mktemp("excel") / "idm2024_nasional.xlsx"
    source = shared / "data" / "idm-2024" / "idm2024_nasional.csv.gz"
    pd.read_csv(source, dtype=dict.fromkeys(CODES, str)).to_excel(path, index=False, engine="xlsxwriter")
    return path


@pytest.fixture(scope="module")
def seconds() -> dict[str, float]:
    """Best time of each reader, for their ratio."""
    return {}


def timed(benchmark, seconds: dict[str, float], name: str, read):
    best = []

    def run():
        start = time.perf_counter()
        result = read()
        best.append(time.perf_counter() - start)
        return result

    result = benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    seconds[name] = min(best)
    return result


@pytest.mark.slow
@pytest.mark.benchmark(group="national list from XLSX")
def test_pandas_with_openpyxl(benchmark, seconds, workbook):
    frame = timed(benchmark, seconds, "openpyxl", lambda: pd.read_excel(workbook, engine="openpyxl"))
    assert len(frame) == 74_760


@pytest.mark.benchmark(group="national list from XLSX")
def test_sources_load(benchmark, seconds, workbook):
    dataset = timed(benchmark, seconds, "ours", lambda: sources.load(workbook))
    assert (dataset.provenance.layout, len(dataset.frame)) == ("idm-national", 74_760)
    if "openpyxl" in seconds:
        benchmark.extra_info["times faster than openpyxl"] = round(seconds["openpyxl"] / seconds["ours"], 1)
