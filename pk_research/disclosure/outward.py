"""Tables of villages that everybody may take away: nothing that tells of a person is in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from pk_research.disclosure.classes import LATITUDE, LONGITUDE, PERSONAL, UNLESS, words
from pk_research.disclosure.texts import found_in
from pk_research.disclosure.withheld import kept
from pk_research.language import Message
from pk_research.store.actors import Actor, Role
from pk_research.store.database import writing
from pk_research.store.tables import audit_event

if TYPE_CHECKING:
    from pk_research.store import Store

KIND, WRITTEN = "file taken away", "files released"
Log = Callable[[Mapping[str, bytes], Sequence[Message]], None]
"""Takes what is about to leave, by name, and what was withheld from it."""
VISITOR = Actor("visitor", "open-app", Role.RESPONDENT)


@dataclass(frozen=True, eq=False)
class OpenTable:
    """A table that may leave.

    Attributes
    ----------
    frame
        The table.
    report
        What was withheld from it.
    """

    frame: pd.DataFrame
    report: tuple[Message, ...]


def open_table(frame: pd.DataFrame) -> OpenTable:
    """Return a table of villages without what tells of a person.

    Parameters
    ----------
    frame
        One row a village, with names or headings in either language. Numbers of villages are public; a
        count of people in a small cell is not looked for here, see `suppress`.

    Notes
    -----
    Columns go whose heading names a person's data or exact degrees; cells go whose text looks personal.

    Examples
    --------
    >>> table = open_table(pd.DataFrame({"village": ["A"], "owner": ["Ani"], "note": ["WA 081234567890"]}))
    >>> list(table.frame), table.frame["note"].tolist(), len(table.report)
    (['village', 'note'], [None], 2)
    """
    gone = [name for name in frame.columns if tells_who(str(name))]
    safe = frame.drop(columns=gone)
    report = []
    if gone:
        names = ", ".join(map(str, gone))
        report.append(
            Message("Columns left out, for they tell who somebody is or where exactly: {names}.",
                    {"names": names})
        )  # fmt: skip
    for n, name in enumerate(safe.columns):
        column = safe.iloc[:, n].astype(object)
        personal = np.array(
            [isinstance(value, str) and bool(found_in(value)) for value in column], dtype=bool
        )
        if personal.any():
            safe.isetitem(n, column.mask(personal, None))
            values = {"name": name, "n": int(personal.sum())}
            report.append(Message("“{name}”: {n} cells that look personal are blanked.", values))
    return OpenTable(safe, tuple(report))


def record_open(
    store: Store, name: str, content: bytes, *, by: Actor = VISITOR, withheld: Sequence[Message] = ()
) -> None:
    """Write into the audit log that a file was taken away, the same file once.

    Parameters
    ----------
    store
        Whose audit log is written.
    name, content
        The file.
    by
        Who took it; any visitor by default.
    withheld
        What is not in it, and why.
    """
    subject = sha256(content).hexdigest()[:32]
    details: dict[str, Any] = {
        "file": name,
        "n_bytes": len(content),
        "withheld": kept(withheld),
    }
    known = (audit_event.c.kind == KIND) & (audit_event.c.subject == subject)
    with writing(store.engine) as connection:
        if connection.execute(select(audit_event.c.number).where(known)).first() is not None:
            return
        store.audit.record(connection, KIND, by=by, subject=subject, details=details)


def log_of(store: Store, *, by: Actor, what: str) -> Log:
    """Return what writes files into the audit log before they are written anywhere else.

    Parameters
    ----------
    store
        Whose audit log is written.
    by
        Who releases them.
    what
        What they are, such as ``"replication package"``.
    """

    def record(files: Mapping[str, bytes], withheld: Sequence[Message]) -> None:
        hashes = {name: sha256(content).hexdigest() for name, content in sorted(files.items())}
        subject = sha256(repr(hashes).encode()).hexdigest()[:32]
        details = {
            "what": what,
            "files": hashes,
            "withheld": kept(withheld),
        }
        with writing(store.engine) as connection:
            store.audit.record(connection, WRITTEN, by=by, subject=subject, details=details)

    return record


def tells_who(heading: str) -> bool:
    """Return whether a column of this heading tells who somebody is, or where exactly.

    Examples
    --------
    >>> [tells_who(heading) for heading in ("owner_name", "Nomor HP", "owner_sex", "Desa")]
    [True, True, False, False]
    """
    known = words(heading)
    return bool(known & (LATITUDE | LONGITUDE)) or bool(known & PERSONAL and not known & UNLESS)
