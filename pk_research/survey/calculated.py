"""Which calculations give a number, by how they are written."""

from __future__ import annotations

from collections.abc import Iterable

from pk_research.survey.definition import Definition
from pk_research.survey.xpath.syntax import Binary, Call, Chain, Expr, Literal, Negation, Number

_ARITHMETIC = frozenset({"+", "-", "*", "div", "mod"})
_FUNCTIONS = frozenset(
    {
        *("number", "int", "floor", "ceiling", "round", "abs", "sqrt", "pow", "exp", "exp10", "log", "log10"),
        *("pi", "random", "sum", "max", "min", "count", "count-non-empty", "count-selected", "position"),
        *("last", "string-length", "area", "distance", "decimal-date-time", "decimal-time"),
    }
)
_CHOOSING = {"if": 1, "coalesce": 0, "once": 0}
"""Functions that give one of their arguments, and from which one on."""


def gives_number(question: Definition) -> bool:
    """Return whether a question is calculated by an expression whose result is a number.

    An empty text beside numbers, as in ``if(a >= 0, a + b, '')``, is no answer and stays missing.
    What is looked up, as by ``pulldata``, may be a code and is not taken for a number: the form
    says so with ``bind::type``.

    Examples
    --------
    >>> from pk_research.survey.definition import Bind
    >>> from pk_research.survey.xpath import Expression
    >>> def calculated(source):
    ...     bind = Bind("/data/x", rules={"value": Expression(source)})
    ...     return gives_number(Definition("x", "/data/x", None, 1, bind=bind))
    >>> calculated("if(/data/a >= 0, /data/a + /data/b, '')"), calculated("count(/data/crop)")
    (True, True)
    >>> calculated("concat(1, 2)"), calculated("pulldata('villages', 'code', 'name', /data/a)")
    (False, False)
    """
    rule = question.rule("value")
    return rule is not None and rule.tree is not None and _is_number(rule.tree)


def _is_number(tree: Expr) -> bool:
    match tree:
        case Number() | Negation():
            return True
        case Binary(operator):
            return operator in _ARITHMETIC
        case Chain(_, rest):
            return all(operator in _ARITHMETIC for operator, _ in rest)
        case Call(name, arguments) if name in _CHOOSING:
            return _are_numbers(arguments[_CHOOSING[name] :])
        case Call(name):
            return name in _FUNCTIONS
        case _:
            return False


def _are_numbers(chosen: Iterable[Expr]) -> bool:
    """Whether all are numbers, or an empty text beside them."""
    given = [tree for tree in chosen if tree != Literal("")]
    return bool(given) and all(map(_is_number, given))
