"""Types of villages over years: which type became which, who moved, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from pk_research.clusters import over_time_words as words
from pk_research.clusters.certainty import match_labels
from pk_research.clusters.find import find_types
from pk_research.clusters.partition import distinct_points
from pk_research.clusters.prepare import prepare
from pk_research.clusters.transitions import Transition, Year, transition
from pk_research.clusters.typology import Typology
from pk_research.clusters.valleys import find_valleys
from pk_research.clusters.yardstick import Yardstick, yardstick_of
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.sources.dataset import Dataset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LISTED = 8
APPLICABLE = ("k_means", "gaussian_mixture", "ward", "spatial_ward")


@dataclass(frozen=True, eq=False)
class TypesOverTime:
    """Types of several years under common numbers.

    Attributes
    ----------
    base
        ``"each"``, or the year whose types were applied to all years.
    typologies
        Typology of each year that was grouped by itself.
    groups
        For each of those years: how many groups there are with valleys between them; 1 when its
        types only cut one continuum, None for too few villages to tell. Villages with gaps and
        those in no type have no part in it.
    numbers
        For each of those years: number of a cluster -> common number of its type.
    names
        One name a type, in the order of the common numbers: that of the latest year that has the
        type. `with_names` replaces them.
    villages
        One row a village and year: ``year``, ``code``, ``name``, ``type``, ``probability`` (share
        of the repetitions that put it into its type; missing without repetitions),
        ``is_border`` and the values.
    left_out
        One row a record that could not be compared: ``year``, ``code``, ``reason`` (`Message`).
    transitions
        One a pair of consecutive years.
    own_share
        Of the villages of the base year, the share that the nearest centre gives the type they
        have; 1 when every year was grouped by itself.
    """

    base: Literal["each"] | int
    typologies: Mapping[int, Typology]
    groups: Mapping[int, int | None]
    numbers: Mapping[int, Mapping[int, int]]
    names: tuple[Message, ...]
    villages: pd.DataFrame
    left_out: pd.DataFrame
    transitions: tuple[Transition, ...]
    own_share: float

    @property
    def last(self) -> Typology:
        """The latest typology found."""
        return self.typologies[max(self.typologies)]

    @property
    def k(self) -> int:
        """Number of types over all years."""
        return len(self.names)

    @property
    def made(self) -> bool:
        """True for made data; every view says so."""
        return self.last.made

    @property
    def input_hash(self) -> str:
        """Content hash of the dataset."""
        return self.last.input_hash

    @property
    def seed(self) -> int:
        """Seed of all chance."""
        return self.last.seed

    def table(self, language: Language) -> pd.DataFrame:
        """Return the transitions for people, one row a cell."""
        return words.transition_table(self, language)

    def summary_table(self, language: Language) -> pd.DataFrame:
        """Return one row a pair of years: villages compared, moved, certainly moved, exactly the same."""
        return words.summary_table(self, language)

    def moves_table(self, language: Language) -> pd.DataFrame:
        """Return the villages that changed type, the certain ones first, with why and how sure."""
        return words.moves_table(self, language)

    def border_table(self, language: Language) -> pd.DataFrame:
        """Return one row a year: villages, those on the border of their type, and those that stayed."""
        return words.border_table(self, language)

    def missing_table(self, language: Language) -> pd.DataFrame:
        """Return the villages with a type in only one of two consecutive years, with the reason."""
        return words.missing_table(self, language)

    def left_out_table(self, language: Language) -> pd.DataFrame:
        """Return the records that could not be compared, with the reason."""
        return words.left_out_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell who moved, and how much of it may be no more than the uncertainty of the types."""
        return words.account(self, language)

    def plot(self, language: Language) -> Figure:
        """Draw the transitions as numbered heat maps."""
        from pk_research.clusters.pictures.over_time import plot_transitions

        return plot_transitions(self, language)


