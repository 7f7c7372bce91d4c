"""Makes the rows of a twin: column after column, each drawn given those before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.codebook import Variable
from pk_research.compute.chance import derived_rng, derived_seed
from pk_research.disclosure.synthetic.asked import (
    computed,
    condition,
    is_computable,
    level_of,
    unasked_levels,
    where,
)
from pk_research.disclosure.synthetic.cells import (
    BLANK,
    Answers,
    as_texts,
    decimals_of,
    is_answer,
    number_text,
    put_together,
    taken_apart,
    text_column,
)
from pk_research.disclosure.synthetic.frame import NONE
from pk_research.disclosure.synthetic.hints import VILLAGE, Part, choices_of
from pk_research.disclosure.synthetic.learned import (
    Column,
    Columns,
    block,
    common,
    is_alone,
    is_steady,
    levels,
    merged,
    spread,
    with_reasons,
)
from pk_research.disclosure.synthetic.made import made_moments, made_places, made_texts
from pk_research.disclosure.synthetic.trees import (
    Tree,
    drawn_numbers,
    drawn_places,
    grown,
    scale_of,
)
from pk_research.language import Message

if TYPE_CHECKING:
    from pk_research.sources import Dataset

REDRAWN = 20
ANSWERED = "answered"


class Maker:
    """Makes the rows of a twin; see `pk_research.disclosure.synthetic.twin`.

    Parameters
    ----------
    columns
        The table.
    seed
        Of all chance.
    """

    def __init__(self, columns: Columns, seed: int) -> None:
        self.columns = columns
        self.seed = seed
        self.n = len(columns.rows.new_people)
        self.learned: dict[str, Column] = {}
        self.old_texts: dict[str, np.ndarray] = {}
        self.new_texts: dict[str, np.ndarray] = {}
        self.sizes: dict[str, np.ndarray] = {}
        self.old_blocks: dict[str, np.ndarray] = {}
        self._old_features: dict[tuple[bool, int], np.ndarray] = {}
        self._trees: dict[tuple[bool, str], Tree] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._unasked: dict[str, list[tuple[str, frozenset[object]]]] = {}
        self._prepare()

    # What is known before anything is drawn.

    def _prepare(self) -> None:
        whole = self.columns
        self._counts["rows", ""] = whole.rows.left_out
        for variable in whole.dataset.codebook:
            given = whole.given(variable.name)
            self.old_texts[variable.name] = np.array(
                ["" if pd.isna(cell) else str(cell).strip() for cell in given], dtype=object
            )
            self.new_texts[variable.name] = np.full(self.n, "", dtype=object)
        for name in self._order():
            if self.columns.parts[name] in ("learned", "choice", "calculated", "register"):
                self._read(whole.dataset.codebook[name])

    def _order(self) -> list[str]:
        """Return the columns in order, those a universe names before the questions it is of."""
        whole, done, order = self.columns, set[str](), list[str]()
        names = list(whole.dataset.codebook.names)
        needs = {name: self._needs(name) & set(names) - {name} for name in names}
        while names:
            ready = next((name for name in names if needs[name] <= done), names[0])
            names.remove(ready)
            done.add(ready)
            order.append(ready)
        return order

    def _needs(self, name: str) -> set[str]:
        texts = [self.columns.universe(name), self.columns.hints.calculated.get(name, "")]
        needed = {one for text in texts if text and (found := condition(text)) for one in found[1]}
        if self.columns.parts[name] == "several":
            return needed
        if self.columns.parts[name] == "choice":
            needed.add(name.partition("__")[0])
        return needed

    def _read(self, variable: Variable) -> None:
        rows, k = self.columns.rows, self.columns.k
        given = self.columns.given(variable.name)
        if self.columns.parts[variable.name] == "register":
            variable = replace(
                variable,
                kind="category",
                categories=levels(given, self._known(variable.name)),
            )
            given = given.astype("string")
        old = taken_apart(given, variable)
        self._counts["unfit", variable.name] += old.n_unfit
        blank = Answers(np.full(self.n, np.nan), np.full(self.n, BLANK, dtype=object), old.levels, 0)
        column = Column(
            variable, old, blank, np.ones(len(given), dtype=bool), np.array([]), None, is_steady=False
        )
        column.asked = self._asked_of_old(column)
        has = old.has_value
        self._counts["not asked", variable.name] += int((has & ~column.asked).sum())
        column.is_fit = has & column.asked
        if old.is_discrete:
            shared = common(old.numbers, rows.people, column.is_fit, k)
            if self.columns.parts[variable.name] != "register":
                self._counts["rare", variable.name] += int((column.is_fit & ~shared).sum())
            column.is_fit &= shared
        if len(np.unique(rows.people[column.is_fit])) < k:
            self._counts["few", variable.name] += int(column.is_fit.sum())
            column.is_fit[:] = False
        elif not old.is_discrete:
            column.scale = scale_of(
                old.numbers[column.is_fit],
                rows.people[column.is_fit],
                k=k,
                decimals=decimals_of(old.numbers[column.is_fit]),
            )
        column.is_steady = is_steady(old.numbers, rows)
        self.learned[variable.name] = column
        self.old_blocks[variable.name] = block(column, old.numbers)

    def _known(self, name: str) -> np.ndarray:
        return self.columns.rows.known.get(name, np.array([], dtype=object))

    def texts_around(self, *, old: bool) -> dict[str, np.ndarray]:
        """Return answers as a form holds them, those of the row above among them."""
        rows, outer = self.columns.rows, self.columns.outer
        own = self.old_texts if old else self.new_texts
        if outer is None:
            return dict(own)
        above = outer.texts_around(old=old)
        at = rows.parent if old else rows.new_parent
        return {name: texts[at] for name, texts in above.items()} | own

    def _asked_of_old(self, column: Column) -> np.ndarray:
        name = column.variable.name
        text = self.columns.universe(name)
        n = len(column.old.numbers)
        if not text:
            return np.ones(n, dtype=bool)
        around = self.texts_around(old=True)
        if is_computable(text, around):
            return where(text, around, n)
        self._unasked[name] = [
            (other, levels)
            for other, by in self.learned.items()
            if by.old.is_discrete
            and (levels := unasked_levels(column.old, by.old, self.columns.rows.people, self.columns.k))
        ]
        asked = np.ones(n, dtype=bool)
        for other, levels in self._unasked[name]:
            asked &= ~np.isin(level_of(self.learned[other].old).astype(str), sorted(map(str, levels)))
        return asked

    def _asked_of_new(self, name: str, at: np.ndarray) -> np.ndarray:
        text = self.columns.universe(name)
        if not text:
            return np.ones(len(at), dtype=bool)
        around = self.texts_around(old=False)
        if is_computable(text, around):
            return where(text, {one: texts[at] for one, texts in around.items()}, len(at))
        asked = np.ones(len(at), dtype=bool)
        for other, unasked in self._unasked.get(name, ()):
            answers = self.learned[other].new
            here = Answers(answers.numbers[at], answers.why[at], answers.levels, 0)
            asked &= ~np.isin(level_of(here).astype(str), sorted(map(str, unasked)))
        return asked

    # Drawing.

    def make(self) -> None:
        """Make all columns: first rows of every unit, then later ones given the earlier."""
        rows = self.columns.rows
        for name, texts in rows.known.items():
            self.new_texts[name] = texts
        order = self._order()
        for wave in range(int(rows.new_wave.max(initial=-1)) + 1):
            at = np.flatnonzero(rows.new_wave == wave)
            features = self._lagged(at) if wave else self._outer_features(at)
            for number, name in enumerate(order):
                part = self.columns.parts[name]
                added = self._make_one(
                    name, part, at, features, derived_seed(self.seed, wave, number), is_later=wave > 0
                )
                if added is not None:
                    features = added
        self._make_rest()

    def _make_one(
        self, name: str, part: Part, at: np.ndarray, features: np.ndarray, seed: int, *, is_later: bool
    ) -> np.ndarray | None:
        rng = derived_rng(seed)
        match part:
            case "register":
                self._fill_register(name, at)
            case "village" | "identifier" | "parent" | "period":
                if part == "village" and self.columns.universe(name):
                    self._where_asked(name, at)
                return None
            case "several":
                self._draw_several(name, at, features, rng, is_later=is_later)
                return np.column_stack(
                    [
                        features,
                        *(
                            block(self.learned[one], self.learned[one].new.numbers)[at]
                            for one in choices_of(name, self.columns.dataset.codebook)
                        ),
                    ]
                )
            case "choice" if name in self._chosen:
                return None
            case "calculated":
                self._calculate(name, at)
            case "learned" | "choice":
                self._draw(name, at, features, rng, is_later=is_later)
            case _:
                self._make_up(name, part, at, rng)
                return None
        column = self.learned[name]
        return np.column_stack([features, block(column, column.new.numbers)[at]])

    @property
    def _chosen(self) -> set[str]:
        book = self.columns.dataset.codebook
        return {
            one
            for name, part in self.columns.parts.items()
            if part == "several"
            for one in choices_of(name, book)
        }

    def _draw(
        self, name: str, at: np.ndarray, features: np.ndarray, rng: np.random.Generator, *, is_later: bool
    ) -> None:
        column, rows = self.learned[name], self.columns.rows
        asked = self._asked_of_new(name, at)
        here, seen = at[asked], features[asked]
        reasons = self._reasons(name, column, seen, rng, is_later=is_later)
        answered = np.equal(reasons, ANSWERED)
        column.new.why[here] = [None if reason == ANSWERED else reason for reason in reasons]
        if answered.any():
            values = self._values(name, column, seen[answered], rng, is_later=is_later)
            if is_later and column.is_steady:
                before = column.new.numbers[rows.new_before[here[answered]]]
                values = np.where(np.isnan(before), values, before)
            column.new.numbers[here[answered]] = values
            lost = here[answered][np.isnan(values)]
            column.new.why[lost] = BLANK
        self._keep(name, column, at)
        self._hold(name, column, here, seen, rng, is_later=is_later)

    def _reasons(
        self, name: str, column: Column, seen: np.ndarray, rng: np.random.Generator, *, is_later: bool
    ) -> np.ndarray:
        """Draw whether there is an answer, and why not."""
        rows, k = self.columns.rows, self.columns.k
        train = self._train(is_later=is_later) & column.asked & (column.is_fit | ~column.old.has_value)
        reasons = np.array(
            [ANSWERED if reason is None else reason for reason in column.old.why], dtype=object
        )
        if not column.is_fit.any():
            return np.full(len(seen), BLANK, dtype=object)
        listed = [ANSWERED, *sorted({str(one) for one in reasons[train]} - {ANSWERED})]
        places = np.array([listed.index(one) if one in listed else 0 for one in reasons], dtype=float)
        places = merged(places, rows.people, train, k)
        if len(np.unique(places[train])) < 2 or len(np.unique(rows.people[train])) < k:
            only = (
                listed[int(places[train][0])]
                if train.any() and places[train].min() == places[train].max()
                else ANSWERED
            )
            return np.full(len(seen), only, dtype=object)
        tree = self._tree(f"{name} why", places, train, is_later=is_later, is_discrete=True, upto=name)
        drawn = drawn_places(tree, places[train], tree.nodes_of(seen), rng)
        return np.array([listed[int(place)] for place in drawn], dtype=object)

    def _values(
        self, name: str, column: Column, seen: np.ndarray, rng: np.random.Generator, *, is_later: bool
    ) -> np.ndarray:
        rows, k = self.columns.rows, self.columns.k
        train = self._train(is_later=is_later) & column.is_fit
        if len(np.unique(rows.people[train])) < k:
            is_later, train = False, column.is_fit
            tree, target = (
                Tree(None, np.zeros(1, dtype=int), {0: np.arange(int(train.sum()))}),
                column.old.numbers[train],
            )
        else:
            target = column.old.numbers[train]
            shown = target if column.scale is None else np.clip(target, column.scale.low, column.scale.high)
            tree = self._tree(
                name,
                spread(shown, train),
                train,
                is_later=is_later,
                is_discrete=column.old.is_discrete,
                upto=name,
            )
        nodes = tree.nodes_of(seen)
        if column.scale is None:
            return drawn_places(tree, target, nodes, rng)
        return drawn_numbers(tree, target, rows.people[train], nodes, scale=column.scale, k=k, rng=rng)

    def _tree(
        self, key: str, target: np.ndarray, train: np.ndarray, *, is_later: bool, is_discrete: bool, upto: str
    ) -> Tree:
        known = self._trees.get((is_later, key))
        if known is None:
            features = self._train_features(upto, is_later=is_later)[train]
            seed = derived_seed(self.seed, len(self._trees), int(is_later), 7)
            known = grown(
                features,
                target[train],
                self.columns.rows.people[train],
                is_discrete=is_discrete,
                k=self.columns.k,
                seed=seed,
            )
            self._trees[is_later, key] = known
        return known

    # Columns that belong together, and columns nobody draws.

    def _draw_several(
        self, name: str, at: np.ndarray, features: np.ndarray, rng: np.random.Generator, *, is_later: bool
    ) -> None:
        """Draw the choices of a question with several answers, those that go with no other first."""
        names = choices_of(name, self.columns.dataset.codebook)
        asked = self._asked_of_new(name, at)
        here, seen = at[asked], features[asked]
        variable = self.columns.dataset.codebook[name]
        lead = self.learned[names[0]]
        texts = self.old_texts[name]
        codes = {label.value for label in variable.missing}
        why = np.array([text if text in codes else (None if text else BLANK) for text in texts], dtype=object)
        whole = with_reasons(lead, why)
        reasons = self._reasons(names[0], whole, seen, rng, is_later=is_later)
        answered = np.equal(reasons, ANSWERED)
        there, features = here[answered], seen[answered]
        has_text = is_answer(why)
        old = {one: self.learned[one].old.numbers for one in names}
        order = sorted(names, key=lambda one: (not is_alone(one, old), names.index(one)))
        chosen = {one: np.zeros(len(there), dtype=bool) for one in names}
        closed = np.zeros(len(there), dtype=bool)
        for one in order:
            column = self.learned[one]
            column = replace(column, is_fit=column.is_fit & has_text)
            if len(there) and column.is_fit.any():
                chosen[one] = (self._values(one, column, features, rng, is_later=is_later) == 1) & ~closed
            if is_alone(one, old):
                closed |= chosen[one]
        empty = ~np.any(list(chosen.values()), axis=0) if names else np.array([], dtype=bool)
        often = np.array(
            [np.nansum(np.where(self.learned[one].is_fit & has_text, old[one], 0)) for one in names]
        )
        if empty.any() and often.sum():
            picked = rng.choice(len(names), size=len(there), p=often / often.sum())
            for place, one in enumerate(names):
                chosen[one] |= empty & (picked == place)
        said = reasons.copy()
        said[answered] = [
            " ".join(one.partition("__")[2] for one in names if chosen[one][row]) for row in range(len(there))
        ]
        self.new_texts[name][here] = said
        for one in names:
            column = self.learned[one]
            column.new.numbers[there] = chosen[one].astype(float)
            column.new.why[there] = None
            if column.old.has_value[~has_text & column.asked].any():
                # Some files write false where there is no answer; the twin does as they do.
                column.new.numbers[here[~answered]], column.new.why[here[~answered]] = 0.0, None
            self._keep(one, column, at)

    def _fill_register(self, name: str, at: np.ndarray) -> None:
        column = self.learned[name]
        self._where_asked(name, at)
        levels = {level: place for place, level in enumerate(column.new.levels)}
        for row in at:
            text = self.new_texts[name][row]
            column.new.numbers[row] = levels.get(text, np.nan)
            column.new.why[row] = None if text in levels else BLANK

    def _where_asked(self, name: str, at: np.ndarray) -> None:
        texts = np.array(self.new_texts[name])
        texts[at[~self._asked_of_new(name, at)]] = ""
        self.new_texts[name] = texts

    def _calculate(self, name: str, at: np.ndarray) -> None:
        column = self.learned[name]
        around = {one: texts[at] for one, texts in self.texts_around(old=False).items()}
        texts = computed(self.columns.hints.calculated[name], around, len(at))
        asked = self._asked_of_new(name, at)
        known = pd.Series(
            [
                text if is_asked and text not in ("NaN", "") else None
                for text, is_asked in zip(texts, asked, strict=True)
            ],
            dtype=object,
        )
        if column.scale is not None:
            known = known.map(
                lambda text: number_text(round(float(text), column.scale.decimals)), na_action="ignore"
            )
        found = taken_apart(known, column.variable)
        column.new.numbers[at], column.new.why[at] = found.numbers, found.why
        self._keep(name, column, at)

    def _make_up(self, name: str, part: Part, at: np.ndarray, rng: np.random.Generator) -> None:
        variable = self.columns.dataset.codebook[name]
        if part in ("latitude", "longitude", "point"):
            return
        if part == "moment":
            texts = made_moments(len(at), rng, is_end="end" in name.lower())
        else:
            texts = made_texts(variable, len(at), rng, is_personal=part == "personal")
            if part == "personal" and not variable.categories and variable.kind in ("string", "code"):
                texts = np.array([f"made-{row + 1:05}" for row in at], dtype=object)
        self.new_texts[name][at] = np.where(self._asked_of_new(name, at), texts, "")

    def _make_rest(self) -> None:
        """Make places, for which the villages must be known."""
        parts, rows = self.columns.parts, self.columns.rows
        rng = derived_rng(self.seed, 10**6)
        codes, new_codes = (
            texts.get(VILLAGE, np.full(n, "", dtype=object))
            for texts, n in ((self.old_texts, len(rows.used)), (self.new_texts, self.n))
        )
        latitudes, longitudes = (
            [name for name in parts if parts[name] == part] for part in ("latitude", "longitude")
        )
        for pair in zip(latitudes, longitudes, strict=False):
            old = np.column_stack(
                [pd.to_numeric(pd.Series(self.old_texts[name]), errors="coerce") for name in pair]
            )
            found = made_places(old, codes, rows.people, new_codes, k=self.columns.k, rng=rng)
            for axis, name in enumerate(pair):
                self.new_texts[name] = np.array(
                    ["" if np.isnan(one) else number_text(one) for one in found[:, axis]], dtype=object
                )
        for name in (name for name in parts if parts[name] == "point"):
            old = np.array(
                [
                    [float(one) for one in text.split()[:2]] if text else [np.nan] * 2
                    for text in self.old_texts[name]
                ]
            )
            found = made_places(old, codes, rows.people, new_codes, k=self.columns.k, rng=rng)
            asked = self._asked_of_new(name, np.arange(self.n))
            self.new_texts[name] = np.array(
                [
                    "" if np.isnan(place).any() or not one else f"{place[0]} {place[1]} 0 0"
                    for place, one in zip(found, asked, strict=True)
                ],
                dtype=object,
            )

    def count(self, child: Dataset, column: str) -> None:
        """Settle how many rows of a child belong to each row made."""
        rows = self.columns.rows
        n_of = child.frame[column].astype(str).value_counts()
        old = np.array([float(n_of.get(str(key), 0)) for key in self.keys()])
        for one in self.learned.values():
            counts = np.where(one.old.has_value, one.old.numbers, 0)
            if one.variable.kind == "integer" and old.any() and np.array_equal(counts, old):
                self.sizes[child.name] = np.nan_to_num(one.new.numbers).astype(int)
                return
        everyone = np.ones(len(old), dtype=bool)
        fit = common(old, rows.people, everyone, self.columns.k)
        features = [np.column_stack([np.zeros((len(old), 0)), *self.old_blocks.values()])[fit]]
        features.append(
            np.column_stack(
                [np.zeros((self.n, 0)), *(block(one, one.new.numbers) for one in self.learned.values())]
            )
        )
        if not fit.any():
            self.sizes[child.name] = np.full(self.n, int(np.median(old)))
            return
        tree = grown(
            features[0], old[fit], rows.people[fit], is_discrete=True, k=self.columns.k, seed=self.seed
        )
        rng = derived_rng(self.seed, 10**6 + 1)
        self.sizes[child.name] = drawn_places(tree, old[fit], tree.nodes_of(features[1]), rng).astype(int)

    # Keeping what was drawn.

    def _keep(self, name: str, column: Column, at: np.ndarray) -> None:
        part = Answers(column.new.numbers[at], column.new.why[at], column.new.levels, 0)
        self.new_texts[name][at] = as_texts(part, column.variable)

    def _hold(
        self,
        name: str,
        column: Column,
        here: np.ndarray,
        seen: np.ndarray,
        rng: np.random.Generator,
        *,
        is_later: bool,
    ) -> None:
        """Draw again where a condition fails that this column is the last named; then leave blank."""
        order = self._order()
        for text in self.columns.hints.holds:
            found = condition(text)
            names = found[1] if found else ()
            if name not in names or any(order.index(other) > order.index(name) for other in names):
                continue
            for attempt in range(REDRAWN + 1):
                broken = self._broken(text, names, here)
                if not broken.any():
                    break
                at = here[broken]
                if attempt == REDRAWN:
                    column.new.numbers[at], column.new.why[at] = np.nan, BLANK
                    self._counts["broken", name] += len(at)
                else:
                    column.new.numbers[at] = self._values(name, column, seen[broken], rng, is_later=is_later)
                self._keep(name, column, at)

    def _broken(self, text: str, names: tuple[str, ...], here: np.ndarray) -> np.ndarray:
        has = np.all([self.learned[one].new.has_value[here] for one in names if one in self.learned], axis=0)
        around = {one: self.new_texts[one][here] for one in names}
        return np.asarray(has & ~where(text, around, len(here)))

    # What trees see.

    def _train(self, *, is_later: bool) -> np.ndarray:
        return np.asarray((self.columns.rows.wave > 0) == is_later)

    def _train_features(self, upto: str, *, is_later: bool) -> np.ndarray:
        names = [name for name in self._order() if name in self.learned]
        lead = upto.partition("__")[0] if upto in self._chosen else upto
        order = self._order()
        seen = [name for name in names if order.index(name) < order.index(lead)]
        n = len(self.columns.rows.used)
        blocks = [
            self.old_blocks[name]
            for name in seen
            if name not in self._chosen or name.partition("__")[0] != lead
        ]
        first = self._old_lagged() if is_later else self._old_outer()
        return np.column_stack([np.zeros((n, 0)), first, *blocks])

    def _old_lagged(self) -> np.ndarray:
        before = self.columns.rows.before
        whole = np.column_stack([np.zeros((len(before), 0)), *self.old_blocks.values()])
        return np.asarray(np.where((before != NONE)[:, None], whole[before], np.nan))

    def _lagged(self, at: np.ndarray) -> np.ndarray:
        before = self.columns.rows.new_before[at]
        return np.column_stack(
            [
                np.zeros((len(at), 0)),
                *(block(one, one.new.numbers)[before] for one in self.learned.values()),
            ]
        )

    def _old_outer(self) -> np.ndarray:
        rows, outer = self.columns.rows, self.columns.outer
        if outer is None:
            return np.zeros((len(rows.used), 0))
        above = np.column_stack([np.zeros((len(outer.columns.rows.used), 0)), *outer.old_blocks.values()])
        return np.column_stack([above[rows.parent], rows.position])

    def _outer_features(self, at: np.ndarray) -> np.ndarray:
        rows, outer = self.columns.rows, self.columns.outer
        if outer is None:
            return np.zeros((len(at), 0))
        above = np.column_stack(
            [np.zeros((outer.n, 0)), *(block(one, one.new.numbers) for one in outer.learned.values())]
        )
        return np.column_stack([above[rows.new_parent[at]], rows.new_position[at]])

    # Handing over.

    def keys(self) -> pd.Series:
        """Return the keys of the rows that were learned from."""
        return self.columns.given(self.columns.dataset.key[0])

    def new_keys(self) -> np.ndarray:
        """Return the keys of the rows made."""
        return self.new_texts[self.columns.dataset.key[0]]

    def frame(self) -> pd.DataFrame:
        """Return the rows made, each column as its model is."""
        found = {}
        for variable in self.columns.dataset.codebook:
            like = self.columns.dataset.frame[variable.name]
            column = self.learned.get(variable.name)
            if column is not None and self.columns.parts[variable.name] != "register":
                found[variable.name] = put_together(column.new, column.variable, like)
            elif variable.kind in ("category", "boolean", "integer", "number", "date"):
                texts = pd.Series([text or None for text in self.new_texts[variable.name]], dtype=object)
                found[variable.name] = put_together(taken_apart(texts, variable), variable, like)
            else:
                found[variable.name] = text_column(list(self.new_texts[variable.name]), like)
        return pd.DataFrame(found)[list(self.columns.dataset.frame.columns)]

    def told(self) -> Iterator[tuple[Message, int]]:
        """Yield what was not learned from, and what could not be made."""
        said = {
            "rows": Message("Rows whose village or parent is not known are left out"),
            "unfit": Message("“{name}”: cells that the codebook does not allow are not learned from"),
            "not asked": Message(
                "“{name}”: answers to a question that was not to be put are not learned from"
            ),
            "rare": Message("“{name}”: answers in categories of too few people do not occur"),
            "few": Message("“{name}”: too few answered, so that it stays empty"),
            "broken": Message("“{name}”: left blank where a condition could not be kept"),
        }
        for kind, message in said.items():
            for (what, name), n in self._counts.items():
                if what == kind and n:
                    yield replace(message, values={"name": name} if name else {}), n
