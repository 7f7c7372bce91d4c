"""Saying a rule in plain words: ``only if question 3 is “Other”``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pk_research.language import Message
from pk_research.survey.definition import Definition
from pk_research.survey.paper.wording import Wording
from pk_research.survey.references import references
from pk_research.survey.xpath import Expression
from pk_research.survey.xpath.syntax import Binary, Call, Chain, Expr, Literal, Negation, Number, Path
from pk_research.survey.xpath.values import number_text

COMPARED = {
    "=": "{question} is {value}",
    "!=": "{question} is not {value}",
    "<": "{question} is less than {value}",
    "<=": "{question} is {value} or less",
    ">": "{question} is more than {value}",
    ">=": "{question} is {value} or more",
}
EMPTY = {"=": "{question} has no answer", "!=": "{question} has an answer"}
INCLUDES, LACKS = "{question} includes {value}", "{question} does not include {value}"
_PATH = re.compile(r"(?<![\w)./])/[\w./-]*[\w-]")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Sentences:
    """Says the rules of a form.

    Attributes
    ----------
    wording
        Says the form's own texts.
    numbers
        Numbers of the questions on paper, by path.
    """

    wording: Wording
    numbers: Mapping[str, str]

    def condition(self, rule: Expression, node: Definition) -> Message:
        """Return a rule in words; where it is too involved for that, as it is written.

        Parameters
        ----------
        rule
            The rule.
        node
            The node it belongs to.
        """
        found = self._said(rule.tree, node)
        if found is not None:
            return found
        return Message("the rule {rule} holds", {"rule": _PATH.sub(self._short, rule.source.strip())})

    def _short(self, path: re.Match[str]) -> str:
        number = self.numbers.get(path[0])
        return path[0].rpartition("/")[2] if number is None else f"[{number}]"

    def _said(self, tree: Expr, node: Definition) -> Message | None:
        found: Message | None = None
        match tree:
            case Binary(("and" | "or") as operator, left, right):
                found = self._together(operator, (left, right), node)
            case Chain(first, rest) if {operator for operator, _ in rest} in ({"and"}, {"or"}):
                found = self._together(rest[0][0], (first, *(operand for _, operand in rest)), node)
            case Binary(operator, left, right):
                found = self._compared(operator, left, right, node)
            case Call("selected", (asked, Literal(value))):
                found = self._about(asked, node, INCLUDES, value)
            case Call("not", (Call("selected", (asked, Literal(value))),)):
                found = self._about(asked, node, LACKS, value)
            case Call("not", (inner,)):
                said = self._bracketed(inner, "not", node)
                if said is not None:
                    found = Message("it is not so that {condition}", {"condition": said})
        return found

    def _together(self, operator: str, operands: tuple[Expr, ...], node: Definition) -> Message | None:
        said = [self._bracketed(operand, operator, node) for operand in operands]
        found: Message | None = said[0]
        for one in said[1:]:
            if found is None or one is None:
                return None
            both = {"first": found, "second": one}
            joint = "{first} and {second}" if operator == "and" else "{first} or {second}"
            found = Message(joint, both)
        return found

    def _bracketed(self, tree: Expr, operator: str, node: Definition) -> Message | None:
        """Say a part of a rule, in brackets where its own "and" or "or" is another than around it."""
        said = self._said(tree, node)
        is_other = _joint(tree) not in ("", operator)
        return Message("({condition})", {"condition": said}) if said is not None and is_other else said

    def _compared(self, operator: str, left: Expr, right: Expr, node: Definition) -> Message | None:
        value, asked = _constant(right), left
        if value is None:
            value, asked, operator = _constant(left), right, _MIRRORED.get(operator, "")
        if value is None or operator not in _MIRRORED:
            return None
        template = EMPTY[operator] if value == "" and operator in EMPTY else COMPARED[operator]
        return self._about(asked, node, template, value)

    def _about(self, asked: Expr, node: Definition, template: str, value: str) -> Message | None:
        found = [reference.target for reference in references(asked, node)] if isinstance(asked, Path) else []
        if len(found) != 1 or not found[0].is_leaf:
            return None
        question = found[0]
        return Message(template, {"question": self._called(question), "value": self._value(question, value)})

    def _called(self, question: Definition) -> Message:
        number = self.numbers.get(question.path)
        if number is not None:
            return Message("question {number}", {"number": number})
        return Message("“{name}”", {"name": self.wording.label(question) or question.local})

    def _value(self, question: Definition, value: str) -> str:
        label = self.wording.choice(question, value)
        return f"“{label}”" if label else value


def _joint(tree: Expr) -> str:
    """Return the "and" or "or" that holds an expression together; empty where there is none."""
    match tree:
        case Binary(("and" | "or") as operator, _, _):
            return operator
        case Chain(_, rest) if rest[0][0] in ("and", "or"):
            return rest[0][0]
    return ""


def _constant(tree: Expr) -> str | None:
    match tree:
        case Literal(value):
            return value
        case Number(value):
            return number_text(value)
        case Negation(Number(value)):
            return number_text(-value)
    return None
