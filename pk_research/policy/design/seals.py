"""The register of sealed plans: lines are only added, and each carries the hash of the one before."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pk_research.errors import BadInput, NotReady, Problem
from pk_research.policy.design.plan import (
    BothLanguages,
    Exclusion,
    Family,
    Outcome,
    Plan,
    Treatment,
    content_hash,
    fixed_spelling,
)

REGISTER = "plans.jsonl"
LOCK = "plans.lock"
START = "0" * 64
FIELDS = {"number", "sealed_at", "plan", "plan_hash", "previous", "line_hash"}


@dataclass(frozen=True, slots=True)
class Seal:
    """A plan as it stands in the register.

    Attributes
    ----------
    number
        Of the line, from 1.
    plan
        As it was sealed.
    sealed_at
        With its time zone.
    plan_hash
        SHA-256 of the plan's content.
    previous
        ``line_hash`` of the line before; 64 zeros on the first line.
    line_hash
        SHA-256 of the rest of the line. Who publishes it (a letter, a web page) can later show that the
        plan, and every plan before it, is as it was: a register whose last lines are taken away, or that
        is written anew from its start, can be told by nothing else.
    """

    number: int
    plan: Plan
    sealed_at: datetime
    plan_hash: str
    previous: str
    line_hash: str


def seal(plan: Plan, folder: Path | str, when: datetime) -> Seal:
    """Add a plan to the register of a folder.

    Parameters
    ----------
    plan
        What `read_plan` returned.
    folder
        Made where it is missing; the register is its file ``plans.jsonl``.
    when
        Now, with its time zone; never before the last line.

    Returns
    -------
    Seal
        What was written. Publish its ``line_hash``.

    Raises
    ------
    BadInput
        When the register was changed, holds this very plan, or has a later line.
    NotReady
        When somebody else is sealing, or the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC
    >>> from pk_research.policy.design import plan_template, read_plan
    >>> folder = tempfile.mkdtemp()
    >>> sealed = seal(read_plan(plan_template()), folder, datetime(2026, 1, 5, tzinfo=UTC))
    >>> verify_register(folder, published=[sealed.line_hash]) == (sealed,)
    True
    """
    path = Path(folder) / REGISTER
    if when.tzinfo is None:
        raise BadInput(Problem("when", "it has no time zone", "Give one, such as `datetime.now(UTC)`."))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent):
            earlier = verify_register(folder) if path.exists() else ()
            _check_new(plan, when, earlier, path)
            line = _line(plan, when, earlier)
            with path.open("ab") as file:
                file.write(fixed_spelling(line) + b"\n")
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        problem = Problem(str(path), f"it cannot be written ({error.strerror})", "Choose another folder.")
        raise NotReady(problem) from error
    return _seal_of(line)


def verify_register(folder: Path | str, *, published: Sequence[str] = ()) -> tuple[Seal, ...]:
    """Read a register, every line checked against its hash and the line before.

    Parameters
    ----------
    folder
        Where the plans were sealed.
    published
        Hashes of lines (`Seal.line_hash`) that were made public; each must still be there.

    Returns
    -------
    tuple of Seal
        In their order.

    Raises
    ------
    BadInput
        With every line that was changed, taken out, put in or cut off.

    Examples
    --------
    See `seal`.
    """
    path = Path(folder) / REGISTER
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = Problem(str(path), "there is no register", "Give the folder in which plans were sealed.")
        raise BadInput(problem) from error
    problems: list[Problem] = []
    if content and not content.endswith(b"\n"):
        problems.append(_changed(path, content.count(b"\n") + 1, "the line is cut off"))
    seals: list[Seal] = []
    previous, before = START, None
    for number, raw in enumerate(content.splitlines(), start=1):
        line, faults = _checked(raw, number, previous)
        problems += [_changed(path, number, fault) for fault in faults]
        if line is None:
            previous = ""
            continue
        entry = _seal_of(line)
        if before is not None and entry.sealed_at < before:
            problems.append(_changed(path, number, "it is of an earlier time than the line before"))
        previous, before = entry.line_hash, entry.sealed_at
        seals.append(entry)
    missing = [given for given in published if given not in {entry.line_hash for entry in seals}]
    problems += [
        Problem(str(path), f"the published line {given} is not there", "The register was written anew.")
        for given in missing
    ]
    if problems:
        raise BadInput(problems)
    return tuple(seals)


def _checked(raw: bytes, number: int, previous: str) -> tuple[dict[str, Any] | None, list[str]]:
    line = _parsed(raw)
    if line is None:
        return None, ["it is not a line of this register"]
    rest = {key: value for key, value in line.items() if key != "line_hash"}
    checks = {
        "the line does not fit its hash": content_hash(rest) == line["line_hash"],
        "the plan does not fit its hash": content_hash(line["plan"]) == line["plan_hash"],
        "it does not follow the line before": line["previous"] == previous or previous == "",
        f"its number is {line['number']}": line["number"] == number,
    }
    return line, [fault for fault, is_right in checks.items() if not is_right]


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
        _seal_of(line)
        is_ours = set(line) == FIELDS and fixed_spelling(line) == raw
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return line if is_ours else None


def _changed(path: Path, number: int, what: str) -> Problem:
    return Problem(
        f"{path}, line {number}",
        f"{what}: the register was changed",
        "Restore it from a copy; do not rely on plans from this line on.",
    )


def _check_new(plan: Plan, when: datetime, earlier: tuple[Seal, ...], path: Path) -> None:
    problems = [
        Problem(
            str(path),
            f"this very plan was sealed on {entry.sealed_at.isoformat()}",
            "Use that seal; nothing is to be added.",
        )
        for entry in earlier
        if entry.plan_hash == plan.hash
    ]
    if earlier and when < earlier[-1].sealed_at:
        last = earlier[-1].sealed_at.isoformat()
        problems.append(Problem("when", f"the last plan was sealed later, on {last}", "Give the time now."))
    if problems:
        raise BadInput(problems)


def _line(plan: Plan, when: datetime, earlier: tuple[Seal, ...]) -> dict[str, Any]:
    line = {
        "number": len(earlier) + 1,
        "sealed_at": when.isoformat(),
        "plan": plan.content,
        "plan_hash": plan.hash,
        "previous": earlier[-1].line_hash if earlier else START,
    }
    return line | {"line_hash": content_hash(line)}


def _seal_of(line: dict[str, Any]) -> Seal:
    sealed_at = datetime.fromisoformat(line["sealed_at"])
    if sealed_at.tzinfo is None:
        raise ValueError("a time without its zone")
    plan = _plan_of(line["plan"])
    return Seal(line["number"], plan, sealed_at, line["plan_hash"], line["previous"], line["line_hash"])


def _plan_of(content: dict[str, Any]) -> Plan:
    given = {key: value for key, value in content.items() if key != "form"}
    outcomes = [outcome | {"label": BothLanguages(**outcome["label"])} for outcome in given["outcomes"]]
    exclusions = [Exclusion(row["rule"], BothLanguages(**row["reason"])) for row in given["exclusions"]]
    parts = {
        "title": BothLanguages(**given["title"]),
        "question": BothLanguages(**given["question"]),
        "treatment": Treatment(**given["treatment"]),
        "outcomes": tuple(Outcome(**outcome) for outcome in outcomes),
        "families": tuple(Family(**family) for family in given["families"]),
        "exclusions": tuple(exclusions),
        "covariates": tuple(given["covariates"]),
        "subgroups": tuple(given["subgroups"]),
    }
    return Plan(**given | parts)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = folder / LOCK
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError as error:
        problem = Problem(
            str(lock), "somebody is sealing a plan", "Wait; remove this file if a sealing broke off."
        )
        raise NotReady(problem) from error
    try:
        yield
    finally:
        lock.unlink()
