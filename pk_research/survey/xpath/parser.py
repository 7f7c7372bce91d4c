"""Reading an expression: tokens in, a tree of operations out."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from pk_research.survey.xpath.lexer import Token, tokenize
from pk_research.survey.xpath.problems import ExpressionError
from pk_research.survey.xpath.syntax import (
    Binary,
    Call,
    Chain,
    Expr,
    Filter,
    KindTest,
    Literal,
    NameTest,
    Negation,
    Number,
    Operator,
    Path,
    Step,
    Union,
)

AXES = frozenset(
    [
        "ancestor",
        "ancestor-or-self",
        "attribute",
        "child",
        "descendant",
        "descendant-or-self",
        "following",
        "following-sibling",
        "namespace",
        "parent",
        "preceding",
        "preceding-sibling",
        "self",
    ]
)
KINDS = frozenset(["comment", "node", "processing-instruction", "text"])
MAX_NESTING = 60

_LEVELS: tuple[tuple[Operator, ...], ...] = (
    ("or",),
    ("and",),
    ("=", "!="),
    ("<=", "<", ">=", ">"),
    ("+", "-"),
    ("*", "div", "mod"),
)
_OPERATORS: dict[str, tuple[Operator, int]] = {
    operator: (operator, rank) for rank, operators in enumerate(_LEVELS) for operator in operators
}
_ANY_DESCENDANT = Step("descendant-or-self", KindTest("node"))


@lru_cache(maxsize=4096)
def parse(source: str) -> Expr:
    """Read an XPath 1.0 expression, as ODK writes them.

    Raises
    ------
    ExpressionError
        When the text is not an expression.

    Examples
    --------
    >>> parse("1 + 2")
    Binary(operator='+', left=Number(value=1.0), right=Number(value=2.0))
    """
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.index = 0
        self.nesting = 0

    def whole(self) -> Expr:
        expression = self.expression()
        token = self.peek()
        if token is not None:
            raise self.fault(f"{token.text!r} is not expected here")
        return expression

    def peek(self, offset: int = 0) -> Token | None:
        index = self.index + offset
        return self.tokens[index] if index < len(self.tokens) else None

    def text(self, offset: int = 0) -> str:
        token = self.peek(offset)
        return "" if token is None or token.kind == "literal" else token.text

    def take(self) -> Token:
        token = self.peek()
        if token is None:
            raise self.fault("it ends too early")
        self.index += 1
        return token

    def expect(self, text: str) -> None:
        if self.text() != text:
            found = self.peek()
            raise self.fault(f"{text!r} is missing" + (f" before {found.text!r}" if found else " at the end"))
        self.index += 1

    def fault(self, what: str) -> ExpressionError:
        token = self.peek()
        return ExpressionError(self.source, token.position if token else len(self.source), what)

    def expression(self) -> Expr:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.fault(f"it is nested more than {MAX_NESTING} deep")
        result = self.ranked(0)
        self.nesting -= 1
        return result

    def ranked(self, rank: int) -> Expr:
        """Read operands joined by operators of this rank or a tighter one."""
        expression = self.unary()
        while (found := self.operator()) is not None and found[1] >= rank:
            expression = self.joined(expression, found[1])
        return expression

    def joined(self, first: Expr, rank: int) -> Expr:
        """Read the rest of a run of operators of one rank, of which ``first`` is the first operand."""
        rest: list[tuple[Operator, Expr]] = []
        while (found := self.operator()) is not None and found[1] == rank:
            self.index += 1
            rest.append((found[0], self.ranked(rank + 1)))
        if len(rest) == 1:
            return Binary(rest[0][0], first, rest[0][1])
        return Chain(first, tuple(rest))

    def operator(self) -> tuple[Operator, int] | None:
        """Return the operator that comes next and its rank, if one does."""
        token = self.peek()
        if token is None or token.kind not in ("operator", "symbol"):
            return None
        return _OPERATORS.get(token.text)

    def unary(self) -> Expr:
        minus = 0
        while self.text() == "-":
            self.index += 1
            minus += 1
        operand = self.union()
        for _ in range(minus):
            operand = Negation(operand)
        return operand

    def union(self) -> Expr:
        left = self.path()
        while self.text() == "|":
            self.index += 1
            left = Union(left, self.path())
        return left

    def path(self) -> Expr:
        start = self.primary()
        if start is None:
            return self.location()
        if self.text() == "[":
            start = Filter(start, self.predicates())
        if self.text() in ("/", "//"):
            return Path(tuple(self.following_steps()), start=start)
        return start

    def primary(self) -> Expr | None:
        token = self.peek()
        if token is None:
            raise self.fault("it ends too early")
        reader: Callable[[], Expr] | None = None
        if token.kind == "literal":
            reader = self.literal
        elif token.kind == "number":
            reader = self.number
        elif token.text == "(":
            reader = self.parenthesis
        elif token.kind == "name" and self.text(1) == "(" and token.text not in KINDS:
            reader = self.call
        elif token.text == "$":
            raise self.fault("variables ($name) do not exist in forms; write ${name} in the spreadsheet")
        return reader() if reader else None

    def literal(self) -> Expr:
        return Literal(self.take().text[1:-1])

    def number(self) -> Expr:
        return Number(float(self.take().text))

    def parenthesis(self) -> Expr:
        self.expect("(")
        inside = self.expression()
        self.expect(")")
        return inside

    def call(self) -> Expr:
        name = self.take().text
        self.expect("(")
        arguments: list[Expr] = []
        if self.text() != ")":
            arguments.append(self.expression())
            while self.text() == ",":
                self.index += 1
                arguments.append(self.expression())
        self.expect(")")
        return Call(name, tuple(arguments))

    def location(self) -> Expr:
        if self.text() == "/" and not self.starts_step(1):
            self.index += 1
            return Path((), absolute=True)
        if self.text() in ("/", "//"):
            return Path(tuple(self.following_steps()), absolute=True)
        steps = [self.step()]
        steps.extend(self.following_steps())
        return Path(tuple(steps))

    def starts_step(self, offset: int) -> bool:
        token = self.peek(offset)
        return token is not None and (token.kind in ("name", "wildcard") or token.text in ("@", ".", ".."))

    def following_steps(self) -> list[Step]:
        steps: list[Step] = []
        while self.text() in ("/", "//"):
            if self.take().text == "//":
                steps.append(_ANY_DESCENDANT)
            steps.append(self.step())
        return steps

    def step(self) -> Step:
        token = self.peek()
        if token is None:
            raise self.fault("it ends too early")
        if token.text in (".", "..") and token.kind == "symbol":
            self.index += 1
            axis = "self" if token.text == "." else "parent"
            return Step(axis, KindTest("node"), self.predicates())
        axis = self.axis()
        return Step(axis, self.test(), self.predicates())

    def axis(self) -> str:
        if self.text() == "@":
            self.index += 1
            return "attribute"
        if self.text(1) != "::":
            return "child"
        axis = self.take().text
        if axis not in AXES:
            raise self.fault(f"there is no axis {axis!r}")
        self.expect("::")
        return axis

    def test(self) -> NameTest | KindTest:
        token = self.take()
        if token.kind == "wildcard":
            return NameTest("", "*")
        if token.kind != "name":
            self.index -= 1
            raise self.fault(f"{token.text!r} is not expected here")
        if token.text in KINDS and self.text() == "(":
            return self.kind(token.text)
        prefix, _, local = token.text.rpartition(":")
        return NameTest(prefix, local)

    def kind(self, name: str) -> KindTest:
        self.expect("(")
        token = self.peek()
        target = None
        if token is not None and token.kind == "literal":
            target = self.take().text[1:-1]
        self.expect(")")
        return KindTest(name, target)

    def predicates(self) -> tuple[Expr, ...]:
        found: list[Expr] = []
        while self.text() == "[":
            self.index += 1
            found.append(self.expression())
            self.expect("]")
        return tuple(found)
