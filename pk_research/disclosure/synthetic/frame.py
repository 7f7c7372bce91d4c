"""The rows of a twin before any answer: villages, years and links, drawn anew."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pk_research.disclosure.synthetic.hints import REGISTERED, VILLAGE, Part
from pk_research.register import Register, Village, normalise_code
from pk_research.sources import Dataset

NONE = -1
JOINT = "\x1f"


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows that are learned from, and rows to fill.

    Attributes
    ----------
    used
        Places of the rows of the table that are learned from.
    people
        Of each of these: whose it is; rows of a village in several years are one's.
    before
        Of each: the place, among these, of the same unit's row before, or `NONE`.
    wave
        Of each: how many rows of its unit come before.
    new_people, new_before, new_wave
        The same of the rows to fill.
    known
        Column -> texts of the rows to fill, where the frame settles them.
    position, new_position
        In a table of repeats, the number of each row in what it belongs to.
    parent, new_parent
        There, the row it belongs to.
    left_out
        Rows whose village or parent is not known.
    villages
        Code of each village of the table -> the made one; known to nobody outside.
    numbers
        Of each row to fill: a number that tells nothing of the order of the real rows.
    """

    used: np.ndarray
    people: np.ndarray
    before: np.ndarray
    wave: np.ndarray
    new_people: np.ndarray
    new_before: np.ndarray
    new_wave: np.ndarray
    known: Mapping[str, np.ndarray]
    parent: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))
    new_parent: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))
    position: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))
    new_position: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))
    left_out: int = 0
    villages: Mapping[str, Village] = field(default_factory=dict)
    numbers: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))


def rows_of_panel(
    dataset: Dataset,
    parts: Mapping[str, Part],
    register: Register,
    *,
    taken: Mapping[str, Village],
    rng: np.random.Generator,
) -> Rows:
    """Return the rows of a table keyed by village: each village has the years another one had.

    ``taken`` says which made village stands for which in tables before.
    """
    resolved = villages_of(dataset.frame[VILLAGE], register)
    used = np.flatnonzero([village is not None for village in resolved])
    codes = np.array([resolved[at].code for at in used])  # type: ignore[union-attr]
    periods = [name for name, part in parts.items() if part == "period"]
    order = np.lexsort([*(_rank(dataset.frame[name].iloc[used]) for name in reversed(periods)), codes])
    used, codes = used[order], codes[order]
    different, people = np.unique(codes, return_inverse=True)
    wave, before = _within(people)
    by_code = {village.code: village for village in resolved if village is not None}
    drawn = drawn_villages([by_code[code] for code in different], register, rng, taken)
    new = np.array([drawn[code].code for code in different])[people]
    known = {VILLAGE: new} | {name: _texts(dataset.frame[name].iloc[used]) for name in periods}
    known |= of_register(new, register, parts)
    return Rows(
        used, people, before, wave, people, before, wave, known,
        left_out=len(resolved) - len(used), villages=drawn, numbers=rng.permutation(len(used)),
    )  # fmt: skip


def rows_of_units(
    dataset: Dataset,
    parts: Mapping[str, Part],
    register: Register,
    *,
    taken: Mapping[str, Village],
    rng: np.random.Generator,
) -> Rows:
    """Return the rows of a table of units, each by itself; those of one village go to another together.

    ``taken`` says which made village stands for which in tables before.
    """
    n = len(dataset.frame)
    each, none = np.arange(n), np.full(n, NONE)
    known: dict[str, np.ndarray] = {}
    drawn: Mapping[str, Village] = {}
    if VILLAGE in dataset.frame.columns:
        resolved = villages_of(dataset.frame[VILLAGE], register)
        there = list({village.code: village for village in resolved if village is not None}.values())
        there.sort(key=lambda village: village.code)
        drawn = drawn_villages(there, register, rng, taken)
        pool = [drawn[village.code].code for village in resolved if village is not None]
        codes = [
            drawn[village.code].code
            if village is not None
            else (pool[rng.integers(len(pool))] if pool else "")
            for village in resolved
        ]
        new = np.array(codes, dtype=object)[rng.permutation(n)]
        known = {VILLAGE: new} | of_register(new, register, parts)
    for name, part in parts.items():
        if part == "identifier":
            known[name] = identifiers(dataset, name, n, rng)
        elif part == "period":
            known[name] = _texts(dataset.frame[name])[rng.permutation(n)]
    zero = np.zeros(n, dtype=int)
    return Rows(each, each, none, zero, each, none, zero, known, villages=drawn, numbers=each)


