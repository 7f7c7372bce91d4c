"""How a work is cited: its title, its authors, its date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pk_research.errors import BadInput, Problem


@dataclass(frozen=True, slots=True)
class About:
    """What the package is of.

    Attributes
    ----------
    title
        Of the work.
    authors
        Their names, as they are to be cited.
    description
        One paragraph.
    date
        Of publication, as ``2026-11-30``.
    """

    title: str
    authors: tuple[str, ...]
    description: str
    date: str


def cited(project: Path, date: str) -> About:
    """Return title and authors of the checkout's ``CITATION.cff``.

    Raises
    ------
    BadInput
        When the date is not written as ``2026-11-30``.
    """
    import yaml

    try:
        datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadInput(Problem("date", f"it is {date!r}", "Write it as 2026-11-30.")) from error
    entry = yaml.safe_load((project / "CITATION.cff").read_text(encoding="utf-8"))
    return About(
        entry["title"],
        tuple(_author(one) for one in entry["authors"]),
        "What the villages of Kabupaten Bekasi can do, which are alike, what each could make, and whether"
        " policies help: the analyses of the programme Pabrik Kampoeng, from raw data to every figure.",
        date,
    )


def _author(entry: Mapping[str, str]) -> str:
    """Return an author of a citation file: an organisation has a name, a person parts of one."""
    parts = ("given-names", "name-particle", "family-names", "name-suffix")
    return entry.get("name") or " ".join(entry[part] for part in parts if part in entry)
