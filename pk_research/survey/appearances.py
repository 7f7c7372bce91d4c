"""The appearances forms use, so that one nobody knows is told rather than ignored."""

from __future__ import annotations

import re

from pk_research.survey.definition import ChoiceList
from pk_research.survey.xpath import Expression, ExpressionError
from pk_research.survey.xpath.parser import parse
from pk_research.survey.xpath.syntax import Binary, Call, Expr, Literal, NameTest, Path, Step

KNOWN = frozenset(
    [
        "acquire",
        "analog",
        "annotate",
        "autocomplete",
        "bearing",
        "bikram-sambat",
        "columns",
        "columns-pack",
        "compact",
        "comments",
        "coptic",
        "counter",
        "distress",
        "draw",
        "ethiopian",
        "field-list",
        "front",
        "hidden",
        "hidden-answer",
        "hide-input",
        "horizontal",
        "horizontal-compact",
        "image-map",
        "islamic",
        "label",
        "likert",
        "list",
        "list-nolabel",
        "map",
        "maps",
        "masked",
        "minimal",
        "month-year",
        "multiline",
        "myanmar",
        "new",
        "new-front",
        "new-rear",
        "no-buttons",
        "no-calendar",
        "no-ticks",
        "numbers",
        "persian",
        "picker",
        "placement-map",
        "quick",
        "quickcompact",
        "randomized",
        "rating",
        "search",
        "selfie",
        "signature",
        "summary",
        "table-list",
        "textarea",
        "thousands-sep",
        "url",
        "vertical",
        "year",
    ]
)
_FAMILIES = re.compile(r"w\d+|h\d+|columns-\d+|compact-\d+|ex:.*|printer:.*|intent:.*|custom-.*")
_SEARCH = re.compile(r"search\s*\((.*)\)", re.DOTALL)
_MATCHES = {"contains": "contains", "startswith": "starts-with", "endswith": "ends-with"}


def unknown_appearances(words: tuple[str, ...]) -> list[str]:
    """Return the words of an appearance that mean nothing to us.

    Examples
    --------
    >>> unknown_appearances(("minimal", "w2", "sparkling"))
    ['sparkling']
    """
    return [word for word in words if word not in KNOWN and not _FAMILIES.fullmatch(word)]


def split_appearance(text: str) -> tuple[tuple[str, ...], str | None]:
    """Return the words of an appearance, and the `search(...)` among them if there is one.

    Examples
    --------
    >>> split_appearance("minimal search('desa', 'matches', 'kec', /data/kec)")
    (('minimal',), "search('desa', 'matches', 'kec', /data/kec)")
    """
    found = _SEARCH.search(text)
    rest = text if found is None else text[: found.start()] + text[found.end() :]
    return tuple(rest.lower().split()), None if found is None else found.group()


def searched_list(source: str, value_column: str, label_column: str) -> tuple[str, ChoiceList] | None:
    """Turn the `search()` of an appearance into a list of choices.

    Parameters
    ----------
    source
        ``search('file', 'matches', 'column', value, 'filter column', filter value)``, from the
        second argument on optional.
    value_column, label_column
        What the question's own single choice gives as value and label: names of columns.

    Returns
    -------
    tuple of name and list, or None
        Name of the CSV file without ending, and the choices; None where the call makes no sense.
    """
    try:
        call = parse(source)
    except ExpressionError:
        return None
    arguments = call.arguments if isinstance(call, Call) else ()
    if not arguments or not isinstance(arguments[0], Literal):
        return None
    name = arguments[0].value
    conditions = _conditions(arguments)
    item = Step("child", NameTest("", "item"), () if not conditions else (conditions,))
    start = Call("instance", (Literal(name),))
    nodes = Path((Step("child", NameTest("", "root")), item), start=start)
    columns = [Expression.of(_column(column)) for column in (value_column, label_column)]
    return name, ChoiceList(Expression.of(nodes), columns[0], columns[1])


def _conditions(arguments: tuple[Expr, ...]) -> Expr | None:
    if len(arguments) < 4:
        return None
    how, columns, value = arguments[1:4]
    names = columns.value.split(",") if isinstance(columns, Literal) else []
    tests = [_test(how.value if isinstance(how, Literal) else "", name.strip(), value) for name in names]
    found = tests[0] if tests else None
    for test in tests[1:]:
        found = Binary("or", found, test) if found is not None else test
    if len(arguments) == 6 and isinstance(arguments[4], Literal):
        narrowed = Binary("=", _column(arguments[4].value), arguments[5])
        return narrowed if found is None else Binary("and", narrowed, found)
    return found


def _test(how: str, column: str, value: Expr) -> Expr:
    function = _MATCHES.get(how.lower())
    return (
        Binary("=", _column(column), value) if function is None else Call(function, (_column(column), value))
    )


def _column(name: str) -> Path:
    return Path((Step("child", NameTest("", name.strip())),))
