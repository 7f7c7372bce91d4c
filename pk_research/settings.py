"""Where things are kept, read from the environment in one place.

=====================  =====================================================================
``PK_HOME``            folder for the store and the results; default ``workspace/`` beside
                       ``notebooks/``
``PK_DATABASE_URL``    SQLAlchemy address of the store; default a SQLite file in ``PK_HOME``
``PK_BOUNDARIES``      GeoJSON of village boundaries, for maps; default none (a tile grid)
``PK_ATTACHMENTS``     folder for the photos and files of submissions; default none (they are kept
                       in the store)
``PK_SECRET``          the secret key of the house, 32 characters or more; default a file
                       ``secret.key`` in ``PK_HOME``, made the first time
=====================  =====================================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    attachments
        Folder for the files of submissions; None keeps them in the store.
    secret
        The secret key of the house; None has it read from its file when it is needed.
    """

    project: Path
    home: Path
    database_url: str
    boundaries: Path | None
    attachments: Path | None = None
    secret: str | None = field(default=None, repr=False)


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
    attachments = environ.get("PK_ATTACHMENTS")
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
        attachments=Path(attachments).resolve() if attachments else None,
        secret=environ.get("PK_SECRET") or None,
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
