"""How names and answers come back from the field."""

from __future__ import annotations

import re
from collections.abc import Callable

_FIRST_WORDS = re.compile(
    r"^(Karang|Suka|Sumber|Setia|Jaya|Mekar|Pasir|Kerta|Taman|Sinar|Sirna|Lengah|Satria)(\w+)"
)


def in_capitals(name: str) -> str:
    """Write a name in capitals.

    Examples
    --------
    >>> in_capitals("Hurip Jaya")
    'HURIP JAYA'
    """
    return name.upper()


def run_together(name: str) -> str:
    """Write a name in capitals and without spaces.

    Examples
    --------
    >>> run_together("Hurip Jaya")
    'HURIPJAYA'
    """
    return name.upper().replace(" ", "")


def taken_apart(name: str) -> str:
    """Write a compound name as two words, where it is one of the usual compounds.

    Examples
    --------
    >>> taken_apart("Sukamaju"), taken_apart("Cicau")
    ('Suka Maju', 'Cicau')
    """
    return _FIRST_WORDS.sub(lambda found: f"{found[1]} {found[2].capitalize()}", name)


def with_title(name: str) -> str:
    """Put the word for village before a name.

    Examples
    --------
    >>> with_title("Cicau")
    'Desa Cicau'
    """
    return f"Desa {name}"


def letter_dropped(name: str) -> str:
    """Drop the middle letter.

    Examples
    --------
    >>> letter_dropped("Burangkeng")
    'Burankeng'
    """
    middle = len(name) // 2
    return name[:middle] + name[middle + 1 :]


def letter_doubled(name: str) -> str:
    """Double the middle letter.

    Examples
    --------
    >>> letter_doubled("Ciantra")
    'Cianntra'
    """
    middle = len(name) // 2
    return name[:middle] + name[middle] + name[middle:]


NAME_SPELLINGS: tuple[Callable[[str], str], ...] = (
    in_capitals,
    run_together,
    taken_apart,
    with_title,
    letter_dropped,
    letter_doubled,
)
CATEGORY_SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda answer: answer[:2].upper() + answer[2:],
    str.lower,
    lambda answer: answer.replace(" ", "\t") if " " in answer else f"{answer} ",
    str.upper,
    lambda answer: answer.replace(" ", "  ") if " " in answer else f" {answer}",
)
