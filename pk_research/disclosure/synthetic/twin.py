"""A synthetic twin of a table: column after column, each drawn from trees grown on the columns before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.codebook import Codebook
from pk_research.compute.chance import derived_rng, derived_seed
from pk_research.disclosure.rules import Rules
from pk_research.disclosure.synthetic.filling import filled_of, sizes_of
from pk_research.disclosure.synthetic.frame import (
    Above,
    Rows,
    key_columns,
    key_texts,
    rows_of_panel,
    rows_of_repeats,
    rows_of_units,
)
from pk_research.disclosure.synthetic.hints import VILLAGE, Hints, faults_of, parts_of
from pk_research.disclosure.synthetic.learned import Table
from pk_research.disclosure.synthetic.links import Link
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.products.words import some
from pk_research.register import Register, Village, load_register
from pk_research.sources import Dataset, Step
from pk_research.writing import csv_bytes

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.filled import Filled
    from pk_research.disclosure.synthetic.hints import Part

MADE_SOURCE = "made: drawn from trees grown on restricted data, not observed"
TITLE = "{title} (MADE: synthetic twin, not observed)"
LEAST_TIMES = 2


@dataclass(frozen=True, eq=False)
class Twin:
    """A made table that can be used as the one it stands for.

    Attributes
    ----------
    dataset
        The made rows, with a codebook and a provenance that say so.
    parts
        What each column was to the synthesis.
    told
        What was not learned from, and what could not be made, each with how often.
    rules
        By which it was made; ``least_alike`` is the least number of people behind whatever was learned.
    """

    dataset: Dataset
    parts: Mapping[str, Part]
    told: tuple[tuple[Message, int], ...]
    rules: Rules

    @property
    def content_hash(self) -> str:
        """Of the rows."""
        return hashlib.sha256(csv_bytes(self.dataset.frame)).hexdigest()

    def in_words(self, language: Language) -> str:
        """Say what the table is, what it is for, and what was left out of it."""
        from pk_research.disclosure.synthetic.words import twin_in_words

        return twin_in_words(self, language)


def twin_of(
    dataset: Dataset,
    *,
    seed: int,
    hints: Hints | None = None,
    rules: Rules | None = None,
    register: Register | None = None,
) -> Twin:
    """Make the synthetic twin of a table.

    Every program that runs on the table runs on its twin: columns, kinds, codes for missing answers, ranges
    and conditions are the same. **A twin is for running programs, not for conclusions**: what it shows of the
    villages is roughly right where the trees found it, and wrong elsewhere. It is not anonymous by proof: no
    differential privacy is claimed; see `risk_of`.

    Parameters
    ----------
    dataset
        The table with its codebook; typed, or as text with the codes for missing answers. A key that holds
        ``village_code`` makes all rows of a village one unit, those of later years drawn given the earlier.
    seed
        Of all chance. Keep it like a secret: who knows it can undo a part of the draws.
    hints
        What the codebook does not say.
    rules
        ``least_alike`` people at least stand behind every leaf, every number and every category.
    register
        The villages that may be named; those of the programme by default.

    Raises
    ------
    BadInput
        All at once: columns that the codebook does not declare or the table lacks, hints that fit nothing,
        too few rows.

    Notes
    -----
    Sequential synthesis by trees: Reiter (2005), Journal of Official Statistics 21(3); Nowok, Raab and Dibben
    (2016), Journal of Statistical Software 74(11). Villages, identifiers, personal answers, free text and
    places are made, never learned.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.codebook import Variable
    >>> from pk_research.sources import Provenance
    >>> book = Codebook((Variable("id", kind="code"), Variable("debt", kind="integer", minimum=0)))
    >>> rows = book.cast(pd.DataFrame({"id": list("abcdefghijkl"), "debt": [0] * 11 + [900]}), where="debts")
    >>> made = twin_of(Dataset("debts", rows, book, Provenance("Debts", "", "", "table"), ("id",)), seed=1)
    >>> made.dataset.frame["id"].tolist()[:2], int(made.dataset.frame["debt"].max()) < 900
    (['made-000001', 'made-000002'], True)
    """
    return twins_of(
        [dataset], {}, seed=seed, hints={dataset.name: hints or Hints()}, rules=rules, register=register
    )[0]


def twins_of(
    datasets: Sequence[Dataset],
    links: Mapping[str, Link],
    *,
    seed: int,
    references: Mapping[str, Sequence[Link]] | None = None,
    hints: Mapping[str, Hints] | None = None,
    rules: Rules | None = None,
    register: Register | None = None,
) -> tuple[Twin, ...]:
    """Make the twins of tables that belong together; parameters beside these as in `twin_of`.

    Parameters
    ----------
    datasets
        Parents before their children. A village is the same made one in all of them.
    links
        Name of a child -> the parent. A child's rows are drawn given the row they belong to; how many there
        are follows from a column of the parent that counts them, where there is one, else it is drawn.
    references
        Name of a table -> others whose keys it holds beside that: made keys of theirs, drawn at random.
    hints
        By name of the dataset.

    Returns
    -------
    tuple of Twin
        In the order given.
    """
    chosen, villages = rules or Rules(), register or load_register()
    also = references or {}
    of = {dataset.name: (hints or {}).get(dataset.name, Hints()) for dataset in datasets}
    problems = [problem for dataset in datasets for problem in _faults(dataset, of[dataset.name], chosen)]
    problems += _wrong_links(datasets, links, also, villages)
    if problems:
        raise BadInput(problems)
    done: dict[str, Filled] = {}
    taken: dict[str, Village] = {}
    twins, order = [], [dataset.name for dataset in datasets]
    for number, dataset in enumerate(datasets):
        link, refers = links.get(dataset.name), also.get(dataset.name, ())
        held = {name for one in ([link] if link else []) + list(refers) for name in one.columns}
        parts = parts_of(dataset, of[dataset.name], held=held)
        rng = derived_rng(seed, number, 0)
        outer = done[link.parent] if link else None
        if link and outer:
            of_sizes = derived_seed(seed, order.index(link.parent), 1)
            above = _above(outer, dataset, link, of_sizes, villages)
            rows = rows_of_repeats(dataset, parts, villages, above=above, taken=taken, rng=rng)
        else:
            is_panel = VILLAGE in dataset.key and VILLAGE in dataset.frame.columns
            rows_of = rows_of_panel if is_panel else rows_of_units
            rows = rows_of(dataset, parts, villages, taken=taken, rng=rng)
        known = {**rows.known, **_referred(dataset, rows, refers, done, derived_rng(seed, number, 2))}
        taken |= rows.villages
        table = Table(dataset, parts, of[dataset.name], replace(rows, known=known), outer, chosen.least_alike)
        done[dataset.name] = filled_of(table, derived_seed(seed, number, 1))
        twins.append(_twin(done[dataset.name], chosen))
    return tuple(twins)


def _above(outer: Filled, child: Dataset, link: Link, seed: int, register: Register) -> Above:
    """Return the rows a child hangs on, and how many of its rows each has."""
    parent = outer.learned.table
    used = parent.dataset.frame.iloc[parent.rows.used]
    keys = key_texts(used, parent.dataset.key, register)
    counts = pd.Series(key_texts(child.frame, link.columns, register)).value_counts()
    sizes = sizes_of(outer, np.array([float(counts.get(key, 0)) for key in keys]), seed)
    return Above(
        link.columns, keys, outer.new_keys(), parent.rows.people, parent.rows.new_people,
        outer.draft.texts.get(VILLAGE), sizes,
    )  # fmt: skip


def _referred(
    dataset: Dataset,
    rows: Rows,
    refers: Sequence[Link],
    done: Mapping[str, Filled],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Draw keys of other tables, as often none as the table itself has none."""
    found: dict[str, np.ndarray] = {}
    for link in refers:
        keys = done[link.parent].new_keys()
        given = dataset.frame[list(link.columns)].iloc[rows.used]
        share = float((given.isna() | (given == "")).any(axis=1).mean()) if len(given) else 1.0
        n = len(rows.new_people)
        drawn = keys[rng.integers(len(keys), size=n)]
        found |= key_columns(np.where(rng.random(n) < share, "", drawn), link.columns)
    return found


