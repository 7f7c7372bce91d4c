"""The stages of product dossiers as arrays: who answered what, and what could not be used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

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
        Naming unknown stages, repeated ones, negative amounts and losses outside 0 to 100 %.
    """
    absent = [name for name in (dossier, "stage_code", *AMOUNTS) if name not in rows.columns]
    if absent:
        raise BadInput(
            Problem("stages", f"there is no column {', '.join(absent)}", "Give the stages of dossiers.")
        )
    if rows.empty:
        raise BadInput(Problem("stages", "there are no rows", "Choose a product that has dossiers."))
    asked = rows[list(AMOUNTS)].astype("Float64").astype("float64")
    unknown = sorted(set(rows["stage_code"].astype(str)) - set(STAGES))
    twice = rows.loc[rows.duplicated([dossier, "stage_code"]), dossier].astype(str).unique().tolist()
    faults = [
        ("stage_code", unknown, "no such stage", f"Use {', '.join(STAGES)}."),
        ("dossiers", twice, "a stage is answered twice", "Keep one answer each."),
        (
            "dossiers",
            rows.loc[(asked < 0).any(axis=1), dossier].astype(str).unique().tolist(),
            "an amount is negative",
            "Turn codes such as -99 into missing values first.",
        ),
        (
            "dossiers",
            rows.loc[asked["stage_loss_pct"] >= 100, dossier].astype(str).unique().tolist(),
            "everything is lost at a stage",
            "Give a loss below 100 percent.",
        ),
    ]
    problems = [Problem(f"{at} {some(who)}", what, remedy) for at, who, what, remedy in faults if who]
    if problems:
        raise BadInput(problems)
    complete = asked.notna().all(axis=1)
    whose = sorted(rows[dossier].astype(str).unique())
    stages = tuple(code for code in STAGES if (rows["stage_code"] == code).any())
    values = np.full((len(whose), len(stages), len(AMOUNTS)), np.nan)
    usable = rows[complete]
    values[
        [whose.index(one) for one in usable[dossier].astype(str)],
        [stages.index(code) for code in usable["stage_code"]],
    ] = asked[complete].to_numpy()
    values[..., 3] /= 100
    left_out = rows.loc[~complete, "stage_code"].value_counts()
    return Answers(stages, values, left_out.reindex(list(stages), fill_value=0))


def unused(given: Answers) -> list[str]:
    """Return the stages at which no dossier has a complete answer."""
    is_empty = np.isnan(given.amounts[..., 0]).all(axis=0)
    return [stage for stage, empty in zip(given.stages, is_empty, strict=True) if empty]
