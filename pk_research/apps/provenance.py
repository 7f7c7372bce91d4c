"""Where a figure comes from, folded away behind a small button beside it: data, choices, seed, code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research import __version__
from pk_research.apps.markup import say
from pk_research.language import Bilingual, Language, Message, number_text

if TYPE_CHECKING:
    from pk_research.store import StoredDataset

Choice = tuple[Bilingual, "Bilingual | str | float"]


@dataclass(frozen=True, slots=True)
class Data:
    """A table behind a figure.

    Attributes
    ----------
    name
        What the store, or the file, calls it.
    version
        Its version in the store; None for a table that comes with the program.
    sha256
        Hash of its content: in the store, of values and codebook; of a file, of its bytes.
    made
        True for made data.
    """

    name: str
    version: int | None
    sha256: str
    made: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """What a figure was computed from, and how.

    Attributes
    ----------
    data
        The tables, each version with its hash.
    choices
        Parameters: what, and which.
    seed
        Seed of what was drawn at random; None where nothing was.
    made
        True where anything of it is made.
    """

    data: tuple[Data, ...]
    choices: tuple[Choice, ...] = ()
    seed: int | None = None
    made: bool = False

    def with_choices(self, choices: Iterable[Choice], *, seed: int | None = None) -> Origin:
        """Return the same data with what else was chosen."""
        return replace(self, choices=(*self.choices, *choices), seed=seed)


def origin_of(entries: Sequence[StoredDataset]) -> Origin:
    """Return the origin of figures from datasets of the store."""
    data = tuple(Data(entry.name, entry.version, entry.content_hash, entry.made) for entry in entries)
    return Origin(data, made=any(one.made for one in data))


def shipped(path: Path) -> Data:
    """Return a made table that comes with the program."""
    return Data(path.name, None, sha256(path.read_bytes()).hexdigest(), made=True)


def origin_html(origin: Origin, figure: Bilingual, language: Language) -> str:
    """Return the button and what it opens.

    Parameters
    ----------
    origin
        What the figure was computed from.
    figure
        Which figure, for those who hear the page: a page has many such buttons.
    language
        ``"id"`` or ``"en"``.

    Examples
    --------
    >>> origin = Origin((Data("villages", 2, "ab12", made=True),), ((Message("Year"), "2024"),), 7, made=True)
    >>> html = origin_html(origin, Message("Villages ranked"), "en")
    >>> [part in html for part in ("villages, version 2", "ab12", "<dt>Year</dt><dd>2024</dd>", "<dd>7</dd>")]
    [True, True, True, True]
    """
    rows = [(say("Data", language), data_html(one, language)) for one in origin.data]
    rows += [(escape(what.text(language)), _which(which, language)) for what, which in origin.choices]
    seed = say("nothing was drawn at random", language) if origin.seed is None else str(origin.seed)
    made = "made as an example" if origin.made else "real data"
    rows += [
        (say("Seed", language), seed),
        (say("Code", language), f"pk-research {__version__}"),
        (say("Kind of data", language), say(made, language)),
    ]
    return folded_html(Message("Where the numbers come from"), figure, rows, language)


def folded_html(what: Bilingual, of: Bilingual, rows: Iterable[tuple[str, str]], language: Language) -> str:
    """Return a list folded away behind a small button.

    Parameters
    ----------
    what
        What the button says.
    of
        Of what, for those who hear the page.
    rows
        Terms and what is said of them; HTML already.
    language
        ``"id"`` or ``"en"``.
    """
    listed = "".join(f"<div><dt>{term}</dt><dd>{said}</dd></div>" for term, said in rows)
    heard = escape(Message("of: {figure}", {"figure": of}).text(language))
    return (
        f"<details class='pk-origin'><summary>{escape(what.text(language))}"
        f" <span class='pk-heard'>{heard}</span></summary><dl>{listed}</dl></details>"
    )


def data_html(one: Data, language: Language) -> str:
    """Return the name of a table, its version and its hash."""
    if one.version is None:
        name = Message("{name}, comes with the program", {"name": one.name}).text(language)
    else:
        name = Message("{name}, version {version}", {"name": one.name, "version": one.version}).text(language)
    return f"{escape(name)} <code>SHA-256 {escape(one.sha256)}</code>"


def _which(which: Bilingual | str | float, language: Language) -> str:
    if isinstance(which, str):
        return escape(which)
    if isinstance(which, Bilingual):
        return escape(which.text(language))
    return number_text(which, language)
