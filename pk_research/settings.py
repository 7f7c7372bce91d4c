"""Where things are kept, read from the environment in one place.

=====================  =====================================================================
``PK_HOME``            folder for the store and the results; default ``workspace/`` beside
                       ``notebooks/``
``PK_DATABASE_URL``    SQLAlchemy address of the store; default a SQLite file in ``PK_HOME``
``PK_BOUNDARIES``      GeoJSON of village boundaries, for maps; default none (a tile grid)
=====================  =====================================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pk_research.errors import NotFound, Problem


@dataclass(frozen=True, slots=True)
class Settings:
    """The places this run works with.

    Attributes
    ----------
    project
        Folder that holds ``notebooks/`` and ``data/``.
    home
        Folder for what the workbench writes.
    database_url
        SQLAlchemy address of the store.
    boundaries
        GeoJSON file of village boundaries, or None.
    """

    project: Path
    home: Path
    database_url: str
    boundaries: Path | None


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables.

    Parameters
    ----------
    environ
        The variables; the process's own by default.

    Returns
    -------
    Settings
        With absolute paths. No folder is created.

    Raises
    ------
    NotFound
        When ``PK_BOUNDARIES`` names a file that does not exist.

    Examples
    --------
    >>> read_settings({"PK_HOME": "/tmp/pk"}).database_url
    'sqlite:////tmp/pk/store.sqlite'
    """
    project = project_folder()
    home = Path(environ.get("PK_HOME") or project / "workspace").resolve()
    boundaries = environ.get("PK_BOUNDARIES")
    if boundaries and not Path(boundaries).is_file():
        raise NotFound(
            Problem(
                "PK_BOUNDARIES",
                f"there is no file {boundaries!r}",
                "Give the path of a GeoJSON file of village boundaries, or unset it.",
            )
        )
    return Settings(
        project=project,
        home=home,
        database_url=_absolute(environ.get("PK_DATABASE_URL") or f"sqlite:///{home / 'store.sqlite'}"),
        boundaries=Path(boundaries).resolve() if boundaries else None,
    )


def _absolute(url: str) -> str:
    """Make the file of a SQLite address absolute: notebooks run in a folder of their own."""
    relative = re.fullmatch(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)([^?]+)(\?.*)?", url)
    return f"{relative[1]}{Path(relative[2]).resolve()}{relative[3] or ''}" if relative else url


def project_folder() -> Path:
    """Find the folder with ``notebooks/`` and ``data/``: the checkout, else the working folder.

    Examples
    --------
    >>> project_folder().is_absolute()
    True
    """
    checkout = Path(__file__).resolve().parents[1]
    return checkout if (checkout / "notebooks").is_dir() else Path.cwd()
