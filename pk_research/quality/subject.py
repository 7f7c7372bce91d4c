"""The dataset under examination, its rows numbered so that every finding can point to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from pk_research.codebook import Codebook, Label, Variable
from pk_research.language import Message
from pk_research.quality.findings import Finding, Severity
from pk_research.sources.dataset import Dataset
from pk_research.sources.vocabulary import KECAMATAN, PROVINCE, REGENCY, VILLAGE, VILLAGE_CODE, YEAR

PLACES = (PROVINCE.name, REGENCY.name, KECAMATAN.name, VILLAGE.name)
ROW, COLUMN, VALUE, EXPECTED = "row", "column", "value", "expected"
WHOLE_ROW = ""
VILLAGE_CODE_PATTERN = r"\d{10}"
RUNNING_NUMBERS = {"id", "_id", "no", "no.", "nomor", "index", "rownames"}


def is_running_number(name: object) -> bool:
    """Tell a column that only numbers the rows, by its name.

    Examples
    --------
    >>> is_running_number("No "), is_running_number("income")
    (True, False)
    """
    return str(name).strip().lower() in RUNNING_NUMBERS


def label_of(name: str, codebook: Codebook) -> Label:
    """Return the label of a column, or its name where the codebook lacks it.

    Examples
    --------
    >>> label_of("village", Codebook((VILLAGE,))).text("id"), label_of("x", Codebook(())).text("id")
    ('Desa/kelurahan', 'x')
    """
    if name not in codebook:
        return Label(name, name, name)
    variable = codebook[name]
    return Label(name, variable.label_id, variable.label_en)


@dataclass(frozen=True)
class Subject:
    """A dataset as the checks see it.

    Attributes
    ----------
    frame
        Its rows, indexed by their number in the dataset, from 1.
    codebook, key
        As in the dataset.
    """

    frame: pd.DataFrame
    codebook: Codebook
    key: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset) -> Subject:
        """Take a dataset and number its rows."""
        numbers = pd.RangeIndex(1, len(dataset.frame) + 1, name=ROW)
        return cls(dataset.frame.set_axis(numbers), dataset.codebook, dataset.key)

    def without(self, rows: pd.Index) -> Subject:
        """Leave rows out; the others keep their numbers."""
        return replace(self, frame=self.frame.drop(index=rows))

    @property
    def identity(self) -> list[str]:
        """Columns by which a person recognises a row: the key and the names of places."""
        names = dict.fromkeys([*self.key, *PLACES[::-1]])
        return [name for name in names if name in self.frame and name not in {ROW, COLUMN, VALUE, EXPECTED}]

    @property
    def measured(self) -> list[Variable]:
        """Variables that say something about a unit: not its key, codes, names, year or remarks."""
        return [
            variable
            for variable in self.codebook
            if variable.name in self.frame
            and variable.name not in {*self.key, YEAR.name}
            and variable.kind not in ("code", "string")
        ]

    @property
    def numeric(self) -> list[str]:
        """Names of the measured variables that hold numbers, running numbers apart."""
        return [
            variable.name
            for variable in self.measured
            if variable.kind in ("number", "integer")
            and pd.api.types.is_numeric_dtype(self.frame[variable.name])
            and not is_running_number(variable.name)
        ]

    @property
    def has_village_codes(self) -> bool:
        """True when a column holds the Kemendagri codes of villages."""
        return VILLAGE_CODE.name in self.frame

    @property
    def is_coded(self) -> pd.Series:
        """Which rows have a village code of ten digits."""
        codes = self.frame[VILLAGE_CODE.name].astype("string")
        return codes.str.fullmatch(VILLAGE_CODE_PATTERN).fillna(value=False).astype(bool)

    def label(self, name: str) -> Label:
        """Return the label of a column in both languages."""
        return label_of(name, self.codebook)

    def names(self, rows: pd.Index) -> list[str]:
        """Name the villages (or other units) of some rows, each once, in order of their code."""
        shown = self.frame.loc[rows, self.identity].astype("string")
        if shown.empty or shown.columns.empty:
            return [str(row) for row in rows]
        by = self.key[0] if self.key and self.key[0] in shown else shown.columns[0]
        places = [name for name in PLACES[::-1] if name in shown]
        shown = shown.drop_duplicates([by, *places]).sort_values([by, *places])
        return [str(name) for name in shown[[*places, by]].bfill(axis=1).iloc[:, 0].fillna("–")]

    def finding(
        self,
        check: str,
        severity: Severity,
        message: Message,
        listings: Sequence[pd.DataFrame],
    ) -> Finding:
        """Put a finding together from the listings of its rows."""
        rows = pd.concat(listings, ignore_index=True).sort_values(ROW, kind="stable", ignore_index=True)
        columns = tuple(name for name in rows[COLUMN].unique() if name != WHOLE_ROW)
        return Finding(check, severity, message, rows[ROW].nunique(), columns, rows)

    def remark(self, check: str, severity: Severity, message: Message, columns: Iterable[str]) -> Finding:
        """Put a finding together that concerns columns as a whole and no row in particular."""
        return Finding(
            check, severity, message, 0, tuple(columns), self.listing(self.frame.index[:0], WHOLE_ROW)
        )

    def listing(
        self, rows: pd.Index, column: str, *, value: object = None, expected: object = None
    ) -> pd.DataFrame:
        """List rows with what stands in a column and what should.

        Parameters
        ----------
        rows
            Numbers of the rows.
        column
            Column in question; `WHOLE_ROW` when it is the row itself.
        value
            What was found; what stands in the column by default.
        expected
            What should stand there; missing where nobody can know.
        """
        if value is None and column in self.frame:
            value = self.frame[column]
        table = self.frame.loc[rows, self.identity].copy()
        table[COLUMN] = column
        table[VALUE] = _cells(value, rows)
        table[EXPECTED] = _cells(expected, rows)
        return table.reset_index()


def as_text(values: pd.Series) -> pd.Series:
    """Write values as text, numbers as short as they are exact.

    Examples
    --------
    >>> as_text(pd.Series([0.1 + 0.2, 400000000.0])).tolist()
    ['0.3', '400000000']
    """
    if pd.api.types.is_float_dtype(values):
        return values.map("{:.15g}".format, na_action="ignore").astype("string")
    return values.astype("string")


def _cells(values: object, rows: pd.Index) -> pd.Series:
    if isinstance(values, pd.Series):
        return as_text(values.reindex(rows))
    return pd.Series(values, rows, dtype="string")