def types_over_time(
    dataset: Dataset,
    variables: Sequence[str],
    years: Sequence[int],
    *,
    base: Literal["each"] | int = "each",
    code_changes: Mapping[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - those of find_types
) -> TypesOverTime:
    """Follow the types of villages over years.

    The number of types is chosen as `find_types` chooses it, for each year that is grouped by
    itself, unless ``k`` is among the options. Whether there are groups at all is told either way.

    Parameters
    ----------
    dataset
        Rows keyed by village and year.
    variables
        Names of numeric variables.
    years
        Two years or more.
    base
        ``"each"`` groups every year by itself and matches the types: use it to see whether the
        types themselves change. A year applies its types to all years, each village going to the
        nearest centre in that year's scale: use it to see whether villages change against a
        fixed yardstick. With ``n_draws`` the centres of every repetition are applied too, so that
        the villages of all years have a probability.
    code_changes
        Old village code -> new one, for codes that changed; without it a village whose code
        changed is an exit and an entry, and the reason points to the other code.
    options
        Further options of `find_types`.

    Raises
    ------
    BadInput, NotFound
        When the years cannot be used, a variable is not a number, a year is the base of a method
        or of a way with gaps that has no centres to apply, or `find_types` refuses.

    References
    ----------
    Kuhn (1955), The Hungarian method for the assignment problem.

    Examples
    --------
    >>> from pk_research.codebook import Codebook, Variable
    >>> from pk_research.sources import vocabulary
    >>> from pk_research.sources.dataset import Dataset, Provenance
    >>> codes = [f"32160120{n:02}" for n in range(1, 9)]
    >>> rows = {"village_code": 2 * codes, "year": 8 * [2023] + 8 * [2024], "x": 4 * [0, 1, 8, 9]}
    >>> book = Codebook((vocabulary.VILLAGE_CODE, vocabulary.YEAR, Variable("x", kind="number")))
    >>> frame = book.cast(pd.DataFrame(rows), where="an example")
    >>> origin = Provenance("an example", "x.csv", "0", "table", made=True, n_rows_read=16)
    >>> data = Dataset("example", frame, book, origin, ("village_code", "year"))
    >>> types_over_time(data, ["x"], [2023, 2024], k=2).transitions[0].counts.to_numpy().tolist()
    [[4, 0], [0, 4]]
    """
    ordered = sorted(set(years))
    _check(dataset, variables, ordered, base, options)
    grouped = ordered if base == "each" else [base]
    typologies = {year: find_types(dataset, variables, year=year, **options) for year in grouped}
    names = [variable.name for variable in typologies[grouped[0]].variables]
    yardstick = None if base == "each" else yardstick_of(typologies[base], n_jobs=options.get("n_jobs"))
    key = typologies[grouped[0]].code_column
    by_year = {
        year: _followed(_placed(dataset, variables, year, typologies, yardstick), key, code_changes or {})
        for year in ordered
    }
    numbers = _common_numbers({year: by_year[year].villages for year in grouped})
    numbered = [
        Year(
            year,
            rows.assign(type=rows["cluster"].map(numbers[year if base == "each" else grouped[0]])),
            left_out,
        )
        for year, rows, left_out in by_year.values()
    ]
    kept = ["year", "code", "name", "type", "probability", "is_border", *names]
    return TypesOverTime(
        base=base,
        typologies=typologies,
        groups={year: _groups(found, n_jobs=options.get("n_jobs")) for year, found in typologies.items()},
        numbers=numbers,
        names=_common_names(typologies, numbers),
        villages=pd.concat([rows.assign(year=year)[kept] for year, rows, _ in numbered], ignore_index=True),
        left_out=pd.concat(
            [aside.assign(year=year)[["year", "code", "reason"]] for year, _, aside in numbered],
            ignore_index=True,
        ),
        transitions=tuple(
            transition(before, after, names, by_the_first=_by_the_first(before, after, typologies, numbers))
            if base == "each" and _has_centres(options)
            else transition(before, after, names)
            for before, after in pairwise(numbered)
        ),
        own_share=1.0 if yardstick is None else yardstick.own_share,
    )


def _check(
    dataset: Dataset,
    variables: Sequence[str],
    years: Sequence[int],
    base: Literal["each"] | int,
    options: Mapping[str, Any],
) -> None:
    problems = []
    if len(years) < 2 or (base != "each" and base not in years):
        problems.append(
            Problem(
                "years", f"{list(years)} with base {base!r}", "Give two years or more, the base among them."
            )
        )
    if base != "each" and not _has_centres(options):
        problems.append(
            Problem(
                "base",
                "types of this method, or from values with gaps, have no centres to apply to other years",
                f"Use base='each', or a method of {', '.join(APPLICABLE)} with gaps left out.",
            )
        )
    method, kinds = options.get("method", "k_means"), options.get("kinds") or {}
    problems += [
        Problem(
            f"variable {name!r}",
            f"it is not a number, and types over time follow numbers only, by {method} too",
            "Leave it out, or group each year by itself with find_types.",
        )
        for name in variables
        if name in dataset.codebook
        and (
            dataset.codebook[name].kind not in ("number", "integer")
            or kinds.get(name, "numeric") in ("nominal", "asymmetric")
        )
    ]
    if problems:
        raise BadInput(problems)


def _has_centres(options: Mapping[str, Any]) -> bool:
    return (
        options.get("method", "k_means") in APPLICABLE
        and options.get("gaps") in {None, "leave_out"}
        and not options.get("kinds")
    )


def _placed(
    dataset: Dataset,
    variables: Sequence[str],
    year: int,
    typologies: Mapping[int, Typology],
    yardstick: Yardstick | None,
) -> Year:
    """Return the villages of a year with their cluster, and those that have none."""
    if yardstick is None or year in typologies:
        rows = typologies[year].villages
        if "probability" not in rows:
            rows = rows.assign(probability=np.nan)
        return Year(year, rows, typologies[year].left_out)
    prepared = prepare(dataset, variables, year=year)
    return Year(year, yardstick.applied(prepared.villages), prepared.left_out)


def _by_the_first(
    before: Year, after: Year, typologies: Mapping[int, Typology], numbers: Mapping[int, Mapping[int, int]]
) -> np.ndarray:
    """Return the types the villages would have had the types stayed those of the first of two years."""
    found = yardstick_of(typologies[before.year], with_repetitions=False).clusters(after.villages)
    return np.array([numbers[before.year][int(cluster)] for cluster in found])


def _followed(found: Year, key: str, changes: Mapping[str, str]) -> Year:
    """Key the villages by their newest code."""
    rows = found.villages
    code = rows[key].astype(object).map(lambda code: changes.get(code, code))
    twice = sorted(set(code[code.duplicated()]))
    if twice:
        raise BadInput(
            Problem(
                f"code_changes, {found.year}",
                f"two villages would both be {', '.join(twice[:LISTED])}",
                "Leave out the change: villages that were merged cannot be followed as one.",
            )
        )
    name = rows["village"].astype(object).where(rows["village"].notna(), code) if "village" in rows else code
    left_out = found.left_out.assign(
        code=found.left_out[key].astype(object).map(lambda code: changes.get(code, code))
    )
    return Year(found.year, rows.assign(code=code, name=name), left_out)


def _groups(typology: Typology, *, n_jobs: int | None) -> int | None:
    """Return how many groups have valleys between them, also where the number of types was given."""
    valleys = None if typology.choice is None else typology.choice.valleys
    if valleys is None:
        values = typology.villages[[variable.name for variable in typology.variables]].to_numpy(dtype=float)
        points = distinct_points(values[~np.isnan(values).any(axis=1)], scale=typology.scale)
        valleys = find_valleys(points, seed=typology.seed, n_jobs=n_jobs)
    return None if valleys is None else valleys.k


def _common_numbers(by_year: Mapping[int, pd.DataFrame]) -> dict[int, dict[int, int]]:
    """Return for each year its clusters under the numbers that all years share."""
    numbers: dict[int, dict[int, int]] = {}
    before: pd.Series | None = None
    used = 0
    for year, rows in by_year.items():
        now = rows.set_index("code")["cluster"]
        matched = {} if before is None else _matched(before, now)
        old = numbers[max(numbers)] if numbers else {}
        numbers[year] = {}
        for cluster in sorted(now.unique()):
            if cluster in matched:
                numbers[year][int(cluster)] = old[matched[cluster]]
            else:
                used += 1
                numbers[year][int(cluster)] = used
        before = now
    return numbers


def _matched(before: pd.Series, now: pd.Series) -> dict[int, int]:
    """Return for each cluster of now the one before that it shares villages with, one to one."""
    both = before.index.intersection(now.index)
    a, b = before[both].to_numpy(dtype=int) - 1, now[both].to_numpy(dtype=int) - 1
    k = int(max(before.max(), now.max()))
    partners = match_labels(a, b, np.ones(len(both)), k)
    together = set(zip(a.tolist(), b.tolist(), strict=True))
    return {n + 1: int(p) + 1 for n, p in enumerate(partners) if (int(p), n) in together}


def _common_names(
    typologies: Mapping[int, Typology], numbers: Mapping[int, Mapping[int, int]]
) -> tuple[Message, ...]:
    """Name each type as in the latest year that has it; one that ended tells when, if names collide."""
    latest: dict[int, tuple[int, Message]] = {}
    for year, by_cluster in sorted(numbers.items()):
        for cluster, number in by_cluster.items():
            latest[number] = (year, typologies[year].names[cluster - 1])
    end = max(numbers)
    of_end = {name.text("en") for year, name in latest.values() if year == end}
    taken: set[str] = set()
    names = []
    for number, (year, name) in sorted(latest.items()):
        said = name
        if year < end and name.text("en") in of_end:
            said = Message("{name} (last seen in {year})", {"name": name, "year": str(year)})
        if said.text("en") in taken:
            said = Message("{name} (type {number})", {"name": name, "number": number})
        taken.add(said.text("en"))
        names.append(said)
    return tuple(names)
