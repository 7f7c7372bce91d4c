"""What can be wrong with an expression, while reading or while running it."""

from __future__ import annotations


class ExpressionError(ValueError):
    """An expression that cannot be read, or that fails on the values it meets.

    Parameters
    ----------
    source
        The expression, or the name of the function that failed.
    position
        Where in the expression, counted in characters from 0.
    what
        What is wrong with it.
    """

    def __init__(self, source: str, position: int, what: str) -> None:
        self.source = source
        self.position = position
        self.what = what
        super().__init__(f"in {source!r}, at character {position + 1}: {what}")


class EvaluationError(ValueError):
    """An expression that reads well but asks for something that cannot be done."""
