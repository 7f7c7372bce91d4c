"""A codebook: the variables of a dataset, in column order."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pk_research.codebook.cast import cast_column, describe_misfits
from pk_research.codebook.cells import COLUMNS, cell, variable_from_row
from pk_research.codebook.schema import field_from_variable, variable_from_field
from pk_research.codebook.variable import Variable
from pk_research.errors import BadInput, NotFound, Problem

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Codebook:
    """The variables of a dataset, in column order.

    Attributes
    ----------
    variables
        One `Variable` a column; names are unique.

    Examples
    --------
    >>> book = Codebook((Variable("iks", "Ketahanan sosial", "Social resilience", "number"),))
    >>> book["iks"].kind, "ike" in book, book.names
    ('number', False, ('iks',))
    """

    variables: tuple[Variable, ...]

    def __post_init__(self) -> None:
        names = [variable.name for variable in self.variables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadInput(
                Problem("codebook", f"declared twice: {', '.join(twice)}", "Keep one row a variable.")
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Variable names in column order."""
        return tuple(variable.name for variable in self.variables)

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Variable:
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise NotFound(
            Problem("codebook", f"there is no variable {name!r}", f"Known: {', '.join(self.names)}.")
        )

    def select(self, names: Iterable[str]) -> Codebook:
        """Return the codebook of these variables, in the order given."""
        return Codebook(tuple(self[name] for name in names))

    def with_variables(self, *added: Variable) -> Codebook:
        """Return the codebook with these variables replaced where known, else appended."""
        new = {variable.name: variable for variable in added}
        kept = [new.pop(variable.name, variable) for variable in self.variables]
        return Codebook((*kept, *new.values()))

    def cast(self, frame: pd.DataFrame, *, where: str) -> pd.DataFrame:
        """Give every declared column its declared dtype.

        Parameters
        ----------
        frame
            Has exactly the declared columns; missing values are already NA.
        where
            Name of the file or dataset, for the error.

        Returns
        -------
        pandas.DataFrame
            A new frame, columns in codebook order.

        Raises
        ------
        BadInput
            Listing every column that is absent, undeclared, or has values its kind does not
            allow (with the first rows, counted from 1).
        """
        problems = [
            Problem(where, f"column {name!r} is missing", "Add it, or take it out of the codebook.")
            for name in self.names
            if name not in frame.columns
        ]
        problems += [
            Problem(f"{where}, column {name!r}", "the codebook does not declare it", "Declare it.")
            for name in frame.columns
            if name not in self.names
        ]
        columns: dict[str, pd.Series] = {}
        for variable in self.variables:
            if variable.name in frame.columns:
                column, bad = cast_column(frame[variable.name], variable)
                columns[variable.name] = column
                if bad:
                    problems.append(describe_misfits(bad, variable, frame[variable.name], where))
        if problems:
            raise BadInput(problems)
        import pandas as pd

        return pd.DataFrame(columns, index=frame.index)

    def to_csv(self) -> str:
        """Write the codebook as CSV text, one row a variable.

        Categories and missing codes stand in one cell as ``value=label_id|label_en; ...``.

        Examples
        --------
        >>> print(Codebook((Variable("poor", "Miskin", "Poor", "boolean"),)).to_csv().splitlines()[1])
        poor,Miskin,Poor,boolean,,,,,,,
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for variable in self.variables:
            writer.writerow([cell(getattr(variable, column)) for column in COLUMNS])
        return out.getvalue()

    @classmethod
    def from_csv(cls, text: str, *, where: str = "codebook") -> Codebook:
        """Read what `to_csv` writes; the columns may come in any order, only ``name`` is needed.

        Raises
        ------
        BadInput
            Listing every row that cannot be read.
        """
        rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
        unknown = [name for name in rows.fieldnames or [] if name not in COLUMNS]
        if unknown or "name" not in (rows.fieldnames or []):
            raise BadInput(
                Problem(
                    where,
                    f"columns not understood: {', '.join(unknown) or 'no column name'}",
                    f"Use: {', '.join(COLUMNS)}.",
                )
            )
        variables, problems = [], []
        for n, row in enumerate(rows, start=2):
            try:
                variables.append(variable_from_row(row))
            except BadInput as error:
                problems += [replace(p, where=f"{where}, row {n}, {p.where}") for p in error.problems]
            except ValueError as error:
                problems.append(Problem(f"{where}, row {n}", str(error), "Correct that cell."))
        if problems:
            raise BadInput(problems)
        return cls(tuple(variables))

    def to_table_schema(self) -> dict[str, Any]:
        """Write the codebook as a Frictionless Table Schema (Data Package v2) descriptor.

        Standard properties carry what they can (type, title, constraints, field-level
        ``missingValues``); ``labels``, ``kind``, ``unit``, ``universe`` and ``source`` are extra
        properties, which the standard allows.
        """
        return {"fields": [field_from_variable(variable) for variable in self.variables]}

    @classmethod
    def from_table_schema(cls, schema: dict[str, Any]) -> Codebook:
        """Read a Table Schema: one that `to_table_schema` wrote, or a plain one."""
        return cls(tuple(variable_from_field(entry) for entry in schema.get("fields", ())))


def read_codebook(path: Path) -> Codebook:
    """Read a codebook from a file: ``.csv``, or ``.json`` (a Table Schema).

    Raises
    ------
    NotFound, BadInput
        When there is no such file, or it is neither.
    """
    if not path.is_file():
        raise NotFound(Problem(str(path), "there is no such file", "Give the path of a codebook."))
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".json":
            return Codebook.from_table_schema(json.loads(text))
    except (UnicodeDecodeError, json.JSONDecodeError, AttributeError, KeyError) as error:
        raise BadInput(
            Problem(
                str(path), f"it is not a codebook ({error})", "Save it as UTF-8 CSV or Table Schema JSON."
            )
        ) from error
    return Codebook.from_csv(text, where=path.name)