@dataclass(frozen=True, eq=False)
class Above:
    """The rows a table of repeats belongs to.

    Attributes
    ----------
    columns
        Columns of the repeats that hold their keys.
    keys, new_keys
        Keys of the rows that were learned from, and of those made.
    people, new_people
        Whose these are.
    villages
        Codes of the villages of those made; None where they have none.
    sizes
        How many repeats each of those made has.
    """

    columns: tuple[str, ...]
    keys: np.ndarray
    new_keys: np.ndarray
    people: np.ndarray
    new_people: np.ndarray
    villages: np.ndarray | None
    sizes: np.ndarray


def rows_of_repeats(
    dataset: Dataset,
    parts: Mapping[str, Part],
    register: Register,
    *,
    above: Above,
    taken: Mapping[str, Village],
    rng: np.random.Generator,
) -> Rows:
    """Return the rows of a table of repeats: so many for each row they belong to.

    What belongs to a village is a unit of its own; what belongs to anybody else is that one's.
    """
    owner_of = {key: at for at, key in enumerate(above.keys)}
    found = np.array(
        [owner_of.get(key, NONE) for key in key_texts(dataset.frame, above.columns, register)], dtype=int
    )
    used = np.flatnonzero(found != NONE)
    used = used[np.argsort(found[used], kind="stable")]
    owner = found[used]
    position = _within(owner)[0] + 1
    new_owner = np.repeat(np.arange(len(above.sizes)), above.sizes)
    new_position, n_new = _within(new_owner)[0] + 1, len(new_owner)
    new_keys = above.new_keys[new_owner]
    known = key_columns(new_keys, above.columns)
    of_village = VILLAGE in above.columns
    drawn: Mapping[str, Village] = {}
    if VILLAGE in dataset.frame.columns:
        if of_village or above.villages is not None:
            codes = known[VILLAGE] if of_village else above.villages[new_owner]  # type: ignore[index]
        else:
            codes, drawn = _villages_of_repeats(dataset, register, n_new, rng, taken)
        known |= {VILLAGE: codes} | of_register(codes, register, parts)
    numbers = rng.permutation(n_new) if of_village else np.arange(n_new)
    for name, part in parts.items():
        if part == "identifier":
            tail = _tail(dataset.frame[name], dataset.frame[above.columns[0]])
            known[name] = (
                identifiers(dataset, name, n_new, rng)[numbers]
                if tail is None
                else np.array(
                    [f"{key}{tail}[{at}]" for key, at in zip(new_keys, new_position, strict=True)],
                    dtype=object,
                )
            )
        elif part == "period":
            given = _texts(dataset.frame[name].iloc[used])
            known[name] = given[rng.integers(len(given), size=n_new)] if len(given) else given
    none = [np.full(len(one), NONE) for one in (used, new_owner)]
    zero = [np.zeros(len(one), dtype=int) for one in (used, new_owner)]
    people = np.arange(len(used)) if of_village else above.people[owner]
    new_people = np.arange(n_new) if of_village else above.new_people[new_owner]
    return Rows(
        used, people, none[0], zero[0], new_people, none[1], zero[1], known,
        owner, new_owner, position, new_position, len(found) - len(used), drawn, numbers,
    )  # fmt: skip


def key_texts(frame: pd.DataFrame, columns: Sequence[str], register: Register) -> np.ndarray:
    """Return the key of each row as one text, a village by its code of today; ``""`` where it has none."""
    parts = []
    for name in columns:
        texts = np.array([text.strip() for text in _texts(frame[name])], dtype=object)
        if name == VILLAGE:
            resolved = villages_of(frame[name], register)
            texts = np.array(
                [
                    text if village is None else village.code
                    for text, village in zip(texts, resolved, strict=True)
                ],
                dtype=object,
            )
        parts.append(texts)
    return joined_keys(parts)


