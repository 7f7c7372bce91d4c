"""What the recomputation, the gains and the steps say, in words and tables, in two languages."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.sources.idm_indicators import VARIABLES
from pk_research.sources.vocabulary import IDM, IDM_STATUS

SIZES_SHOWN = 4
_BASES = {
    "scores": "Scores of its indicators",
    "value": "Published value, as whole score points",
    "sub-indices": "Recomputed sub-indices",
    "idm": "Recomputed IDM",
}


def index_name(index: str, language: Language) -> str:
    """Name an index as people say it: IKS, IKE, IKL, IDM, or the label of the status."""
    return IDM_STATUS.label(language) if index == IDM_STATUS.name else index.upper()


def status_label(value: str, language: Language) -> str:
    """Return the label of an IDM status in a language."""
    labels = {label.value: label.text(language) for label in IDM_STATUS.categories}
    return labels.get(value, value)


def gain_text(gain: float, language: Language) -> str:
    """Write a gain in IDM with four decimals, the precision of the published index."""
    return number_text(gain, language, decimals=4)


def headed(table: pd.DataFrame, headings: dict[str, str], language: Language) -> pd.DataFrame:
    """Keep the columns of ``headings``, in their order, under translated headings."""
    return table[list(headings)].rename(columns={k: translate(v, language) for k, v in headings.items()})


def recomputation_in_words(
    summary: pd.DataFrame,
    contradictions: pd.DataFrame,
    sizes: pd.DataFrame,
    *,
    n_rows: int,
    language: Language,
) -> str:
    """Say what was compared, what differs and by how much, and what could not be recomputed."""
    n_incomplete = int(summary.loc[IDM.name, "n_incomplete"])
    sentences = [
        Message("IDM was recomputed for {n} of {total} rows.", {"n": n_rows - n_incomplete, "total": n_rows})
    ]
    if n_incomplete:
        sentences.append(Message("{n} rows lack a score or a sub-index and are listed.", {"n": n_incomplete}))
    for index, counts in summary[summary["n_compared"] > 0].iterrows():
        inherited = contradictions.loc[contradictions["index"] == index, "inherited"]
        sentences.append(_compared(str(index), counts.to_dict(), int(inherited.sum()), language))
        if counts["basis"] == "scores":
            largest = sizes[sizes["index"] == index].nlargest(SIZES_SHOWN, "n_rows")
            sentences += [_size(size) for size in largest.to_dict("records")]
    return " ".join(sentence.text(language) for sentence in sentences)


def _compared(index: str, counts: Mapping[str, Any], n_inherited: int, language: Language) -> Message:
    values = {
        "index": index_name(index, language),
        "n": counts["n_contradicting"],
        "total": counts["n_compared"],
        "n_inherited": n_inherited,
    }
    if counts["n_contradicting"] == 0 and counts["basis"] == "value":
        return Message("{index}: all {total} published values can come from whole scores.", values)
    if counts["n_contradicting"] == 0:
        return Message("{index}: all {total} published values agree with their parts.", values)
    if counts["basis"] == "scores":
        return Message(
            "{index}: {n} of {total} published values contradict their own indicators by more than "
            "rounding explains.",
            values,
        )
    if counts["basis"] == "value":
        return Message(
            "{index}: {n} of {total} published values cannot come from whole scores, whatever the rounding.",
            values,
        )
    if n_inherited:
        return Message(
            "{index}: {n} of {total} published values differ from the recomputed ones; {n_inherited} of "
            "them agree with published values that are wrong themselves.",
            values,
        )
    return Message("{index}: {n} of {total} published values differ from the recomputed ones.", values)


def _size(size: Mapping[Hashable, Any]) -> Message:
    values = {"n": size["n_rows"], "points": size["difference_points"]}
    if "year" in size:
        return Message(
            "In {year}, {n} rows differ by {points} points.", {**values, "year": str(size["year"])}
        )
    return Message("{n} rows differ by {points} points.", values)


def summary_table(summary: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Write the summary of a recomputation with headings in a language."""
    table = summary.reset_index()
    table["index"] = [index_name(index, language) for index in table["index"]]
    table["basis"] = [translate(_BASES[basis], language) for basis in table["basis"]]
    headings = {
        "index": "Index",
        "basis": "Recomputed from",
        "n_compared": "Values compared",
        "n_equal": "Equal",
        "n_contradicting": "Contradicting",
        "n_incomplete": "Could not be recomputed",
        "n_not_published": "Not published",
        "tolerance": "Difference that rounding explains",
    }
    return headed(table, headings, language)


def gains_table(summary: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Write the summary of gains by indicator with headings in a language."""
    table = summary.reset_index()
    table["label"] = [VARIABLES[name].label(language) for name in table["indicator"]]
    table["indicator"] = table["indicator"].str.upper()
    headings = {
        "indicator": "Indicator",
        "label": "What it measures",
        "gain_per_point": "Gain in IDM per score point",
        "n_below_5": "Rows below 5",
        "mean_gain_to_5": "Mean gain in IDM from raising it to 5",
        "n_status_up_by_point": "Rows whose status rises with one point",
        "n_status_up_at_5": "Rows whose status rises at 5",
        "n_missing": "Score missing",
    }
    return headed(table, headings, language)


def steps_table(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Count rows by status and by the status they should reach, with the points it takes."""
    groups = frame.dropna(subset="points").groupby(["status", "target"], observed=True, sort=True)["points"]
    table = groups.agg(["size", "median", "min", "max"]).reset_index()
    for column in ("status", "target"):
        table[column] = [status_label(value, language) for value in table[column].astype(str)]
    headings = {
        "status": "Status now",
        "target": "Status to reach",
        "size": "Rows",
        "median": "Median score points needed",
        "min": "Fewest points",
        "max": "Most points",
    }
    return headed(table, headings, language)