def _twin(filled: Filled, rules: Rules) -> Twin:
    dataset, parts = filled.learned.table.dataset, filled.learned.table.parts
    frame = filled.frame()
    by = [name for name, part in parts.items() if part in ("period", "village") or name == VILLAGE]
    if VILLAGE in dataset.key or parts.get(VILLAGE) == "parent":
        # The order in which rows came would tell which made village stands where which real one stood.
        ranks = {name: frame[name].astype(str) for name in reversed(by)}
        frame = frame.iloc[np.lexsort([rank.to_numpy(dtype=str) for rank in reversed(ranks.values())])]
    frame = frame.reset_index(drop=True)
    codebook = Codebook(tuple(replace(one, source=_marked(one.source)) for one in dataset.codebook))
    content = hashlib.sha256(csv_bytes(frame)).hexdigest()
    told = tuple(filled.told())
    provenance = replace(
        dataset.provenance,
        title=TITLE.format(title=dataset.provenance.title),
        file_name="",
        sha256=content,
        source=f"{MADE_SOURCE}; least people behind anything learned: {rules.least_alike}",
        made=True,
        n_rows_read=len(frame),
        steps=tuple(Step(what, n) for what, n in told),
    )
    return Twin(Dataset(dataset.name, frame, codebook, provenance, dataset.key), parts, told, rules)


