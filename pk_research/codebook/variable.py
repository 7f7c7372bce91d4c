"""One variable, its values and its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pk_research.errors import BadInput, Problem
from pk_research.language import Language

Kind = Literal["code", "string", "category", "integer", "number", "boolean", "date"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_DTYPE = {
    "code": "string",
    "string": "string",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
}


@dataclass(frozen=True, slots=True)
class Label:
    """A value and what it means in two languages.

    Attributes
    ----------
    value
        The value as it stands in the data, as text.
    label_id, label_en
        Its meaning in Indonesian and in English.

    Examples
    --------
    >>> Label("1", "Ada", "Present").text("en")
    'Present'
    """

    value: str
    label_id: str
    label_en: str

    def text(self, language: Language) -> str:
        """Return the label in ``language``, or the other one, or the value."""
        first, second = (self.label_id, self.label_en)[:: 1 if language == "id" else -1]
        return first or second or self.value


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable, declared once.

    Attributes
    ----------
    name
        Column name: lower case, with unit and level where they matter.
    label_id, label_en
        Label in Indonesian and in English.
    kind
        ``code`` (an identifier, kept as text), ``string``, ``category`` (text values listed in
        ``categories``), ``integer``, ``number``, ``boolean`` or ``date``.
    unit
        Unit of measurement; empty when there is none.
    universe
        To whom the question applies; empty when to everybody.
    categories
        The allowed values of a ``category``, in order.
    missing
        Values that stand for "no answer" in raw data, and why there is none. In a loaded
        dataset they are missing (NA), never numbers.
    minimum, maximum
        Valid range, inclusive; None when open.
    source
        Where the definition comes from.

    Raises
    ------
    BadInput
        When the name is empty, the kind unknown, or a value is listed twice.

    Examples
    --------
    >>> Variable("iks", "Indeks Ketahanan Sosial", "Social resilience index", "number",
    ...          minimum=0, maximum=1).label("en")
    'Social resilience index'
    """

    name: str
    label_id: str = ""
    label_en: str = ""
    kind: Kind = "string"
    unit: str = ""
    universe: str = ""
    categories: tuple[Label, ...] = ()
    missing: tuple[Label, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        where = f"codebook, variable {self.name!r}"
        if not self.name.strip():
            raise BadInput(Problem("codebook", "a variable has no name", "Fill the column 'name'."))
        if self.kind not in KINDS:
            raise BadInput(
                Problem(where, f"{self.kind!r} is not a kind of variable", f"Use one of: {', '.join(KINDS)}.")
            )
        for group in (self.categories, self.missing):
            values = [label.value for label in group]
            if len(set(values)) < len(values):
                raise BadInput(Problem(where, "a value is listed twice", "Keep each value once."))

    def label(self, language: Language) -> str:
        """Return the label in ``language``, or the other one, or the name."""
        return Label(self.name, self.label_id, self.label_en).text(language)

    @property
    def dtype(self) -> Any:  # noqa: ANN401 - a pandas dtype, with pandas imported lazily
        """The pandas dtype its column has in a loaded dataset."""
        if self.kind != "category":
            return _DTYPE[self.kind]
        import pandas as pd

        return pd.CategoricalDtype([label.value for label in self.categories])
