"""The question types a spreadsheet may use."""

from __future__ import annotations

from functools import cache

FROM_FILE = ("select_one_from_file", "select_multiple_from_file")
SELECTS = ("select_one", "select_multiple", "rank", "select one", "select multiple")


@cache
def known_types() -> dict[str, str]:
    """Return every question type a spreadsheet may use, by its lower-case writing."""
    from pyxform import aliases
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

    blocks = [f"{edge}{between}{what}" for edge in ("begin", "end") for between in " _" for what in _BLOCKS]
    names = [*_OTHER_TYPES, *blocks, *FROM_FILE, *SELECTS, *aliases.select, *QUESTION_TYPE_DICT]
    return {name.lower(): name for name in names}


_BLOCKS = ("group", "repeat", "loop")
_OTHER_TYPES = ("audit", "csv-external", "entity", "xml-external")


def rightly_written(type_cell: str) -> str:
    """Return a type cell with the type's own capitals; as it is where there is no such type.

    Examples
    --------
    >>> rightly_written("Select_One villages"), rightly_written("dateTime"), rightly_written("poem")
    ('select_one villages', 'dateTime', 'poem')
    """
    kind = kind_of_type(type_cell)
    known = known_types()
    if kind.lower() not in known or kind in known.values():
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
    for prefix in (*FROM_FILE, *SELECTS):
        if text.lower() == prefix or text.lower().startswith(prefix + " "):
            return text[: len(prefix)]
    return text


def list_of_type(written: str) -> str:
    """Return the list or file a type cell names; empty where it names none."""
    words = written.split()
    kind = kind_of_type(written)
    rest = words[len(kind.split()) :]
    return rest[0] if rest else ""
