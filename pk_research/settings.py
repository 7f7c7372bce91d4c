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
``PK_DRAFT_MIB``       how much the files of one filling may be together, in MiB, while it is
                       filled in a browser; default 100
``PK_TRUSTED_PROXIES`` addresses or networks of proxies that say in ``X-Forwarded-For`` for whom they
                       ask, with commas between them; default none, and nobody is believed
``PK_COMPUTE``         where heavy loops run: a number of workers on this machine, ``all`` for one a
                       core, or a Dask scheduler such as ``tcp://10.0.0.5:8786``; default in the
                       process itself
``PK_KERNELS``         how many visitors may have a live app of their own at once; further ones see a
                       waiting page. Default as many as the memory of the machine allows
``PK_KERNEL_MIB``      how much memory of its own the live app of one visitor may hold, in MiB, before it
                       is stopped; default 512
``PK_REQUESTS_MINUTE`` how many requests one network address may make in a minute; default 6000
``PK_LOG``             ``json`` for a log of one JSON object a line; default ``text``
=====================  =====================================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from pk_research.errors import BadInput, NotFound, Problem

Networks = tuple[IPv4Network | IPv6Network, ...]
MIB = 1024 * 1024
DRAFT_MIB = 100
KERNEL_MIB = 512
REQUESTS_MINUTE = 6000


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
    draft_bytes
        How large the files of one filling may be together while it is filled in a browser.
    trusted_proxies
        Where requests may come from that say for whom they are made.
    compute
        Where heavy loops run, as in ``PK_COMPUTE``; empty for the process itself.
    kernels
        How many visitors may have a live app at once; None for as many as the memory allows.
    kernel_bytes
        How much memory of its own one of these may hold.
    requests_minute
        How many requests one network address may make in a minute.
    is_log_json
        Whether logs are one JSON object a line, rather than lines for people.
    """

    project: Path
    home: Path
    database_url: str
    boundaries: Path | None
    attachments: Path | None = None
    secret: str | None = field(default=None, repr=False)
    draft_bytes: int = DRAFT_MIB * MIB
    trusted_proxies: Networks = ()
    compute: str = ""
    kernels: int | None = None
    kernel_bytes: int = KERNEL_MIB * MIB
    requests_minute: int = REQUESTS_MINUTE
    is_log_json: bool = False


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
    BadInput
        When ``PK_DRAFT_MIB``, ``PK_KERNELS``, ``PK_KERNEL_MIB`` or ``PK_REQUESTS_MINUTE`` is no number,
        ``PK_TRUSTED_PROXIES`` holds what is no address, ``PK_COMPUTE`` names no place to compute, or
        ``PK_LOG`` no kind of log.

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
        draft_bytes=_whole(environ, "PK_DRAFT_MIB", DRAFT_MIB) * MIB,
        trusted_proxies=_networks(environ.get("PK_TRUSTED_PROXIES") or ""),
        compute=_compute((environ.get("PK_COMPUTE") or "").strip()),
        kernels=_whole(environ, "PK_KERNELS", 1) if environ.get("PK_KERNELS") else None,
        kernel_bytes=_whole(environ, "PK_KERNEL_MIB", KERNEL_MIB) * MIB,
        requests_minute=_whole(environ, "PK_REQUESTS_MINUTE", REQUESTS_MINUTE),
        is_log_json=_is_json((environ.get("PK_LOG") or "text").strip()),
    )


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not re.fullmatch(r"[1-9]\d{0,5}", text.strip(), re.ASCII):
        raise BadInput(Problem(name, f"{text!r} is no whole number", f"Give one, such as {default}."))
    return int(text)


def _is_json(text: str) -> bool:
    if text not in {"text", "json"}:
        raise BadInput(Problem("PK_LOG", f"{text!r} is no kind of log", "Give `text` or `json`."))
    return text == "json"


def _networks(text: str) -> Networks:
    named = [name.strip() for name in text.split(",") if name.strip()]
    try:
        return tuple(ip_network(name) for name in named)
    except ValueError as error:
        raise BadInput(
            Problem(
                "PK_TRUSTED_PROXIES", str(error), "Give addresses or networks, as in 127.0.0.1,10.0.0.0/8."
            )
        ) from error


def _compute(text: str) -> str:
    if not re.fullmatch(r"|all|[1-9]\d{0,3}|tcp://[^\s/]+:\d{1,5}", text, re.ASCII):
        raise BadInput(
            Problem(
                "PK_COMPUTE",
                f"{text!r} is no place to compute",
                "Give a number of workers, `all`, or a Dask scheduler such as tcp://10.0.0.5:8786.",
            )
        )
    return text


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
