"""Who is whose neighbour, and who has none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Language, Message

SHOWN = 5


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The neighbours of every village.

    Attributes
    ----------
    codes
        The villages, each once; rows and columns of the matrix in this order.
    matrix
        1 where the column's village is a neighbour of the row's, nothing elsewhere; nobody is a
        neighbour of itself. Symmetric, but for the nearest ones: I may be nearest to you while
        others are nearer to me.
    rule
        What makes a neighbour.
    """

    codes: tuple[str, ...]
    matrix: sparse.csr_array
    rule: Message

    @property
    def counts(self) -> pd.Series:
        """Number of neighbours by code."""
        return pd.Series(np.diff(self.matrix.indptr), index=list(self.codes), name="n_neighbours")

    @property
    def islands(self) -> tuple[str, ...]:
        """Codes of the villages without a neighbour."""
        counts = self.counts
        return tuple(counts.index[counts == 0])

    @property
    def parts(self) -> pd.Series:
        """Part of the map by code: 1 for the largest connected one; an island is one of its own."""
        _, labels = sparse.csgraph.connected_components(self.matrix, directed=False)
        # Labels follow the order of the codes, so that a stable sort settles parts of equal size.
        order = np.argsort(-np.bincount(labels), kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(1, len(order) + 1)
        return pd.Series(rank[labels], index=list(self.codes), name="part")

    def of(self, code: str) -> tuple[str, ...]:
        """Return the neighbours of a village.

        Examples
        --------
        >>> from_pairs(["A", "B", "C"], [("A", "B")]).of("B")
        ('A',)
        """
        row = self._places([code])[0]
        columns = self.matrix.indices[self.matrix.indptr[row] : self.matrix.indptr[row + 1]]
        return tuple(self.codes[column] for column in sorted(columns))

    def only(self, codes: Collection[str]) -> Neighbours:
        """Return the neighbours among these villages, in the order of ``codes``."""
        kept = self._places(codes)
        matrix = self.matrix[kept][:, kept]
        # Sums over neighbours must not depend on the order in which they came.
        matrix.sort_indices()
        return replace(self, codes=tuple(codes), matrix=matrix)

    def _places(self, codes: Collection[str]) -> list[int]:
        place = {code: n for n, code in enumerate(self.codes)}
        unknown = [code for code in codes if code not in place]
        if unknown:
            raise NotFound(
                Problem(str(code), "there is no such village among the neighbours", "Check the code.")
                for code in unknown
            )
        return [place[code] for code in codes]

    def with_pairs(self, pairs: Iterable[tuple[str, str]]) -> Neighbours:
        """Return these neighbours and some more: a ferry, a bridge, a link to an island."""
        added = from_pairs(self.codes, pairs).matrix
        rule = Message("{rule}; further pairs were added by hand", {"rule": self.rule})
        return replace(self, matrix=_binary(self.matrix + added), rule=rule)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village: code, number of neighbours, their codes, part of the map."""
        names = np.array(self.codes, dtype=object)
        rows = np.split(self.matrix.indices, self.matrix.indptr[1:-1])
        columns = {
            Message("Village code").text(language): list(self.codes),
            Message("Number of neighbours").text(language): self.counts.to_numpy(),
            Message("Neighbours").text(language): [", ".join(sorted(names[row])) for row in rows],
            Message("Connected part").text(language): self.parts.to_numpy(),
        }
        return pd.DataFrame(columns)

    def in_words(self, language: Language) -> str:
        """Say what makes a neighbour, how many there are, and who is cut off."""
        return " ".join(note.text(language) for note in self.notes)

    @property
    def notes(self) -> tuple[Message, ...]:
        """The same as single sentences; islands and cut-off parts are named."""
        mean = float(self.counts.mean())
        said = [
            Message(
                "Neighbours of {n} villages: {rule}; {mean} on average.",
                {"n": len(self.codes), "rule": self.rule, "mean": round(mean, 1)},
            )
        ]
        if self.islands:
            said.append(
                Message(
                    "Villages without a neighbour ({n}): {names}; add pairs by hand to include them.",
                    {"n": len(self.islands), "names": _some(self.islands)},
                )
            )
        parts = self.parts
        sizes = parts.value_counts()
        cut_off = sizes[(sizes > 1) & (sizes.index > 1)].sort_index()
        said += [
            Message(
                "{n} villages are connected with each other but not with the rest: {names}.",
                {"n": int(size), "names": _some(list(parts.index[parts == part]))},
            )
            for part, size in cut_off.items()
        ]
        return tuple(said)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def from_pairs(codes: Sequence[str], pairs: Iterable[tuple[str, str]]) -> Neighbours:
    """Take neighbours from a list of pairs; each pair counts in both directions.

    Parameters
    ----------
    codes
        All villages, also those without a neighbour.
    pairs
        Codes of two different villages.

    Raises
    ------
    BadInput
        Listing repeated codes, and pairs of one village with itself or with an unknown one.

    Examples
    --------
    >>> from_pairs(["A", "B", "C"], [("A", "B")]).islands
    ('C',)
    """
    check_codes(codes)
    place = {code: n for n, code in enumerate(codes)}
    links = list(pairs)
    problems = [
        Problem(f"pair {first}, {second}", "both must be villages of the list, and different", "Correct it.")
        for first, second in links
        if first == second or first not in place or second not in place
    ]
    if problems:
        raise BadInput(problems)
    rows = np.array([place[first] for first, _ in links], dtype=np.intp)
    columns = np.array([place[second] for _, second in links], dtype=np.intp)
    rule = Message("given as pairs")
    return Neighbours(tuple(codes), linked(rows, columns, len(codes)), rule)


def check_codes(codes: Sequence[str]) -> None:
    """Refuse repeated codes, which would be two villages in one, and an empty list."""
    repeated = pd.Index(codes)[pd.Index(codes).duplicated()].unique()
    if len(repeated):
        raise BadInput(Problem(str(code), "the code stands there twice", "Keep one.") for code in repeated)
    if not len(codes):
        raise BadInput(Problem("codes", "there are no villages", "Give at least one."))


def linked(rows: np.ndarray, columns: np.ndarray, n: int) -> sparse.csr_array:
    """Return the matrix of links in both directions."""
    links = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n)).tocsr()
    return _binary(links + links.T)


def directed(rows: np.ndarray, columns: np.ndarray, n: int) -> sparse.csr_array:
    """Return the matrix of links in the direction given."""
    return _binary(sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n)).tocsr())


def _binary(matrix: sparse.csr_array) -> sparse.csr_array:
    links = matrix.tocoo()
    apart = (links.row != links.col) & (links.data != 0)
    rows, columns = links.row[apart], links.col[apart]
    clean = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=matrix.shape)
    clean.sum_duplicates()
    clean.data[:] = 1.0
    return clean
