"""Who gets it, drawn by a lot that anybody can repeat.

The seed is the SHA-256 of a public text that nobody could choose (announce beforehand which: the
result of a lottery, the closing index of a day) and the sorted village codes. Each village's lot
number is the SHA-256 of the seed, a colon and its code: any computer repeats it, in any language,
and the order of the rows plays no part.

Within each stratum, block or pair the villages stand in the order of their lot numbers; the first
go to the first arm, the next to the second, as the shares say. Villages that a whole round of the
arms does not take up (the last by lot number) are misfits: they are pooled over all strata and
drawn in the same way with lot numbers of their own; what a whole round still does not take up gets
places of one round that are drawn, too. Each village so has the chance of each arm that the shares
say (Bruhn and McKenzie 2009; Carril 2017).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Language, Message
from pk_research.policy.design.draw_cells import as_close, cells_of
from pk_research.policy.design.draw_check import Method, Rules, check_assignment, check_draw, check_same

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HALVES: Mapping[str, int] = {"treatment": 1, "control": 1}


@dataclass(frozen=True, eq=False, slots=True)
class Draw:
    """Who was drawn into which arm, and how to repeat it.

    Attributes
    ----------
    assignment
        One row a village, by its code: ``village_code``, ``stratum`` (with its block or pair), ``arm``,
        ``is_misfit``, ``lot`` (64 hexadecimal digits).
    public_text
        Spaces made even.
    seed
        64 hexadecimal digits.
    rules
        How they were drawn.
    notes
        What was out of the ordinary, each a sentence.
    made
        True for made data.
    """

    assignment: pd.DataFrame
    public_text: str
    seed: str
    rules: Rules
    notes: tuple[Message, ...]
    made: bool = False

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village, for people."""
        from pk_research.policy.design.draw_words import draw_table

        return draw_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell how the lot was drawn, to be read out at a public ceremony."""
        from pk_research.policy.design.draw_words import draw_account

        return draw_account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw how many villages of each stratum went to each arm.

        Parameters
        ----------
        language
            Of the texts.
        width_px
            Width of the picture.
        """
        from pk_research.policy.design.draw_words import plot_draw

        return plot_draw(self, language, width_px=width_px)


def draw(
    villages: pd.DataFrame,
    public_text: str,
    *,
    arms: Mapping[str, int] = HALVES,
    method: Method = "strata",
    strata: Sequence[str] = (),
    match_on: Sequence[str] = (),
    block_size: int | None = None,
    made: bool = False,
) -> Draw:
    """Draw villages into arms by a public lot.

    Parameters
    ----------
    villages
        One row a village; ``village_code`` as text, and the columns named below.
    public_text
        What nobody could choose. Everything else (villages, columns, arms) must be made public before
        it is known, for instance in a sealed plan.
    arms
        Name -> parts of a round, whole numbers: ``{"treatment": 1, "control": 2}`` treats a third.
    method
        ``"strata"`` draws within strata; ``"blocks"`` within blocks of villages that follow one another
        in one variable; ``"pairs"`` within pairs whose Mahalanobis distances have the smallest sum
        (solved exactly, by mixed-integer programming; at most 400 villages a stratum).
    strata
        Columns; none for one stratum.
    match_on
        Columns of numbers, none missing: exactly one for blocks, one or more for pairs.
    block_size
        A multiple of the parts of a round; for blocks only.
    made
        True for made data.

    Raises
    ------
    BadInput
        With everything wrong: codes twice, missing or not text, missing values, fewer villages than
        parts of a round.

    Examples
    --------
    >>> villages = pd.DataFrame({"village_code": ["a", "b", "c", "d"]})
    >>> drawn = draw(villages, "lottery of 5 January: 7 21 33")
    >>> drawn.assignment["arm"].value_counts().to_dict() == {"treatment": 2, "control": 2}
    True
    """
    rules = Rules(dict(arms), method, tuple(strata), tuple(match_on), block_size)
    check_draw(villages, public_text, rules)
    ordered = villages.sort_values("village_code", ignore_index=True)
    return _drawn(ordered["village_code"], cells_of(ordered, rules), public_text, rules, made=made)


