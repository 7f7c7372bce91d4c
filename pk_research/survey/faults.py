"""Gathering what is wrong with a form, so that it is all told at once."""

from __future__ import annotations

from collections.abc import Mapping

from pk_research.errors import BadInput, Problem
from pk_research.survey.definition import Definition
from pk_research.survey.references import unknown_paths
from pk_research.survey.tree import Element
from pk_research.survey.xpath import Expression, ExpressionError, expression
from pk_research.survey.xpath.functions import FUNCTIONS
from pk_research.survey.xpath.syntax import Call, Expr, Literal, parts


class Faults:
    """Faults of a form so far, and the expressions still to be checked."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.expressions: list[tuple[str, Expression]] = []

    def __bool__(self) -> bool:
        return bool(self.problems)

    def add(self, where: str, what: str, remedy: str) -> None:
        """Note a fault."""
        self.problems.append(Problem(f"form, {where}", what, remedy))

    def expression(self, source: str, where: str) -> Expression | None:
        """Read an expression, or note why it cannot be."""
        try:
            found = expression(source)
        except ExpressionError as error:
            self.add(where, f"the expression cannot be read {error}", "Correct the expression.")
            return None
        self.expressions.append((where, found))
        return found

    def check_functions(self) -> None:
        """Note every function that does not exist, or is called with too few or many arguments."""
        for where, found in self.expressions:
            for call in _calls(found.tree):
                function = FUNCTIONS.get(call.name)
                if function is None:
                    self.add(
                        where, f"there is no function {call.name}()", "Correct its name, or do without it."
                    )
                elif not function.fewest <= len(call.arguments) <= function.most:
                    self.add(
                        where,
                        f"{call.name}() does not take {len(call.arguments)} arguments",
                        f"Give it {_range(function.fewest, function.most)}.",
                    )

    def check_paths(self, root: Definition, instances: Mapping[str, Element], doubts: list[str]) -> None:
        """Note paths that lead nowhere: as faults where nothing could ever come of them."""
        for where, found in self.expressions:
            for call in _calls(found.tree):
                if call.name == "instance" and call.arguments and isinstance(call.arguments[0], Literal):
                    name = call.arguments[0].value
                    if name not in instances:
                        doubts.append(f"{where}: there is no list {name!r}")
                if call.name == "jr:choice-name" and len(call.arguments) == 2:
                    self._check_choice_path(where, call.arguments[1], root)
            doubts.extend(
                f"{where}: the form has no question {path}" for path in unknown_paths(found.tree, root)
            )

    def _check_choice_path(self, where: str, argument: Expr, root: Definition) -> None:
        if not isinstance(argument, Literal) or not argument.value.strip().startswith("/"):
            return
        missing = unknown_paths(expression(argument.value.strip()).tree, root)
        for path in missing:
            self.add(where, f"jr:choice-name() asks for {path}, which does not exist", "Correct the path.")

    def raise_if_any(self) -> None:
        """Raise what was noted.

        Raises
        ------
        BadInput
            With every fault.
        """
        if self.problems:
            raise BadInput(self.problems)


def _calls(tree: Expr) -> list[Call]:
    inside = [call for part in parts(tree) for call in _calls(part)]
    return [tree, *inside] if isinstance(tree, Call) else inside


def _range(fewest: int, most: int) -> str:
    if fewest == most:
        return str(fewest)
    return f"at least {fewest}" if most > 100 else f"{fewest} to {most}"
