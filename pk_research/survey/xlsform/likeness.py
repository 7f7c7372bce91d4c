"""What somebody probably meant by a word nobody knows."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

LETTERS_PER_SLIP = 3


def meant(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like a written one; None where none is alike.

    Parameters
    ----------
    word
        As written; capitals do not count. A slip is a letter wrong, missing, too many, or swapped with
        its neighbour; one is forgiven for every three letters.
    known
        The words there are.

    Examples
    --------
    >>> meant("Slaes", ["sales", "shop"]), meant("poem", ["text", "integer"])
    ('sales', None)
    """
    plain = word.lower()
    most = max(1, len(plain) // LETTERS_PER_SLIP)
    slips = {name: OSA.distance(plain, name.lower(), score_cutoff=most) for name in sorted(known)}
    best = min(slips, key=slips.__getitem__, default=None)
    return best if best is not None and slips[best] <= most else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the remedy for an unknown word: the one it is most like, else another sentence.

    Examples
    --------
    >>> did_you_mean("slaes", ["sales"], "Correct it.")
    "Did you mean 'sales'?"
    """
    found = meant(word, known)
    return otherwise if found is None else f"Did you mean {found!r}?"
