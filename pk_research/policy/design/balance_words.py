"""The balance of two arms as a table, in words and as a love plot."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.palette import INK, WHITE
from pk_research.products.words import some, told
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pk_research.policy.design.balance import Balance

LARGE, RARE = 0.1, 0.05
BEFORE, AFTER = "#7a7a7a", "#21668c"
ROW_PX, FRAME_PX = 28, 150


def name_of(result: Balance, variable: str, language: Language) -> str:
    """Return the label of a variable; its name where it has none."""
    return result.labels[variable].text(language) if variable in result.labels else variable


def balance_table(result: Balance, language: Language) -> pd.DataFrame:
    """Return one row a variable, for people."""
    rows = result.rows
    headings = {
        "mean_treated": Message("Mean, treated"),
        "mean_control": Message("Mean, control"),
        "difference": Message("Difference"),
        "normalised_before": Message("Normalised difference before weighting"),
        "normalised_difference": Message("Normalised difference"),
        "variance_ratio": Message("Variance ratio"),
        "p_value": Message("p-value"),
    }
    if rows["normalised_before"].isna().all():
        del headings["normalised_before"]
    table = pd.DataFrame(
        {translate("Variable", language): [name_of(result, name, language) for name in rows["variable"]]}
    )
    for column, heading in headings.items():
        table[heading.text(language)] = [number_text(float(value), language, 3) for value in rows[column]]
    table[translate("Missing, treated", language)] = rows["missing_treated"].to_numpy()
    table[translate("Missing, control", language)] = rows["missing_control"].to_numpy()
    return marked(table, language, made=result.made)


def balance_account(result: Balance, language: Language) -> str:
    """Tell where the arms differ, and whether that is more than chance."""
    sentences = [
        _arms(result),
        _sizes(result, language),
        *_together(result),
        *_missing(result, language),
        *result.notes,
    ]
    return told(sentences, language, made=result.made)


def _arms(result: Balance) -> Message:
    values = {"treated": result.n_treated, "control": result.n_control, "clusters": result.n_clusters}
    if result.n_clusters is None:
        return Message("{treated} treated rows are compared with {control} others.", values)
    return Message(
        "{treated} treated rows are compared with {control} others, in {clusters} clusters.", values
    )


def _sizes(result: Balance, language: Language) -> Message:
    rows = result.rows
    large = rows.loc[rows["normalised_difference"].abs() > LARGE, "variable"]
    values: dict[str, object] = {"n": len(rows), "large": len(large), "limit": LARGE}
    if not len(large):
        return Message("None of {n} variables differs by more than {limit} (normalised difference).", values)
    names = some(name_of(result, name, language) for name in large)
    return Message(
        "Of {n} variables, {large} differ by more than {limit} (normalised difference): {names}.",
        values | {"names": names},
    )


def _together(result: Balance) -> list[Message]:
    joint = result.joint
    if joint is None:
        return []
    found = []
    values: dict[str, object] = {
        "f": round(joint.f, 2) if math.isfinite(joint.f) else joint.f,
        "first": joint.df_between,
        "second": joint.df_within,
        "p": round(joint.p_value, 3) if math.isfinite(joint.p_value) else joint.p_value,
        "lot": round(joint.p_lot, 3) if math.isfinite(joint.p_lot) else joint.p_lot,
        "draws": joint.draws,
    }
    if math.isfinite(joint.p_value):
        found.append(Message("All together: F({first}, {second}) = {f}, p = {p}.", values))
    if math.isfinite(joint.p_lot):
        found.append(Message("By {draws} lots drawn anew: p = {lot}.", values))
    decisive = joint.p_lot if math.isfinite(joint.p_lot) else joint.p_value
    if not math.isfinite(decisive):
        return found
    if decisive < RARE:
        found.append(
            Message("Together the variables tell the arms apart more than chance would: look for the cause.")
        )
    else:
        found.append(
            Message(
                "Together the variables tell the arms apart no more than chance may; that does not show"
                " that the arms are alike."
            )
        )
    return found


def _missing(result: Balance, language: Language) -> list[Message]:
    rows = result.rows
    gaps = rows["missing_treated"] + rows["missing_control"]
    if not gaps.sum():
        return []
    counts = ", ".join(
        f"{name_of(result, name, language)} {number_text(int(n), language)}"
        for name, n in zip(rows["variable"], gaps, strict=True)
        if n
    )
    found = [Message("Missing values, left out of their own variable: {counts}.", {"counts": counts})]
    if result.joint is not None:
        found.append(
            Message(
                "The joint test rests on the {n} of {all} rows that miss nothing.",
                {"n": result.joint.n_rows, "all": result.n_treated + result.n_control},
            )
        )
    return found


def plot_balance(result: Balance, language: Language, *, width_px: float = 800) -> Figure:
    """Draw the normalised differences, before and after weighting where there are weights."""
    from pk_research.sheet import new_sheet, wrapped

    has_weights = bool(result.rows["normalised_before"].notna().any())
    first = "normalised_before" if has_weights else "normalised_difference"
    rows = result.rows.assign(size=result.rows[first].abs()).sort_values("size", ascending=False)
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * len(rows))
    axes = figure.subplots()
    places = np.arange(len(rows))
    if has_weights:
        _marks(
            axes, rows["normalised_before"], places, translate("before weighting", language), is_filled=False
        )
        _marks(axes, rows["normalised_difference"], places, translate("after weighting", language))
        figure.legend(frameon=False, fontsize=9, loc="outside lower right", ncols=2)
    else:
        _marks(axes, rows["normalised_difference"], places, "")
    for place, line in ((0, "-"), (-LARGE, ":"), (LARGE, ":")):
        axes.axvline(place, color=INK, linewidth=0.8, linestyle=line, zorder=1)
    names = [wrapped(name_of(result, name, language), width_px * 0.35) for name in rows["variable"]]
    axes.set_yticks(places, names)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(translate("Normalised difference", language))
    axes.spines[["top", "right"]].set_visible(False)
    title = translate("How alike the arms are", language)
    figure.suptitle(wrapped(title, width_px / 1.4), x=0.01, ha="left", weight="bold", color=INK)
    if result.made:
        figure.supxlabel(translate(MADE, language), fontsize=8, color="#444444", x=0.01, ha="left")
    return figure


def _marks(axes: Axes, values: pd.Series, places: np.ndarray, label: str, *, is_filled: bool = True) -> None:
    axes.scatter(
        values,
        places,
        marker="s" if is_filled else "o",
        s=46,
        facecolor=AFTER if is_filled else WHITE,
        edgecolor=AFTER if is_filled else BEFORE,
        linewidth=1.4,
        label=label,
        zorder=3 if is_filled else 2,
    )
