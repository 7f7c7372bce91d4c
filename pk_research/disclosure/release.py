"""A release: rows made safe by the rules, with a record of what was withheld and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd

from pk_research.disclosure.alike import Alike, alike, blanked
from pk_research.disclosure.places import moved
from pk_research.disclosure.rules import Rules
from pk_research.disclosure.texts import reviewed
from pk_research.disclosure.withheld import counted
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.products.words import some
from pk_research.store.database import writing
from pk_research.writing import csv_bytes

if TYPE_CHECKING:
    from pk_research.store import Store
    from pk_research.store.actors import Actor

Role = Literal["personal", "key", "sensitive", "latitude", "longitude", "text", "open"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, eq=False)
class Release:
    """Rows that may leave.

    Attributes
    ----------
    frame
        The rows to give away, in an order that says nothing.
    roles
        What each column of the source was said to be; columns nobody named are withheld.
    withheld
        What was withheld and why: pairs of a sentence and how many columns, rows or values.
    report
        How far the released rows can be told apart; None where no column is a key.
    rules
        By which it was made.
    source_hash
        Of the rows it was made from.
    """

    frame: pd.DataFrame
    roles: Mapping[str, Role]
    withheld: tuple[tuple[Message, int], ...]
    report: Alike | None
    rules: Rules
    source_hash: str = field(default="")

    @property
    def content_hash(self) -> str:
        """Of the rows that leave."""
        return sha256(csv_bytes(self.frame)).hexdigest()

    def in_words(self, language: Language) -> str:
        """Say what leaves, what does not and why."""
        from pk_research.disclosure.words import release_in_words

        return release_in_words(self, language)


def release_rows(
    frame: pd.DataFrame,
    roles: Mapping[str, Role],
    *,
    secret: bytes,
    approved_texts: Mapping[str, Collection[str]] | None = None,
    is_urban: str | None = None,
    rules: Rules | None = None,
) -> Release:
    """Make rows about people or enterprises safe to give away.

    Parameters
    ----------
    frame
        One row a person or enterprise.
    roles
        Column -> what it is: ``"personal"`` (dropped), ``"key"`` (others may know it of somebody),
        ``"sensitive"`` (must not become known), ``"latitude"`` and ``"longitude"`` (moved), ``"text"``
        (only what was approved), ``"open"`` (harmless). **A column nobody names does not leave.**
        Keys are blanked in rows that too few others are like, later ones first.
    secret
        Known to nobody else, for moving places and for the order of the rows.
    approved_texts
        Column of text -> texts a person has read and allows.
    is_urban
        Column that says which places lie in towns.
    rules
        The rules; the house's own by default.

    Raises
    ------
    BadInput
        All at once: roles that do not exist, columns that are not there, one half of the coordinates; and
        what the parts of the release refuse.

    Notes
    -----
    Rows whose sensitive value follows from their keys lose it: the rules ask for at least
    ``least_values`` different ones among rows that are alike.

    Examples
    --------
    >>> rows = pd.DataFrame({"name": list("abcdef"), "sex": list("ffffff"), "debt": [0, 1, 0, 1, 0, 0]})
    >>> roles = {"name": "personal", "sex": "key", "debt": "sensitive"}
    >>> found = release_rows(rows, roles, secret=b"an example only!")
    >>> list(found.frame), found.report.k
    (['sex', 'debt'], 6)
    """
    chosen = Rules() if rules is None else rules
    _check(frame, roles)
    of = {role: [name for name in frame.columns if roles.get(name) == role] for role in ROLES}
    unnamed = [name for name in frame.columns if name not in roles]
    withheld = [
        (Message("columns with personal data ({names}) are left out", {"names": some(of["personal"])}),
         len(of["personal"])),
        (Message("columns nobody declared ({names}) are left out", {"names": some(unnamed)}), len(unnamed)),
    ]  # fmt: skip
    safe = frame.copy()
    for name in of["text"]:
        safe[name], n = reviewed(safe[name], (approved_texts or {}).get(name, ()))
        withheld.append(
            (Message("texts in “{name}” that nobody approved, or that look personal", {"name": name}), n)
        )
    if of["latitude"]:
        away = moved(
            safe, latitude=of["latitude"][0], longitude=of["longitude"][0], is_urban=is_urban,
            secret=secret, rules=chosen,
        )  # fmt: skip
        safe = away.frame
        withheld.append((Message("places moved at random"), len(frame) - away.n_without))
    report = None
    if of["key"]:
        safe, n_blanked = blanked(safe, of["key"], rules=chosen)
        withheld += [
            (Message("values of “{name}” blanked, for too few others are alike", {"name": name}), n)
            for name, n in n_blanked.items()
        ]
        safe, hidden = without_uniform(safe, of["key"], of["sensitive"], chosen)
        withheld += hidden
        report = alike(safe, of["key"], sensitive=of["sensitive"], rules=chosen)
    kept = [name for name in frame.columns if name in roles and roles[name] != "personal"]
    return Release(
        _shuffled(safe[kept], secret),
        dict(roles),
        tuple((what, n) for what, n in withheld if n),
        report,
        chosen,
        sha256(csv_bytes(frame)).hexdigest(),
    )


def record_release(store: Store, release: Release, *, by: Actor, purpose: str, to: str) -> None:
    """Write into the audit log what leaves, for whom and why, and what was withheld.

    Parameters
    ----------
    store
        Whose audit log is written.
    release
        What leaves.
    by
        Who gives it away.
    purpose, to
        What for, and to whom.

    Raises
    ------
    BadInput
        When the purpose or the receiver is not said.
    """
    details = {
        "n_rows": len(release.frame),
        "columns": list(release.frame.columns),
        "source": release.source_hash,
        "rules": asdict(release.rules),
        "withheld": counted(release.withheld),
    }
    record_leaving(store, "data released", release.content_hash, details, by=by, purpose=purpose, to=to)


def record_leaving(
    store: Store,
    kind: str,
    content_hash: str,
    details: Mapping[str, object],
    *,
    by: Actor,
    purpose: str,
    to: str,
) -> None:
    """Write into the audit log that something leaves, for whom and why.

    Parameters
    ----------
    store, by, purpose, to
        As in `record_release`.
    kind
        Of the event.
    content_hash
        Of what leaves.
    details
        What else is to be known of it.

    Raises
    ------
    BadInput
        When the purpose or the receiver is not said.
    """
    check_said(purpose=purpose, to=to)
    told = {"purpose": purpose, "to": to, "content": content_hash, **details}
    with writing(store.engine) as connection:
        store.audit.record(connection, kind, by=by, subject=content_hash[:12], details=told)


def without_uniform(
    safe: pd.DataFrame, keys: Sequence[str], sensitive: Sequence[str], rules: Rules
) -> tuple[pd.DataFrame, list[tuple[Message, int]]]:
    """Hide sensitive values that follow from the keys; tell of each column how many, and why."""
    hidden = []
    for name in sensitive:
        told = alike(safe, keys, sensitive=[name], rules=rules).is_uniform & safe[name].notna().to_numpy()
        safe = safe.assign(**{name: safe[name].mask(told)})
        what = Message("values of “{name}” hidden, for they follow from the keys", {"name": name})
        hidden.append((what, int(told.sum())))
    return safe, hidden


def _shuffled(frame: pd.DataFrame, secret: bytes) -> pd.DataFrame:
    """Order rows by a keyed hash of what they say, so that their place in the source is not told."""
    keyed = [sha256(secret + repr(row).encode()).digest() for row in frame.itertuples(index=False)]
    return frame.iloc[sorted(range(len(frame)), key=lambda row: keyed[row])].reset_index(drop=True)


def check_said(*, purpose: str, to: str) -> None:
    """Raise where it is not said what a release is for, or to whom it goes.

    Raises
    ------
    BadInput
        Naming each that is empty.
    """
    problems = [
        Problem(name, "it is not said", "Say it in a few words; it is kept in the audit log.")
        for name, value in (("purpose", purpose), ("to", to))
        if not value.strip()
    ]
    if problems:
        raise BadInput(problems)


def _check(frame: pd.DataFrame, roles: Mapping[str, Role]) -> None:
    problems = [
        Problem(f"roles, {name!r}", f"{role!r} is no role", f"Choose from: {', '.join(ROLES)}.")
        for name, role in roles.items()
        if role not in ROLES
    ]
    problems += [
        Problem(f"roles, {name!r}", "it is no column of the table", f"The table has: {some(frame.columns)}.")
        for name in roles
        if name not in frame.columns
    ]
    places = [sum(given == role for given in roles.values()) for role in ("latitude", "longitude")]
    if places not in ([0, 0], [1, 1]):
        problems.append(
            Problem("roles", "half a place is declared", "Declare one latitude and one longitude.")
        )
    if problems:
        raise BadInput(problems)