def verify_draw(
    assignment: pd.DataFrame,
    villages: pd.DataFrame,
    public_text: str,
    *,
    arms: Mapping[str, int] = HALVES,
    method: Method = "strata",
    strata: Sequence[str] = (),
    match_on: Sequence[str] = (),
    block_size: int | None = None,
) -> Draw:
    """Repeat a draw and hold a published assignment against it.

    Parameters
    ----------
    assignment
        ``village_code``, ``stratum``, ``arm``, as published. Pairs are taken from it where they are as
        close as the closest; equally close ones may be found in another order by another version.
    villages, public_text, arms, method, strata, match_on, block_size
        As in `draw`.

    Returns
    -------
    Draw
        The draw, where the assignment is the one that the public text gives.

    Raises
    ------
    BadInput
        With every village whose arm or stratum differs, and those that are missing or too many.

    Examples
    --------
    >>> villages = pd.DataFrame({"village_code": ["a", "b", "c", "d"]})
    >>> drawn = draw(villages, "lottery of 5 January: 7 21 33")
    >>> verify_draw(drawn.assignment, villages[::-1], "lottery of 5 January: 7 21 33").seed == drawn.seed
    True
    """
    rules = Rules(dict(arms), method, tuple(strata), tuple(match_on), block_size)
    check_draw(villages, public_text, rules)
    check_assignment(assignment, villages)
    ordered = villages.sort_values("village_code", ignore_index=True)
    cells = cells_of(ordered, rules)
    published = assignment.sort_values("village_code", ignore_index=True)
    if method == "pairs" and as_close(ordered, published["stratum"], cells, rules.match_on):
        cells = published["stratum"]
    repeated = _drawn(ordered["village_code"], cells, public_text, rules, made=False)
    check_same(published, repeated.assignment)
    return repeated


def seed_of(public_text: str, codes: Sequence[str]) -> str:
    r"""Return the SHA-256 of the public text and the sorted codes, a line each.

    Parameters
    ----------
    public_text
        Unicode NFC; spaces around it are cut and those within made single.
    codes
        In any order.

    Examples
    --------
    >>> seed_of("a  text ", ["2", "1"]) == hashlib.sha256(b"a text\n1\n2").hexdigest()
    True
    """
    return _sha256("\n".join([_even(public_text), *sorted(codes)]))


def _even(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _drawn(village_codes: pd.Series, cells: pd.Series, public_text: str, rules: Rules, *, made: bool) -> Draw:
    codes = [str(code) for code in village_codes]
    seed = seed_of(public_text, codes)
    lots = {code: _sha256(f"{seed}:{code}") for code in codes}
    arm, misfits = _in_cells(dict(zip(codes, cells, strict=True)), lots, rules.arms)
    arm |= _of_misfits(misfits, seed, rules.arms)
    assignment = pd.DataFrame(
        {
            "village_code": codes,
            "stratum": [str(cell) for cell in cells],
            "arm": [arm[code] for code in codes],
            "is_misfit": [code in misfits for code in codes],
            "lot": [lots[code] for code in codes],
        }
    )
    return Draw(assignment, _even(public_text), seed, rules, _notes(assignment, rules), made)


def _in_cells(
    cells: Mapping[str, object], lots: Mapping[str, str], arms: Mapping[str, int]
) -> tuple[dict[str, str], set[str]]:
    """Deal whole rounds out in each cell; return the arms and the villages left."""
    arm: dict[str, str] = {}
    misfits: set[str] = set()
    for cell in dict.fromkeys(cells.values()):
        queue = sorted((code for code in cells if cells[code] == cell), key=lots.__getitem__)
        dealt, left = _deal(queue, arms)
        arm |= dealt
        misfits |= set(left)
    return arm, misfits


def _deal(queue: Sequence[str], arms: Mapping[str, int]) -> tuple[dict[str, str], Sequence[str]]:
    rounds = len(queue) // sum(arms.values())
    places = [name for name, parts in arms.items() for _ in range(rounds * parts)]
    return dict(zip(queue, places, strict=False)), queue[len(places) :]


def _of_misfits(misfits: set[str], seed: str, arms: Mapping[str, int]) -> dict[str, str]:
    queue = sorted(misfits, key=lambda code: _sha256(f"{seed}:misfit:{code}"))
    dealt, left = _deal(queue, arms)
    places = [(name, n) for name, parts in arms.items() for n in range(1, parts + 1)]
    places.sort(key=lambda place: _sha256(f"{seed}:place:{place[0]}:{place[1]}"))
    return dealt | {code: name for code, (name, _) in zip(left, places, strict=False)}


def _notes(assignment: pd.DataFrame, rules: Rules) -> tuple[Message, ...]:
    notes = []
    n_misfits = int(assignment["is_misfit"].sum())
    if n_misfits:
        notes.append(
            Message(
                "Villages that did not fit a whole round in their stratum, {n}: they were pooled and drawn"
                " together, by lot numbers of their own.",
                {"n": n_misfits},
            )
        )
    sizes = assignment["stratum"].value_counts()
    alone = sorted(sizes[sizes == 1].index)
    if alone and rules.method == "strata":
        notes.append(
            Message(
                "Strata of a single village, which compare it to no other: {strata}.",
                {"strata": ", ".join(alone)},
            )
        )
    return tuple(notes)