def _marked(source: str) -> str:
    return f"{MADE_SOURCE}; {source}" if source else MADE_SOURCE


def _faults(dataset: Dataset, hints: Hints, rules: Rules) -> Iterator[Problem]:
    where = f"dataset {dataset.name!r}"
    there = list(dataset.frame.columns)
    lacking = [name for name in dataset.codebook.names if name not in there]
    unsaid = [name for name in there if name not in dataset.codebook]
    twice = sorted({name for name in there if there.count(name) > 1})
    if lacking:
        yield Problem(
            where, f"it lacks columns the codebook declares: {some(lacking)}", "Give the table whole."
        )
    if unsaid:
        yield Problem(where, f"the codebook does not declare: {some(unsaid)}", "Declare these columns.")
    if twice:
        yield Problem(where, f"columns stand there twice: {some(twice)}", "Keep one of each.")
    for name in dataset.key:
        if name not in there:
            yield Problem(f"{where}, key", f"{name!r} is no column of it", "Correct the key.")
    if len(dataset.frame) < LEAST_TIMES * rules.least_alike:
        yield Problem(
            where,
            f"it has {len(dataset.frame)} rows, too few to learn from without telling of single ones",
            f"Give at least {LEAST_TIMES * rules.least_alike}, or make the data by hand.",
        )
    yield from faults_of(hints, there)


def _wrong_links(
    datasets: Sequence[Dataset],
    links: Mapping[str, Link],
    references: Mapping[str, Sequence[Link]],
    register: Register,
) -> Iterator[Problem]:
    order = {dataset.name: at for at, dataset in enumerate(datasets)}
    both = [*links.items(), *((child, link) for child, found in references.items() for link in found)]
    for child, link in both:
        where = f"link of {child!r}"
        if child not in order or link.parent not in order or order[link.parent] >= order[child]:
            yield Problem(where, f"{link.parent!r} does not stand before it", "List parents before children.")
            continue
        parent = datasets[order[link.parent]]
        if len(parent.key) != len(link.columns) or not set(parent.key) <= set(parent.frame.columns):
            yield Problem(
                where,
                f"the key of {link.parent!r} has {len(parent.key)} columns, and {len(link.columns)} hold it",
                "Give it a key, and name as many columns of the child.",
            )
        elif len(np.unique(keys := key_texts(parent.frame, parent.key, register))) < len(keys):
            yield Problem(
                where, f"keys of {link.parent!r} stand there twice", "Give every row a key of its own."
            )
        for name in link.columns:
            if name not in datasets[order[child]].frame.columns:
                yield Problem(where, f"{name!r} is no column of {child!r}", "Name the column with the key.")
