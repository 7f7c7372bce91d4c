"""What villages said they can do themselves: each answer once, and none lost uncounted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import Problem
from pk_research.products.distances import some
from pk_research.products.value_chain.stages import STAGES

KEY = ["village_code", "product", "stage_code"]


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers on the stages.

    Attributes
    ----------
    rows
        One row a village, product and stage: ``village_code``, ``product``, ``stage_code`` and
        ``is_done_here`` (bool).
    n_unanswered, n_elsewhere, n_repeated
        Rows without a stage or an answer, rows of villages and products that are not candidates,
        and rows that say again what another said.
    """

    rows: pd.DataFrame
    n_unanswered: int
    n_elsewhere: int
    n_repeated: int


def answer_faults(stages: pd.DataFrame) -> list[Problem]:
    """Return everything that is wrong with the answers."""
    absent = [name for name in (*KEY, "is_done_here") if name not in stages.columns]
    if absent:
        return [Problem("stages", f"there is no column {', '.join(absent)}", "Add it.")]
    problems = []
    unknown = sorted(set(stages["stage_code"].dropna().astype(str)) - set(STAGES))
    if unknown:
        problems.append(Problem(f"stage_code {some(unknown)}", "no such stage", f"Use {', '.join(STAGES)}."))
    given = stages.dropna(subset=[*KEY, "is_done_here"])
    is_wrong = [not _is_truth(answer) for answer in given["is_done_here"]]
    if any(is_wrong):
        problems.append(
            Problem(
                f"is_done_here of {_keys(given[is_wrong])}",
                "it is neither true nor false",
                "Give True or False, or leave it missing.",
            )
        )
        return problems
    answers = given.assign(is_done_here=given["is_done_here"].astype(bool))
    answers = answers.astype(dict.fromkeys(KEY, str)).drop_duplicates([*KEY, "is_done_here"])
    torn = answers[answers.duplicated(KEY)]
    if len(torn):
        problems.append(
            Problem(f"is_done_here of {_keys(torn)}", "it is both true and false", "Keep one answer.")
        )
    return problems


def read_answers(stages: pd.DataFrame, candidates: pd.DataFrame) -> Answers:
    """Return the answers of the candidates, in which `answer_faults` found nothing wrong."""
    given = stages.dropna(subset=["stage_code", "is_done_here"])
    given = given.assign(
        village_code=given["village_code"].astype(str),
        stage_code=given["stage_code"].astype(str),
        is_done_here=given["is_done_here"].astype(bool),
    )
    ours = pd.MultiIndex.from_frame(candidates[KEY[:2]])
    here = given[pd.MultiIndex.from_frame(given[KEY[:2]]).isin(ours)]
    rows = here.drop_duplicates(KEY)
    return Answers(
        rows=rows[[*KEY, "is_done_here"]],
        n_unanswered=len(stages) - len(given),
        n_elsewhere=len(given) - len(here),
        n_repeated=len(here) - len(rows),
    )


def _is_truth(answer: object) -> bool:
    return isinstance(answer, bool | np.bool_ | int | float | np.number) and answer in (0, 1)


def _keys(rows: pd.DataFrame) -> str:
    return some([" ".join(map(str, key)) for key in rows[KEY].itertuples(index=False)])
