"""Values that depend on the moment they were worked out, and so cannot be worked out again."""

from __future__ import annotations

from pk_research.survey.definition import Definition, Form
from pk_research.survey.xpath.syntax import Call, Expr, parts

MOMENTARY = frozenset(["now", "once", "property", "random", "today", "uuid"])


def momentary(form: Form) -> frozenset[Definition]:
    """Return the nodes whose calculation asks for the time, chance, the user or its own past."""
    return frozenset(
        definition
        for definition in form.definitions()
        for rule in [definition.rule("value")]
        if rule is not None and _asks_the_moment(rule.tree)
    )


def _asks_the_moment(tree: Expr) -> bool:
    if isinstance(tree, Call) and (
        tree.name in MOMENTARY or (tree.name == "randomize" and len(tree.arguments) == 1)
    ):
        return True
    return any(_asks_the_moment(part) for part in parts(tree))