def joined_keys(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the texts of several columns as one key a row; ``""`` where one of them is empty."""
    return np.array(
        [JOINT.join(map(str, row)) if all(row) else "" for row in zip(*parts, strict=True)], dtype=object
    )


def key_columns(keys: np.ndarray, columns: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the columns of keys that `joined_keys` made."""
    rows = [key.split(JOINT) if key else [""] * len(columns) for key in keys]
    return {name: np.array([row[at] for row in rows], dtype=object) for at, name in enumerate(columns)}


def villages_of(column: pd.Series, register: Register) -> list[Village | None]:
    """Return the village of each code, by today's register; None for what is no code of it."""
    found = []
    for cell in column:
        code = None if pd.isna(cell) else normalise_code(cell)
        found.append(None if code is None else register.by_code(code) or register.by_old_code(code))
    return found


def drawn_villages(
    given: Sequence[Village], register: Register, rng: np.random.Generator, taken: Mapping[str, Village]
) -> dict[str, Village]:
    """Draw another village of the register for each, desa for desa as far as there are.

    Those that have one in ``taken`` keep it, so that tables can be joined by the village.
    """
    gone = {village.code for village in taken.values()}
    free = {
        kind: [one for one in register if one.kind == kind and one.code not in gone]
        for kind in ("desa", "kelurahan")
    }
    shuffled = {kind: [pool[at] for at in rng.permutation(len(pool))] for kind, pool in free.items()}
    return {
        village.code: taken[village.code] if village.code in taken else shuffled[village.kind].pop()
        for village in given
    }


def of_register(codes: np.ndarray, register: Register, parts: Mapping[str, Part]) -> dict[str, np.ndarray]:
    """Return the columns that follow from a village's code, as the register has them."""
    said = {
        "village": "name", "kecamatan": "kecamatan", "kecamatan_code": "kecamatan_code",
        "village_kind": "kind",
    }  # fmt: skip
    found = {}
    for name in REGISTERED:
        if parts.get(name) == "register":
            texts = [
                getattr(village, said[name]) if (village := register.by_code(code)) else "" for code in codes
            ]
            found[name] = np.array(texts, dtype=object)
    return found


def identifiers(dataset: Dataset, name: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """Make identifiers anew, in the shape the old ones have."""
    if dataset.codebook[name].kind in ("integer", "number"):
        return np.array([str(number) for number in range(1, n + 1)], dtype=object)
    is_uuid = any(str(cell).startswith("uuid:") for cell in dataset.frame[name])
    if is_uuid:
        return np.array([f"uuid:{uuid.UUID(bytes=rng.bytes(16), version=4)}" for _ in range(n)], dtype=object)
    return np.array([f"made-{number:06}" for number in range(1, n + 1)], dtype=object)


def _villages_of_repeats(
    dataset: Dataset, register: Register, n: int, rng: np.random.Generator, taken: Mapping[str, Village]
) -> tuple[np.ndarray, dict[str, Village]]:
    """Draw villages for repeats whose own rows have some, and the rows above none."""
    there = {village.code: village for village in villages_of(dataset.frame[VILLAGE], register) if village}
    drawn = drawn_villages([there[code] for code in sorted(there)], register, rng, taken)
    pool = np.array([village.code for village in drawn.values()] or [""], dtype=object)
    return pool[rng.integers(len(pool), size=n)], drawn


def _tail(keys: pd.Series, parents: pd.Series) -> str | None:
    """Return what stands between a parent's key and the number of a repeat, where keys are made so."""
    for key, parent in zip(keys.astype(str), parents.astype(str), strict=True):
        found = re.fullmatch(r"(.*)\[\d+\]", key.removeprefix(parent))
        if found is None or not key.startswith(parent):
            return None
        return found[1]
    return None


def _within(people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many rows of its unit stand before each, and the last of these; rows sorted by unit."""
    wave, before = np.zeros(len(people), dtype=int), np.full(len(people), NONE)
    for at in range(1, len(people)):
        if people[at] == people[at - 1]:
            wave[at], before[at] = wave[at - 1] + 1, at - 1
    return wave, before


def _texts(column: pd.Series) -> np.ndarray:
    return np.array(["" if pd.isna(cell) else str(cell) for cell in column], dtype=object)


def _rank(column: pd.Series) -> np.ndarray:
    return np.asarray(pd.factorize(column.astype(str), sort=True)[0])
