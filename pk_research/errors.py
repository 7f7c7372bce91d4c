"""What goes wrong, said to whoever must act: where, what, and what to do.

Every error of the package is a `PkError` carrying one or more `Problem` rows. A reader that
meets several faults in one file gathers them all and raises once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault, located and with its remedy.

    Attributes
    ----------
    where
        File, sheet, row, column or option, as the person who must act would look for it.
    what
        What was found, quoting the offending value.
    remedy
        What to do about it.

    Examples
    --------
    >>> print(Problem("villages.csv, row 3", "'32160120' is not a village code",
    ...               "Give the 10 digits of the Kemendagri code."))
    villages.csv, row 3: '32160120' is not a village code. Give the 10 digits of the Kemendagri code.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what.rstrip('.')}. {self.remedy}"


class PkError(Exception):
    """Base of every error the package raises on purpose.

    Parameters
    ----------
    problems
        Everything that was found wrong, in reading order; never empty.

    Examples
    --------
    >>> error = PkError([Problem("a.csv", "it is empty", "Export it again.")])
    >>> str(error)
    'a.csv: it is empty. Export it again.'
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        if not self.problems:
            raise ValueError("an error needs at least one problem to report")
        super().__init__(self._text())

    def _text(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        lines = [f"{len(self.problems)} problems:"]
        lines += [f"  - {problem}" for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"  ... and {len(self.problems) - SHOWN} more of the same list")
        return "\n".join(lines)


class BadInput(PkError):
    """A file or a value somebody gave cannot be used as it is."""


class NotFound(PkError):
    """A dataset, variable, village or file that was asked for does not exist."""


class NotReady(PkError):
    """The machine lacks something the task needs: a program, a package, a setting."""
