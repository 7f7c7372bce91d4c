"""The cells of a spreadsheet that are expressions, and its appearances, read before they are compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pk_research.survey.appearances import KNOWN, split_appearance, unknown_appearances
from pk_research.survey.faults import Faults
from pk_research.survey.xlsform.fault import Cell, Fault
from pk_research.survey.xlsform.likeness import did_you_mean
from pk_research.survey.xlsform.workbook import Sheet
from pk_research.survey.xpath import ExpressionError, expression
from pk_research.survey.xpath.functions import FUNCTIONS

EXPRESSIONS = frozenset(
    [
        "calculate",
        "calculation",
        "choice_filter",
        "constraint",
        "jr:count",
        "count",
        "read_only",
        "readonly",
        "relevance",
        "relevant",
        "repeat_count",
        "required",
    ]
)
STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})
_REFERENCE = re.compile(r"\$\{[^{}]*\}")
_NO_FUNCTION = re.compile(r"there is no function ([\w:.\-]+)\(\)")


def plain_header(header: str) -> str:
    """Return a header without what says how it is compiled.

    Examples
    --------
    >>> plain_header("bind::relevant"), plain_header("read only")
    ('relevant', 'read_only')
    """
    return re.sub(r"^(bind|body|control)::?", "", header.strip().lower()).replace(" ", "_")


def is_expression(header: str) -> bool:
    """Tell whether the cells under a header are expressions."""
    return plain_header(header) in EXPRESSIONS


def faults_of_expressions(survey: Sheet) -> Iterator[Fault]:
    """Find expressions that cannot be read, functions nobody knows, and curly quotes."""
    for row, cells in survey.records():
        for column, text in cells.items():
            if text and is_expression(column):
                cell = Cell(survey.name, row, column)
                yield from _of_expression(cell, text)
                yield from _of_quotes(cell, text)


def _of_expression(cell: Cell, text: str) -> Iterator[Fault]:
    try:
        found = expression(_without_references(text))
    except ExpressionError as error:
        what = f"the expression {text!r} cannot be read: {error.what}"
        yield Fault.at(cell, what, "Correct the expression.", stand_in="1")
        return
    reader = Faults()
    reader.expressions.append(("", found))
    reader.check_functions()
    for problem in reader.problems:
        function = _NO_FUNCTION.match(problem.what)
        remedy = did_you_mean(function[1], FUNCTIONS, problem.remedy) if function else problem.remedy
        yield Fault.at(cell, problem.what, remedy, stand_in="1")


def _of_quotes(cell: Cell, text: str) -> Iterator[Fault]:
    if text.translate(STRAIGHT) == text:
        return
    straight = straightened(text)
    yield Fault.at(
        cell,
        f"the quotes in {text} are curly; they are read as straight ones here, not everywhere",
        "Write ' or \" instead." if straight is None else f"Write: {straight}",
        repair=None if straight is None else "quotes",
        is_doubt=True,
    )


def straightened(text: str) -> str | None:
    """Return an expression with straight quotes for curly ones; None where it could not be read so.

    Examples
    --------
    >>> straightened(". != “x”"), straightened("'Jum’at'")
    ('. != "x"', None)
    """
    straight = text.translate(STRAIGHT)
    try:
        expression(_without_references(straight))
    except ExpressionError:
        return None
    return straight


def _without_references(text: str) -> str:
    """Read every ``${name}`` as some question's path, as the compiler will."""
    return _REFERENCE.sub(" /data/question ", text.translate(STRAIGHT))


def faults_of_appearances(survey: Sheet) -> Iterator[Fault]:
    """Find appearances nobody knows: the question is then shown plainly."""
    for row, cells in survey.records():
        for column, text in cells.items():
            if plain_header(column) != "appearance":
                continue
            for word in unknown_appearances(split_appearance(text)[0]):
                yield Fault.at(
                    Cell(survey.name, row, column),
                    f"the appearance {word!r} is not known; the question is shown plainly",
                    did_you_mean(word, KNOWN, "Remove it, unless another program needs it."),
                    is_doubt=True,
                )
