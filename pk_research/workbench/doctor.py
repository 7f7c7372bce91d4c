"""What this machine has, what it lacks, and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata

from pk_research import __version__
from pk_research.apps.capacity import n_places
from pk_research.errors import PkError
from pk_research.register import load_register
from pk_research.settings import MIB, Settings, read_settings
from pk_research.sources import boundaries
from pk_research.store import store_of

PYTHON = (3, 11)
ROOM_GB = 1.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    what
        What was looked at.
    found
        What was found.
    is_fine
        False when something is missing.
    remedy
        How to get what is missing; empty when fine.
    is_required
        False for what only some tasks need.
    """

    what: str
    found: str
    is_fine: bool
    remedy: str = ""
    is_required: bool = True


def examine(environ: Mapping[str, str] = os.environ) -> tuple[Check, ...]:
    """Look at everything the workbench needs.

    Parameters
    ----------
    environ
        The variables that say where things are; a wrong one is a failed check, not an error.

    Returns
    -------
    tuple of Check
        Required things first.
    """
    places = {name: value for name, value in environ.items() if name != "PK_BOUNDARIES"}
    settings = read_settings(places)
    checks = [*_python(), *_packages(), _room(settings), _register(settings), _store(settings)]
    return (*checks, *_serving(settings), _boundaries(environ), _browser(), _npm())


def _python() -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("pk-research", __version__, is_fine=True)
    yield Check("Python", version, sys.version_info >= PYTHON, "Install Python 3.11 or newer.")


def _packages() -> Iterator[Check]:
    """Compare installed packages with what this package declares."""
    from packaging.requirements import Requirement

    for line in metadata.requires("pk-research") or ():
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield Check(requirement.name, "not installed", is_fine=False, remedy=_INSTALL)
            continue
        if version not in requirement.specifier:
            yield Check(
                requirement.name,
                f"{version}, but {requirement.specifier} is needed",
                is_fine=False,
                remedy=_INSTALL,
            )


_INSTALL = "Run `make install` (or `conda env update -f environment.yml`)."


def _room(settings: Settings) -> Check:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    free_gb = shutil.disk_usage(folder).free / 1e9
    fine = free_gb >= ROOM_GB and os.access(folder, os.W_OK)
    found = f"{settings.home}: {free_gb:.1f} GB free" + (
        "" if os.access(folder, os.W_OK) else ", not writable"
    )
    return Check(
        "folder for store and results", found, fine, f"Point PK_HOME where {ROOM_GB:g} GB can be written."
    )


def _register(settings: Settings) -> Check:
    try:
        villages = load_register()
    except PkError as error:
        return Check("register of villages", str(error), is_fine=False, remedy=error.problems[0].remedy)
    country = settings.home / "register"
    note = ", and the country's" if country.is_dir() else ""
    return Check("register of villages", f"{len(villages)} villages{note}", is_fine=True)


def _store(settings: Settings) -> Check:
    try:
        kept = store_of(settings).datasets()
    except PkError as error:
        return Check("store", error.problems[0].what, is_fine=False, remedy=error.problems[0].remedy)
    if not kept:
        return Check(
            "store", "opens, holds no dataset", is_fine=False, remedy="Run `pk start` or `pk load sample`."
        )
    return Check("store", f"opens, holds {', '.join(entry.name for entry in kept)}", is_fine=True)


def _serving(settings: Settings) -> Iterator[Check]:
    """Name what the apps server goes by, and the setting that changes it."""
    places = n_places(settings)
    why = "PK_KERNELS" if settings.kernels is not None else "from the memory; PK_KERNELS sets it"
    yield Check("visitors with a live app at once", f"{places} ({why})", is_fine=True)
    most = f"{settings.kernel_bytes // MIB} MiB (PK_KERNEL_MIB)"
    yield Check("memory of one live app before it is stopped", most, is_fine=True)
    per_minute = f"{settings.requests_minute} requests a minute (PK_REQUESTS_MINUTE)"
    yield Check("heard of one network address", per_minute, is_fine=True)
    proxies = ", ".join(map(str, settings.trusted_proxies))
    yield Check(
        "proxies that are believed (PK_TRUSTED_PROXIES)",
        proxies or "none: behind a proxy all visitors count as one address",
        bool(proxies),
        "Only behind a proxy such as nginx: set PK_TRUSTED_PROXIES to its address, as in 127.0.0.1.",
        is_required=False,
    )
    kind = "JSON, one object a line" if settings.is_log_json else "text"
    yield Check("log of the apps server", f"{kind} (PK_LOG)", is_fine=True)


def _boundaries(environ: Mapping[str, str]) -> Check:
    what = "village boundaries"
    try:
        path = read_settings(environ).boundaries
        if path is None:
            return Check(
                what,
                "none: pictures use a tile grid",
                is_fine=False,
                remedy="Optional: set PK_BOUNDARIES to a GeoJSON file of village boundaries.",
                is_required=False,
            )
        return Check(what, f"{path}: {len(boundaries(path))} boundaries", is_fine=True)
    except PkError as error:
        first = error.problems[0]
        return Check(what, f"{first.where}: {first.what}", is_fine=False, remedy=first.remedy)


def _browser() -> Check:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return Check(
        "Chromium, for the browser tests",
        found or "not found",
        found is not None,
        "Optional: `apt-get install chromium`.",
        is_required=False,
    )


def _npm() -> Check:
    found = shutil.which("npm")
    return Check(
        "npm, to fetch the country's register",
        found or "not found",
        found is not None,
        "Optional: `apt-get install npm`, or give a downloaded file with `pk load register --from`.",
        is_required=False,
    )
