"""The published package the register is drawn from: verified, then read, never unpacked to disk."""

from __future__ import annotations

import csv
import hashlib
import io
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.register.village import Village, village_at

LICENCE_FILE = "LICENSE.md"
_LARGEST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the package, known by its hashes.

    Attributes
    ----------
    package, version
        Name and version.
    sha256
        Hash of the package file.
    files
        Name of each file of its ``data/`` that is used -> hash.
    """

    package: str
    version: str
    sha256: str
    files: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.package}-{self.version}"


EDITION = Edition(
    "idn-area-data",
    "4.0.1",
    "8d47ffb2be39c08aacb0a2dd43193a1edb5754edb1022d57158341c702acc32d",
    {
        LICENCE_FILE: "26901bbfe8058500ce8f4eecf7fb11cd13196a0f1e7ff3aeb1bfcea00ca2b570",
        "provinces.csv": "ee9e5b5aaca298c41aef1aa0888285e103856f1414134bbb7afc68b294c9a89d",
        "regencies.csv": "d5fbd54bb1500bbf5e194ddc94a3806df6e6837a310146dfa646b085bd99c0ae",
        "districts.csv": "982f843613cf36bf474cab7ec46b5ecafc46dfeaad26e4bbadf170a6dae8ebe7",
        "villages.csv": "6a8e53fce14d21b514f1f7d1602ceeab4ffbec6df98903e2cad949d8fee94690",
    },
)


def read_package(source: Path, *, edition: Edition = EDITION) -> dict[str, bytes]:
    """Read the data files of the package and verify them.

    Parameters
    ----------
    source
        The package file (``.tgz``), or the folder it was unpacked to.
    edition
        The version it must be.

    Returns
    -------
    dict
        File name -> content. Only the files named in the edition are read, whatever else the
        package holds.

    Raises
    ------
    NotFound
        When there is no such file or folder.
    BadInput
        When it is not that version, byte for byte.
    """
    if not source.exists():
        remedy = f"Give the file {edition}.tgz, or the folder it was unpacked to."
        raise NotFound(Problem(str(source), "there is no such file or folder", remedy))
    files = _from_folder(source, edition) if source.is_dir() else _from_tarball(source, edition)
    problems = [
        _differs(f"{source}, {name}", files[name], sha256, edition)
        for name, sha256 in edition.files.items()
        if hashlib.sha256(files[name]).hexdigest() != sha256
    ]
    if problems:
        raise BadInput(problems)
    return files


def villages_of(files: Mapping[str, bytes]) -> tuple[Village, ...]:
    """Build the villages from the data files.

    Parameters
    ----------
    files
        What `read_package` returned.
    """
    names = {
        row["code"]: row["name"]
        for file in ("provinces.csv", "regencies.csv", "districts.csv")
        for row in _table(files[file])
    }
    return tuple(
        village_at(
            row["code"].replace(".", ""),
            row["name"],
            kecamatan=names[row["district_code"]],
            regency=names[row["district_code"].rpartition(".")[0]],
            province=names[row["district_code"].partition(".")[0]],
        )
        for row in _table(files["villages.csv"])
    )


def _table(content: bytes) -> csv.DictReader[str]:
    return csv.DictReader(io.StringIO(content.decode(), newline=""))


def _from_folder(folder: Path, edition: Edition) -> dict[str, bytes]:
    for inner in (folder, folder / "data", folder / "package" / "data"):
        if all((inner / name).is_file() for name in edition.files):
            return {name: (inner / name).read_bytes() for name in edition.files}
    what = f"it does not hold the files {', '.join(edition.files)}"
    raise NotFound(Problem(str(folder), what, f"Give the folder that {edition}.tgz was unpacked to."))


def _from_tarball(path: Path, edition: Edition) -> dict[str, bytes]:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != edition.sha256:
        raise BadInput(_differs(str(path), content, edition.sha256, edition))
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
            return {name: _member(tar, name) for name in edition.files}
    except (tarfile.TarError, KeyError, ValueError, OSError, EOFError, zlib.error) as error:
        remedy = f"Give the file {edition}.tgz as it was published."
        raise BadInput(
            Problem(str(path), f"it is not the package that was expected ({error})", remedy)
        ) from None


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.getmember(f"package/data/{name}")
    file = tar.extractfile(member) if member.isreg() and member.size <= _LARGEST_BYTES else None
    if file is None:
        raise ValueError(f"{name} is no plain file of a plausible size")
    return file.read()


def _differs(where: str, content: bytes, sha256: str, edition: Edition) -> Problem:
    found = hashlib.sha256(content).hexdigest()
    return Problem(
        where,
        f"its sha256 is {found}, but version {edition.version} has {sha256}",
        f"It is incomplete, altered or another version: fetch {edition.package} {edition.version} again.",
    )
