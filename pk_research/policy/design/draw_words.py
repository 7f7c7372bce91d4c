"""A draw read out at its ceremony, as a table and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, translate
from pk_research.palette import INK
from pk_research.policy.design.draw_check import JOIN
from pk_research.products.words import some, told
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pk_research.policy.design.draw import Draw

SHOWN_DIGITS = 12
ARMS = {"treatment": Message("treatment arm"), "control": Message("control arm")}
FILLS = (("#21668c", ""), ("#d9d9d9", "//"), ("#7a7a7a", ".."), ("#ffffff", "xx"))
ROW_PX, FRAME_PX, MOST_ROWS = 26, 130, 40


def arm_name(arm: str, language: Language) -> str:
    """Return the name of an arm: the two usual ones in the language, others as they are given."""
    return ARMS[arm].text(language) if arm in ARMS else arm


def draw_table(result: Draw, language: Language) -> pd.DataFrame:
    """Return one row a village, for people."""
    rows = result.assignment
    table = pd.DataFrame(
        {
            translate("Village code", language): rows["village_code"],
            translate("Stratum", language): rows["stratum"],
            translate("Arm", language): [arm_name(arm, language) for arm in rows["arm"]],
            translate("Lot number (first digits)", language): rows["lot"].str[:SHOWN_DIGITS],
            translate("Drawn among the misfits", language): [
                translate("yes" if is_misfit else "no", language) for is_misfit in rows["is_misfit"]
            ],
        }
    )
    return marked(table, language, made=result.made)


def draw_account(result: Draw, language: Language) -> str:
    """Tell how the lot was drawn, to be read out at a public ceremony."""
    return told(
        [
            *_how(result),
            _cells(result),
            _dealt(result, language),
            *_outcome(result, language),
            *result.notes,
            _repeat(),
        ],
        language,
        made=result.made,
    )


def _how(result: Draw) -> list[Message]:
    return [
        Message(
            "The lot is drawn from this public text, which nobody present could choose: “{text}”.",
            {"text": result.public_text},
        ),
        Message(
            "The text and the codes of all {n} villages, in their order, give the seed (SHA-256): {seed}.",
            {"n": len(result.assignment), "seed": result.seed},
        ),
        Message(
            "Each village's lot number is the SHA-256 of the seed, a colon and the village's code; the"
            " smallest numbers come first."
        ),
    ]


def _cells(result: Draw) -> Message:
    values: dict[str, object] = {
        "strata": some(result.rules.strata),
        "columns": some(result.rules.match_on),
        "size": result.rules.block_size,
        "n": result.assignment["stratum"].nunique(),
    }
    if result.rules.method == "pairs":
        return Message("The draw is within {n} pairs of villages most alike in: {columns}.", values)
    if result.rules.method == "blocks":
        return Message("The draw is within {n} blocks of {size} villages alike in: {columns}.", values)
    if result.rules.strata:
        return Message("The draw is within {n} strata by: {strata}.", values)
    return Message("The draw is among all villages together.")


def _dealt(result: Draw, language: Language) -> Message:
    parts = [
        Message("{n} to the {arm}", {"n": n, "arm": arm_name(arm, language)}).text(language)
        for arm, n in result.rules.arms.items()
    ]
    return Message(
        "There, of every {whole} villages go: {parts}; the smallest lot numbers go to the arm named first.",
        {"whole": sum(result.rules.arms.values()), "parts": ", ".join(parts)},
    )


def _outcome(result: Draw, language: Language) -> list[Bilingual]:
    sentences: list[Bilingual] = []
    for arm in result.rules.arms:
        codes = result.assignment.loc[result.assignment["arm"] == arm, "village_code"]
        sentences.append(
            Message(
                "In the {arm}, {n} villages: {codes}.",
                {"arm": arm_name(arm, language), "n": len(codes), "codes": ", ".join(codes)},
            )
        )
    return sentences


def _repeat() -> Message:
    return Message("Anybody can repeat the draw with the text, the list of villages and these rules.")


def plot_draw(result: Draw, language: Language, *, width_px: float = 800) -> Figure:
    """Draw how many villages of each stratum went to each arm; pairs and blocks by their stratum."""
    from pk_research.sheet import new_sheet, wrapped

    counts = _counts(result)
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * len(counts))
    axes = figure.subplots()
    start, places = np.zeros(len(counts)), np.arange(len(counts))
    for n, arm in enumerate(result.rules.arms):
        fill, hatch = FILLS[n % len(FILLS)]
        values = counts[arm].to_numpy(dtype=float)
        axes.barh(
            places,
            values,
            left=start,
            color=fill,
            hatch=hatch,
            edgecolor=INK,
            linewidth=0.6,
            label=arm_name(arm, language),
        )
        start = start + values
    axes.set_yticks(places, [wrapped(str(name), width_px * 0.3) for name in counts.index])
    axes.set_ylim(len(counts) - 0.5, -0.5)
    axes.set_xlabel(translate("Villages", language))
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, fontsize=9, loc="outside lower right", ncols=len(result.rules.arms))
    title = translate("Villages drawn, by stratum and arm", language)
    figure.suptitle(wrapped(title, width_px / 1.4), x=0.01, ha="left", weight="bold", color=INK)
    if result.made:
        figure.supxlabel(translate(MADE, language), fontsize=8, color="#444444", x=0.01, ha="left")
    return figure


def _counts(result: Draw) -> pd.DataFrame:
    names = result.assignment["stratum"]
    if result.rules.method != "strata":
        names = names.map(lambda name: str(name).rpartition(JOIN)[0])
    counts = pd.crosstab(names, result.assignment["arm"]).reindex(
        columns=list(result.rules.arms), fill_value=0
    )
    # More strata than a sheet holds are shown as their sum.
    return counts if len(counts) <= MOST_ROWS else counts.sum().to_frame("").T
