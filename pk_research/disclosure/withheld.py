"""What was withheld from something that left, as the audit log keeps it and as it is read again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pk_research.language import Bilingual, Message


def kept(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Return sentences as the audit log keeps them: to be read in either language."""
    return [_plain(message) for message in messages]


def counted(told: Iterable[tuple[Message, int]]) -> list[dict[str, Any]]:
    """Return counted sentences as the audit log keeps them."""
    return [{"what": _plain(what), "n": int(n)} for what, n in told]


def withheld_of(details: Mapping[str, Any]) -> tuple[Message, ...]:
    """Read from the details of an event what was withheld, and why.

    Parameters
    ----------
    details
        Of a release, a file that was taken away, or a table. What earlier versions wrote down is English
        text, and stays so.

    Examples
    --------
    >>> from pk_research.disclosure import withheld_message
    >>> [one.text("id") for one in withheld_of({"withheld": kept([withheld_message(3)])})]
    ['Nilai dari kurang dari 5 orang atau usaha tidak ditampilkan: 3']
    >>> [one.text("id") for one in withheld_of({"withheld": [{"what": "rows", "n": 2}, "{columns}"]})]
    ['Ditahan: rows (2).', '{columns}']
    """
    found = [_read(entry) for entry in details.get("withheld", ())]
    if details.get("hidden"):
        found.append(Message("Cells hidden: {n}.", {"n": len(details["hidden"])}))
    return tuple(found)


def _plain(message: Message) -> dict[str, Any]:
    """Return a message as JSON holds it; labels and figures of other kinds as plain ones."""
    found: dict[str, Any] = json.loads(json.dumps(message.to_dict(), default=_value))
    return found


def _value(value: object) -> object:
    if isinstance(value, Bilingual):
        return Message(value.text("en")).to_dict()
    return value.item() if hasattr(value, "item") else str(value)


def _read(entry: object) -> Message:
    if isinstance(entry, Mapping) and "what" in entry:
        return Message("Withheld: {what} ({n}).", {"what": _read(entry["what"]), "n": entry["n"]})
    if isinstance(entry, Mapping):
        return Message.from_dict(entry)
    return Message(str(entry).replace("{", "{{").replace("}", "}}"))
