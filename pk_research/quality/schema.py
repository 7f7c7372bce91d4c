"""What the codebook allows, as a Pandera schema, and the values that break it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.codebook import Codebook, Variable
from pk_research.codebook.cast import cast_column
from pk_research.language import Message
from pk_research.quality.findings import Finding
from pk_research.quality.subject import Subject
from pk_research.sources.vocabulary import YEAR

if TYPE_CHECKING:
    import pandera.pandas as pa

NUMERIC = ("number", "integer")


def schema(codebook: Codebook, *, key: Sequence[str] = ()) -> pa.DataFrameSchema:
    """Build the Pandera schema that a codebook describes.

    Parameters
    ----------
    codebook
        The variables.
    key
        Columns that must not be missing.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Each column with its dtype, range and categories, and no other column. A missing value is
        a fault in the key only, and never out of range.

    Examples
    --------
    >>> book = Codebook((Variable("iks", kind="number", minimum=0, maximum=1),))
    >>> list(schema(book).columns)
    ['iks']
    """
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {
            variable.name: pa.Column(
                variable.dtype, _value_checks(variable), nullable=variable.name not in key
            )
            for variable in codebook
        },
        strict=True,
    )


def _value_checks(variable: Variable) -> list[pa.Check]:
    import pandera.pandas as pa

    checks = []
    if variable.kind in NUMERIC and variable.minimum is not None:
        checks.append(pa.Check.ge(variable.minimum, error="range"))
    if variable.kind in NUMERIC and variable.maximum is not None:
        checks.append(pa.Check.le(variable.maximum, error="range"))
    if variable.categories:
        checks.append(pa.Check.isin([label.value for label in variable.categories], error="category"))
    return checks


def schema_findings(subject: Subject) -> Iterator[Finding]:
    """Report the columns and the values that the codebook does not allow."""
    failures = _failures(subject)
    yield from _column_findings(subject, failures)
    by_column = dict(list(failures.groupby("column", sort=False)))
    for variable in subject.codebook:
        failed = by_column.get(variable.name)
        if failed is not None:
            yield from _value_findings(subject, variable, failed)


def _failures(subject: Subject) -> pd.DataFrame:
    """Return Pandera's failure cases: ``column``, ``check``, ``failure_case``, ``index``."""
    from pandera.errors import SchemaErrors

    try:
        schema(subject.codebook, key=subject.key).validate(subject.frame, lazy=True)
    except SchemaErrors as errors:
        return errors.failure_cases
    return pd.DataFrame(columns=["column", "check", "failure_case", "index"])


def _column_findings(subject: Subject, failures: pd.DataFrame) -> Iterator[Finding]:
    messages = {
        "column_in_dataframe": Message("The codebook declares columns that the data lacks: {columns}"),
        "column_in_schema": Message("The data has columns that the codebook does not declare: {columns}"),
    }
    for check, message in messages.items():
        names = tuple(failures.loc[failures["check"] == check, "failure_case"])
        if names:
            told = Message(message.template, {"columns": ", ".join(names)})
            yield subject.remark("column", "error", told, names)


def _value_findings(subject: Subject, variable: Variable, failed: pd.DataFrame) -> Iterator[Finding]:
    name, label = variable.name, subject.label(variable.name)
    rows = {check: pd.Index(cases["index"].dropna().unique()) for check, cases in failed.groupby("check")}
    if "not_nullable" in rows:
        yield subject.finding(
            "missing-key",
            "error",
            Message(
                "{label}: rows that lack it and cannot be assigned: {n}",
                {"label": label, "n": len(rows["not_nullable"])},
            ),
            [subject.listing(rows["not_nullable"], name)],
        )
    if failed["check"].str.startswith("dtype").any():
        yield from _kind_findings(subject, variable)
    for check, expected_of, template in (
        ("range", _range, "{label}: values outside the valid range ({expected}): {n}"),
        ("category", _categories, "{label}: values that are none of the declared ones ({expected}): {n}"),
    ):
        if len(rows.get(check, ())):
            expected, plain = expected_of(variable)
            message = Message(template, {"label": label, "n": len(rows[check]), "expected": expected})
            listing = subject.listing(rows[check], name, expected=plain)
            yield subject.finding(check, "error", message, [listing])


def _kind_findings(subject: Subject, variable: Variable) -> Iterator[Finding]:
    """Tell values that cannot be what they are declared to be from a column merely stored otherwise."""
    column = subject.frame[variable.name]
    misfits = column.index[cast_column(column, variable)[1]]
    known = {"label": subject.label(variable.name), "kind": Message(variable.kind)}
    if misfits.empty:
        message = Message(
            "{label}: kept as {dtype} although declared as {kind}; its range was not checked",
            {**known, "dtype": str(column.dtype)},
        )
        yield subject.remark("kind", "note", message, (variable.name,))
    elif variable.kind != "category":
        message = Message(
            "{label}: values that are not of the kind {kind}: {n}", {**known, "n": len(misfits)}
        )
        listing = subject.listing(misfits, variable.name, expected=variable.kind)
        yield subject.finding("kind", "error", message, [listing])


def _range(variable: Variable) -> tuple[Message, str]:
    """Write the valid range: in the reader's language, and plainly for the list of rows.

    Examples
    --------
    >>> message, plain = _range(Variable("income_idr", kind="number", minimum=0, maximum=2500))
    >>> message.text("id"), message.text("en"), plain
    ('0 – 2.500', '0 – 2,500', '0 – 2500')
    """
    bounds = {"low": variable.minimum, "high": variable.maximum}
    known = {name: bound for name, bound in bounds.items() if bound is not None}
    plain = {name: f"{bound:.15g}" for name, bound in known.items()}
    # A year has no thousands, and a language shows three decimals.
    is_exact = variable.name != YEAR.name and all(round(bound, 3) == bound for bound in known.values())
    values = known if is_exact else plain
    if "low" not in known:
        message = Message("≤ {high}", values)
    elif "high" not in known:
        message = Message("≥ {low}", values)
    else:
        message = Message("{low} – {high}", values)
    return message, message.template.format(**plain)


def _categories(variable: Variable) -> tuple[str, str]:
    text = " | ".join(label.value for label in variable.categories)
    return text, text
