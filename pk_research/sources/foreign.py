"""Readers written in C, C++ and Rust: whatever they raise becomes one clear problem."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pk_research.errors import BadInput, PkError, Problem


@contextmanager
def foreign_reader(where: str) -> Iterator[None]:
    """Turn what a foreign reader raises on a damaged file into a problem.

    Raises
    ------
    BadInput
        For every error but our own; also for panics of Rust code, which are no `Exception`.
    """
    try:
        yield
    except (PkError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise BadInput(
            Problem(where, f"the file is damaged ({reason})", "Download it again, or open and save it again.")
        ) from error
