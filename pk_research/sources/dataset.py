"""A dataset: a typed frame, what its columns mean, and where it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pk_research.codebook import Codebook, Variable
from pk_research.language import Both, Message

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done to the rows on their way in.

    Attributes
    ----------
    what
        The sentence, in either language.
    n_rows
        How many rows it touched.
    columns
        Which columns, by their name in the dataset; empty for whole rows.
    """

    what: Message
    n_rows: int
    columns: tuple[str, ...] = ()

    def by_label(self, book: Codebook) -> Message:
        """Return the sentence with its variable named as people read it, where the codebook has it.

        Examples
        --------
        >>> book = Codebook((Variable("road_km", label_id="Panjang jalan", label_en="Length of roads"),))
        >>> Step(Message("{column}: rounded", {"column": "road_km"}), 3).by_label(book).text("en")
        'Length of roads: rounded'
        """
        values = dict(self.what.values)
        name = str(values.get("column", ""))
        if name not in book:
            return self.what
        label = Both(book[name].label("id"), book[name].label("en"))
        return replace(self.what, values=values | {"column": label})


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a dataset came from and what was done to it.

    Attributes
    ----------
    title
        What the source is called.
    file_name
        Name of the file that was read, without its folder.
    sha256
        Hash of that file's bytes.
    layout
        The reader that understood it, such as ``"idm-national"`` or ``"table"``.
    source, version, licence
        Publisher, edition and terms, as far as known.
    made
        True for data that was made up (the sample), so that every view can say so.
    n_rows_read
        Data rows in the file; rows kept plus rows set aside in ``steps``.
    steps
        Everything that was done, in order.
    """

    title: str
    file_name: str
    sha256: str
    layout: str
    source: str = ""
    version: str = ""
    licence: str = ""
    made: bool = False
    n_rows_read: int = 0
    steps: tuple[Step, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a form that JSON can hold; `from_dict` reads it."""
        entry = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "steps"}
        steps = [
            {"what": step.what.to_dict(), "n_rows": step.n_rows, "columns": list(step.columns)}
            for step in self.steps
        ]
        return {**entry, "steps": steps}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Provenance:
        """Read what `to_dict` wrote.

        Examples
        --------
        >>> origin = Provenance("Survey", "a.csv", "0" * 64, "table", steps=(Step(Message("read"), 3),))
        >>> Provenance.from_dict(origin.to_dict()) == origin
        True
        """
        steps = tuple(
            Step(Message.from_dict(step["what"]), step["n_rows"], tuple(step["columns"]))
            for step in entry.get("steps", ())
        )
        return cls(**{**entry, "steps": steps})


@dataclass(frozen=True)
class Dataset:
    """A typed frame with its codebook and provenance; treat the frame as read-only.

    Attributes
    ----------
    name
        Short name, lower case, used in the store and on the command line.
    frame
        One row a unit and period; columns exactly as declared in ``codebook``.
    codebook
        What each column means.
    provenance
        Where it came from.
    key
        The columns that should identify a row: ``("village_code", "year")`` for village data.
        Real data may repeat a key; `quality` reports it.
    """

    name: str
    frame: pd.DataFrame
    codebook: Codebook
    provenance: Provenance
    key: tuple[str, ...] = field(default=())

    @property
    def is_by_village(self) -> bool:
        """True when every row describes a village."""
        return "village_code" in self.key

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the values and the codebook; equal for equal content."""
        digest = hashlib.sha256(self.codebook.to_csv().encode())
        digest.update(self.frame.to_csv(index=False, lineterminator="\n").encode())
        return digest.hexdigest()

    def measures(self) -> tuple[Variable, ...]:
        """Return the numeric variables that describe the units, not the key."""
        return tuple(
            variable
            for variable in self.codebook
            if variable.kind in ("number", "integer") and variable.name not in self.key
        )

    def with_frame(self, frame: pd.DataFrame, codebook: Codebook, *steps: Step) -> Dataset:
        """Return the dataset with another frame and codebook, the steps added to its history."""
        history = replace(self.provenance, steps=(*self.provenance.steps, *steps))
        return replace(self, frame=frame, codebook=codebook, provenance=history)
