"""What a draw needs, and how a published one is held against it; everything wrong is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from pk_research.errors import BadInput, Problem
from pk_research.products.words import some

Method = Literal["strata", "blocks", "pairs"]
METHODS = ("strata", "blocks", "pairs")
MOST_PAIRED = 400
JOIN = " · "


@dataclass(frozen=True, slots=True)
class Rules:
    """How villages are drawn; everything but the public text.

    Attributes
    ----------
    arms
        Name -> parts of a round; 1 and 1 are halves.
    method
        ``"strata"``, ``"blocks"`` or ``"pairs"``.
    strata, match_on
        Columns.
    block_size
        Villages in a block; None where there are no blocks.
    """

    arms: Mapping[str, int]
    method: Method
    strata: tuple[str, ...]
    match_on: tuple[str, ...]
    block_size: int | None


def check_draw(villages: pd.DataFrame, public_text: str, rules: Rules) -> None:
    """Refuse what cannot be drawn; parameters and errors as in `draw`."""
    strata, match_on = rules.strata, rules.match_on
    wanted = dict.fromkeys(["village_code", *strata, *match_on])
    missing = [name for name in wanted if name not in villages.columns]
    problems = [Problem("villages", f"there is no column '{name}'", "Add it.") for name in missing]
    if "village_code" not in missing:
        problems += _codes(villages["village_code"])
    for name in [*strata, *match_on]:
        if name not in missing and villages[name].isna().any():
            n = int(villages[name].isna().sum())
            problems.append(Problem(name, f"it is missing in {n} villages", "Fill it or leave it out."))
    problems += [
        problem for name in match_on if name not in missing for problem in _numbers(villages[name], name)
    ]
    problems += _arms(rules.arms, len(villages))
    problems += _method(rules)
    if not isinstance(public_text, str) or not public_text.strip():
        problems.append(
            Problem("public_text", "it is empty", "Give a text that nobody could choose, announced before.")
        )
    if rules.method == "pairs" and not missing:
        problems += _sizes(villages, strata)
    if strata and not missing:
        problems += _names(villages[list(strata)])
    if problems:
        raise BadInput(problems)


def check_assignment(assignment: pd.DataFrame, villages: pd.DataFrame) -> None:
    """Refuse a published assignment that is not of these villages."""
    missing = [name for name in ("village_code", "stratum", "arm") if name not in assignment.columns]
    if missing:
        raise BadInput(Problem("assignment", f"there is no column '{missing[0]}'", "Give it as published."))
    given, there = list(assignment["village_code"]), set(villages["village_code"])
    problems = [
        Problem("assignment", f"{what}: {some(codes)}", "Give the assignment and the villages as published.")
        for what, codes in {
            "villages twice": sorted({str(code) for code in given if given.count(code) > 1}),
            "villages missing": sorted(there - set(given)),
            "villages that were not to be drawn": sorted(map(str, set(given) - there)),
        }.items()
        if codes
    ]
    if problems:
        raise BadInput(problems)


def check_same(published: pd.DataFrame, repeated: pd.DataFrame) -> None:
    """Refuse a published assignment that differs from the repeated draw."""
    problems = [
        Problem(
            f"village {code}",
            f"published in {name} '{given}', the draw gives '{right}'",
            "The published assignment is not the one this public text gives.",
        )
        for name in ("stratum", "arm")
        for code, given, right in zip(
            repeated["village_code"], published[name].astype(str), repeated[name], strict=True
        )
        if given != right
    ]
    if problems:
        raise BadInput(problems)


def _codes(codes: pd.Series) -> list[Problem]:
    problems = []
    is_text = codes.map(lambda code: isinstance(code, str) and code != "" and code == "".join(code.split()))
    if not is_text.all():
        shown = some(codes[~is_text])
        problems.append(
            Problem("village_code", f"not a code as text, without spaces: {shown}", "Give codes as text.")
        )
    twice = sorted(set(codes[codes.duplicated()].dropna().astype(str)))
    if twice:
        problems.append(Problem("village_code", f"given twice: {some(twice)}", "Give each village once."))
    return problems


def _numbers(values: pd.Series, name: str) -> list[Problem]:
    if not is_numeric_dtype(values) or is_bool_dtype(values):
        return [Problem(name, f"it is not numbers ({values.dtype})", "Give numbers; 0 and 1 for yes or no.")]
    known = values.dropna().to_numpy(dtype=float)
    if not np.isfinite(known).all():
        return [Problem(name, "it is infinite in places", "Give finite numbers.")]
    if len(known) and np.ptp(known) == 0:
        return [Problem(name, "it is the same in all villages", "Leave it out: it tells nobody apart.")]
    return []


def _arms(arms: Mapping[str, int], n_villages: int) -> list[Problem]:
    if len(arms) < 2:
        return [Problem("arms", f"{len(arms)} given", "Give at least two, such as treatment and control.")]
    problems = [
        Problem("arms", f"'{name}' has {parts} parts", "Give whole numbers, at least 1: an arm is not empty.")
        for name, parts in arms.items()
        if not isinstance(parts, int) or isinstance(parts, bool) or parts < 1
    ]
    if not problems and n_villages < sum(arms.values()):
        what = f"{n_villages} villages for a round of {sum(arms.values())}: an arm may stay empty"
        problems.append(Problem("villages", what, "Give more villages, or smaller parts."))
    return problems


def _method(rules: Rules) -> list[Problem]:
    method, match_on, block_size, arms = rules.method, rules.match_on, rules.block_size, rules.arms
    if method not in METHODS:
        return [Problem("method", f"'{method}' is not known", f"Known are: {', '.join(METHODS)}.")]
    problems = []
    parts = sum(part for part in arms.values() if isinstance(part, int))
    if method == "strata" and match_on:
        problems.append(Problem("match_on", "strata do not use it", "Leave it out, or draw pairs."))
    if method == "blocks" and len(match_on) != 1:
        problems.append(Problem("match_on", f"{len(match_on)} columns for blocks", "Give exactly one."))
    if method == "pairs" and not match_on:
        problems.append(Problem("match_on", "pairs need it", "Name the columns in which pairs are alike."))
    if method == "pairs" and list(arms.values()) != [1, 1]:
        problems.append(Problem("arms", "pairs have two arms of one part each", "Leave `arms` as it is."))
    if method == "blocks" and (block_size is None or block_size < parts or block_size % max(parts, 1)):
        problems.append(Problem("block_size", f"it is {block_size}", f"Give a multiple of {parts}."))
    if method != "blocks" and block_size is not None:
        problems.append(Problem("block_size", f"{method} do not use it", "Leave it out."))
    return problems


def _names(strata: pd.DataFrame) -> list[Problem]:
    apart = strata.dropna().drop_duplicates().astype(str)
    names = apart.agg(JOIN.join, axis=1)
    twice = sorted(set(names[names.duplicated()]))
    if not twice:
        return []
    return [Problem("strata", f"different strata have one name: {some(twice)}", "Give them other names.")]


def _sizes(villages: pd.DataFrame, strata: tuple[str, ...]) -> list[Problem]:
    sizes = villages.groupby(list(strata)).size() if strata else pd.Series([len(villages)])
    if sizes.max() <= MOST_PAIRED:
        return []
    what = f"a stratum has {sizes.max()} villages; pairs are solved exactly up to {MOST_PAIRED}"
    return [Problem("strata", what, "Give strata, such as the kecamatan.")]
