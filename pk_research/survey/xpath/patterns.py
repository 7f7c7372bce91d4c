"""Regular expressions of forms, on a short leash.

A pattern comes from whoever wrote the form and runs on whatever a respondent typed; a careless one
(``(a+)+$``) would keep the server busy for years, so that matching is given up after a moment.
"""

from __future__ import annotations

from functools import lru_cache

import regex

from pk_research.survey.xpath.problems import EvaluationError

SECONDS = 0.25


def fits(text: str, pattern: str) -> bool:
    """Tell whether the pattern is found somewhere in the text.

    Raises
    ------
    EvaluationError
        When the pattern cannot be read, or takes longer than a quarter of a second.

    Examples
    --------
    >>> fits("3216012001", "^[0-9]{10}$")
    True
    """
    try:
        return compiled(pattern).search(text, timeout=SECONDS) is not None
    except TimeoutError:
        raise EvaluationError(
            f"the pattern {pattern!r} takes too long on this answer; write it without nested repetition"
        ) from None


@lru_cache(maxsize=512)
def compiled(pattern: str) -> regex.Pattern[str]:
    """Prepare a pattern, as ECMAScript reads it.

    Raises
    ------
    EvaluationError
        When it cannot be read.
    """
    try:
        return regex.compile(pattern, regex.ASCII)
    except regex.error as error:
        raise EvaluationError(f"the pattern {pattern!r} cannot be read: {error}") from None
