"""The question types a spreadsheet may use."""

from __future__ import annotations

from functools import cache
from typing import Literal

FROM_FILE = ("select_one_from_file", "select_multiple_from_file")
SELECTS = ("select_one", "select_multiple", "rank", "select one", "select multiple")


@cache
def known_types() -> dict[str, str]:
    """Return every question type a spreadsheet may use, by its lower-case writing and by its own."""
    from pyxform import aliases
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

    blocks = [f"{edge}{between}{what}" for edge in ("begin", "end") for between in " _" for what in BLOCKS]
    names = [*_OTHER_TYPES, *blocks, *FROM_FILE, *SELECTS, *aliases.select, *QUESTION_TYPE_DICT]
    # Where two differ by capitals alone, both are known, and the plain one is the one to advise.
    return {name.lower(): name for name in sorted(names)} | {name: name for name in names}


BLOCKS = ("group", "repeat", "loop")
_OTHER_TYPES = ("audit", "csv-external", "entity", "xml-external")


def edge_of_block(written: str) -> Literal["begin", "end", ""]:
    """Return whether a type cell begins or ends a group, repeat or loop, however that is misspelt.

    Examples
    --------
    >>> edge_of_block("Begin_group"), edge_of_block("end grup"), edge_of_block("text")
    ('begin', 'end', '')
    """
    first = written.lower().replace("_", " ").partition(" ")[0]
    return "begin" if first == "begin" else "end" if first == "end" else ""


def rightly_written(type_cell: str) -> str:
    """Return a type cell with the type's own capitals; as it is where there is no such type.

    Examples
    --------
    >>> rightly_written("Select_One villages"), rightly_written("dateTime"), rightly_written("poem")
    ('select_one villages', 'dateTime', 'poem')
    """
    kind = kind_of_type(type_cell)
    known = known_types()
    if kind.lower() not in known or kind in known:
        return type_cell
    return known[kind.lower()] + " ".join(type_cell.split())[len(kind) :]


def kind_of_type(written: str) -> str:
    """Return the type of a type cell as written, without its list.

    Examples
    --------
    >>> kind_of_type("select_one villages"), list_of_type("select_one villages")
    ('select_one', 'villages')
    """
    text = " ".join(written.split())
    for prefix in (*FROM_FILE, "select_one_external", *SELECTS):
        if text.lower() == prefix or text.lower().startswith(prefix + " "):
            return text[: len(prefix)]
    return text


def list_of_type(written: str) -> str:
    """Return the list or file a type cell names; empty where it names none."""
    words = written.split()
    kind = kind_of_type(written)
    rest = words[len(kind.split()) :]
    return rest[0] if rest else ""
