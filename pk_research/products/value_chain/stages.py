"""The stages of product dossiers as arrays: who answered what, and what could not be used."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from pk_research.compute.floats import as_floats
from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.products.distances import some

STAGES = {
    "raw": Message("Producing raw material"),
    "collecting": Message("Collecting"),
    "processing": Message("Processing"),
    "packing": Message("Packing"),
    "transport": Message("Transporting"),
    "wholesale": Message("Wholesale"),
    "retail": Message("Retail"),
}
AMOUNTS = ("stage_buy_idr_unit", "stage_cost_idr_unit", "stage_sell_idr_unit", "stage_loss_pct")


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of dossiers that can be used.

    Attributes
    ----------
    stages
        Stage codes that occur, in the order of the chain.
    amounts
        Dossiers by stages by amounts (buying price, other cost, selling price, share lost);
        missing where a stage has no complete answer.
    n_left_out
        By stage: dossiers whose answer there lacks an amount.
    """

    stages: tuple[str, ...]
    amounts: np.ndarray
    n_left_out: pd.Series


def answers(rows: pd.DataFrame, *, dossier: str) -> Answers:
    """Read the rows of one product.

    Parameters
    ----------
    rows
        One row a dossier and stage.
    dossier
        Column that says whose answer it is.

    Raises
    ------
    BadInput
        Naming missing keys, unknown stages, repeated ones, amounts that are negative, infinite or
        text, losses outside 0 to 100 %, and final prices of 0.
    """
    absent = [name for name in (dossier, "stage_code", *AMOUNTS) if name not in rows.columns]
    if absent:
        raise BadInput(
            Problem("stages", f"there is no column {', '.join(absent)}", "Give the stages of dossiers.")
        )
    if rows.empty:
        raise BadInput(Problem("stages", "there are no rows", "Choose a product that has dossiers."))
    unread = rows[list(AMOUNTS)].map(_is_no_amount)
    asked = as_floats(rows[list(AMOUNTS)].mask(unread))
    is_last = rows["stage_code"].isin(_present(rows)[-1:])
    unknown = sorted(set(rows["stage_code"].dropna().astype(str)) - set(STAGES))
    unnamed = [name for name in (dossier, "stage_code") if rows[name].isna().any()]

    def at_fault(which: pd.Series) -> list[str]:
        return list(rows.loc[which, dossier].dropna().astype(str).unique())

    faults = [
        ("stages, column", unnamed, "it is missing in some rows", "Say whose answer it is, on which stage."),
        ("stage_code", unknown, "no such stage", f"Use {', '.join(STAGES)}."),
        (
            "dossiers",
            at_fault(rows.duplicated([dossier, "stage_code"])),
            "a stage is answered twice",
            "Keep one answer each.",
        ),
        (
            "dossiers",
            at_fault(unread.any(axis=1)),
            "an amount is text or infinite",
            "Give numbers, and leave what is not known missing.",
        ),
        (
            "dossiers",
            at_fault((asked < 0).any(axis=1)),
            "an amount is negative",
            "Turn codes such as -99 into missing values first.",
        ),
        (
            "dossiers",
            at_fault(asked["stage_loss_pct"] >= 100),
            "everything is lost at a stage",
            "Give a loss below 100 percent.",
        ),
        (
            "dossiers",
            at_fault((asked["stage_sell_idr_unit"] == 0) & is_last),
            "the final price is 0",
            "Give what the final buyer pays, or leave it missing.",
        ),
    ]
    problems = [Problem(f"{at} {some(who)}", what, remedy) for at, who, what, remedy in faults if who]
    if problems:
        raise BadInput(problems)
    complete = asked.notna().all(axis=1)
    whose = sorted(rows[dossier].astype(str).unique())
    stages = _present(rows)
    values = np.full((len(whose), len(stages), len(AMOUNTS)), np.nan)
    usable = rows[complete]
    values[
        [whose.index(one) for one in usable[dossier].astype(str)],
        [stages.index(code) for code in usable["stage_code"]],
    ] = asked[complete].to_numpy()
    values[..., 3] /= 100
    left_out = rows.loc[~complete, "stage_code"].value_counts()
    return Answers(stages, values, left_out.reindex(list(stages), fill_value=0))


def several_from(given: Answers) -> np.ndarray:
    """Return by stage whether two dossiers or more tell of it and of every stage after it.

    How much goes in at a stage depends on what spoils there and after it, so that one answer
    anywhere on the way to the buyer leaves the doubt in what is before it unknown.
    """
    several = (~np.isnan(given.amounts[..., 0])).sum(axis=0) > 1
    return np.logical_and.accumulate(several[::-1])[::-1]


def _present(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(code for code in STAGES if (rows["stage_code"] == code).any())


def _is_no_amount(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, Real) and math.isinf(value))


def unused(given: Answers) -> list[str]:
    """Return the stages at which no dossier has a complete answer."""
    is_empty = np.isnan(given.amounts[..., 0]).all(axis=0)
    return [stage for stage, empty in zip(given.stages, is_empty, strict=True) if empty]
