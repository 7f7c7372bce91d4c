"""What it takes to serve the apps: their first pages, and the command that runs the server."""

from __future__ import annotations

import sys
from pathlib import Path

from pk_research.apps import findings, policy, products, programme
from pk_research.settings import MIB, Settings
from pk_research.store import Store
from pk_research.writing import write_files

FIRST_PAGES = {
    "policy": policy.first_page,
    "products": products.first_page,
    "programme": programme.first_page,
}


def write_first_pages(settings: Settings, store: Store) -> tuple[Path, ...]:
    """Write what each app shows before a kernel is ready, under ``home/apps/``.

    Do so again when a dataset was loaded; a running server shows the new page at the next visit.

    Parameters
    ----------
    settings
        Where to write, and the boundaries for maps.
    store
        The data to show.

    Returns
    -------
    tuple of Path
        One page an app, and the answers to what can be chosen on it; each replaced whole.
    """
    pages = findings.first_pages(store, boundaries=settings.boundaries)
    pages |= {name: make(store, boundaries=settings.boundaries) for name, make in FIRST_PAGES.items()}
    written = {f"{name}.html": page.encode() for name, page in pages.items()}
    return write_files(written, settings.home / "apps")


def voila_command(settings: Settings, *, ip: str, port: int) -> list[str]:
    """Return the command that serves ``notebooks/apps`` at an address until it is stopped.

    Examples
    --------
    >>> from pk_research.settings import read_settings
    >>> voila_command(read_settings({}), ip="127.0.0.1", port=8866)[1:3]
    ['-m', 'pk_research.apps.shell']
    """
    folder = settings.project / "notebooks" / "apps"
    return [sys.executable, "-m", "pk_research.apps.shell", str(folder), f"--port={port}", f"--Voila.ip={ip}"]


def voila_environment(settings: Settings) -> dict[str, str]:
    """Return the variables by which the server and its kernels have the same settings.

    Examples
    --------
    >>> from pk_research.settings import read_settings
    >>> settings = read_settings({"PK_HOME": "/tmp/pk", "PK_TRUSTED_PROXIES": "::1", "PK_KERNEL_MIB": "900"})
    >>> voila_environment(settings)["PK_HOME"]
    '/tmp/pk'
    >>> read_settings(voila_environment(settings)) == settings
    True
    """
    places = {
        "PK_HOME": str(settings.home),
        "PK_DATABASE_URL": settings.database_url,
        "PK_DRAFT_MIB": str(settings.draft_bytes // MIB),
        "PK_TRUSTED_PROXIES": ",".join(map(str, settings.trusted_proxies)),
        "PK_COMPUTE": settings.compute,
        "PK_KERNEL_MIB": str(settings.kernel_bytes // MIB),
        "PK_REQUESTS_MINUTE": str(settings.requests_minute),
        "PK_LOG": "json" if settings.is_log_json else "text",
    }
    given = {
        "PK_BOUNDARIES": settings.boundaries,
        "PK_ATTACHMENTS": settings.attachments,
        "PK_SECRET": settings.secret,
        "PK_KERNELS": settings.kernels,
    }
    return places | {name: str(value) for name, value in given.items() if value is not None}
