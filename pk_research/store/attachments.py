"""Files, kept once each by what they hold: in the database, or in a folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select, union

from pk_research.errors import BadInput, NotReady, Problem
from pk_research.language import Message
from pk_research.store.tables import attachment, blob, draft_attachment, form_file, form_version

MAX_NAME_BYTES = 200
MAX_BYTES = 50 * 1024 * 1024
ARRIVING = "arriving"
FORBIDDEN = frozenset('/\\:*?"<>|')

# Every column that names a file: what none of them names may go.
REFERENCES = (attachment.c.sha256, draft_attachment.c.sha256, form_file.c.sha256, form_version.c.source)


@dataclass(frozen=True, slots=True)
class Blobs:
    """The files of a store.

    Attributes
    ----------
    folder
        Where new files are kept; None keeps them in the database.
    """

    folder: Path | None = None

    def prepare(self, contents: Iterable[bytes]) -> None:
        """Put files on the disk before the transaction that names them, so that it stays short."""
        for content in contents:
            self._put(sha256_of(content), content)

    def keep(self, connection: Connection, content: bytes) -> str:
        """Keep a file, inside the transaction that has the turn to write; return its SHA-256."""
        sha256 = sha256_of(content)
        self._put(sha256, content)
        kept_here = content if self.folder is None else None
        held = connection.execute(
            select(blob.c.size, blob.c.content.is_(None).label("is_elsewhere")).where(blob.c.sha256 == sha256)
        ).one_or_none()
        if held is None:
            connection.execute(blob.insert().values(sha256=sha256, size=len(content), content=kept_here))
        elif held.is_elsewhere and kept_here is not None:
            connection.execute(blob.update().where(blob.c.sha256 == sha256).values(content=kept_here))
        return sha256

    def read(self, connection: Connection, sha256: str) -> bytes:
        """Return a file, having made sure that it is what was kept.

        Raises
        ------
        NotReady
            When it is gone or was changed.
        """
        content = self.find(connection, sha256)
        if content is None or sha256_of(content) != sha256:
            what = "is not where it was kept" if content is None else "is not what was kept"
            raise NotReady(
                Problem(
                    f"file {sha256[:12]}",
                    f"it {what}",
                    "Check the folder of attachments, or bring the file back from a backup.",
                )
            )
        return content

    def find(self, connection: Connection, sha256: str) -> bytes | None:
        """Return what is kept under a SHA-256, be it right or wrong; None where there is nothing."""
        content: bytes | None = connection.execute(
            select(blob.c.content).where(blob.c.sha256 == sha256)
        ).scalar()
        if content is not None:
            return content
        path = None if self.folder is None else self._path(self.folder, sha256)
        return path.read_bytes() if path is not None and path.is_file() else None

    def sweep(self, connection: Connection) -> int:
        """Forget the files that nothing names any more, inside a transaction with the turn to write.

        Those in the folder go with `clear`, once this is committed: a file is never gone before the
        row that speaks of it.

        Returns
        -------
        int
            How many.
        """
        named = union(*(select(column).where(column.is_not(None)) for column in REFERENCES))
        unused = connection.execute(select(blob.c.sha256).where(blob.c.sha256.not_in(named))).scalars().all()
        for sha256 in unused:
            connection.execute(blob.delete().where(blob.c.sha256 == sha256))
        return len(unused)

    def clear(self, connection: Connection) -> None:
        """Delete what lies in the folder and no row speaks of, in a transaction with the turn to write."""
        if self.folder is None:
            return
        known = set(connection.execute(select(blob.c.sha256)).scalars())
        for path in self.folder.glob("??/*"):
            if path.name not in known:
                path.unlink(missing_ok=True)

    def _put(self, sha256: str, content: bytes) -> None:
        """Write a file to the folder, if there is one: whole and on the disk, or not at all."""
        if self.folder is None or self._path(self.folder, sha256).is_file():
            return
        path, arriving = self._path(self.folder, sha256), self.folder / ARRIVING
        try:
            for folder in (path.parent, arriving):
                folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=arriving)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
            for folder in (path.parent, self.folder):
                sync_folder(folder)
        except OSError as error:
            raise NotReady(
                Problem(
                    "the folder of attachments",
                    f"it cannot be written ({error.strerror})",
                    "Make room on the disk, or ask whoever keeps this house.",
                )
            ) from error

    @staticmethod
    def _path(folder: Path, sha256: str) -> Path:
        return folder / sha256[:2] / sha256


def sync_folder(folder: Path) -> None:
    """Put a folder's list of files on the disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of a content.

    Examples
    --------
    >>> sha256_of(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()


def composed(name: str) -> str:
    """Return a file name with its accents composed, as fillings are sent; some systems take them apart.

    Examples
    --------
    >>> composed("e" + chr(0x301)) == chr(0xE9)
    True
    """
    return unicodedata.normalize("NFC", name)


def file_fault(name: str, content: bytes) -> Message | None:
    """Return what is wrong with a file: its name is more than a name, or it is too large.

    Examples
    --------
    >>> file_fault("photo 1.jpg", b"...")
    >>> file_fault("../passwd", b"").text("en")
    'its name cannot be used'
    """
    is_plain = name.isprintable() and not FORBIDDEN & set(name) and name.strip(" .") == name
    if not is_plain or not name or len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        return Message("its name cannot be used")
    if len(content) > MAX_BYTES:
        return Message("it is larger than {n} bytes", {"n": MAX_BYTES})
    return None


def check_file(name: str, content: bytes) -> None:
    """Stop a file that cannot be used.

    Raises
    ------
    BadInput
        With the reason.
    """
    if fault := file_fault(name, content):
        raise BadInput(
            Problem(f"file {name[:80]!r}", fault.text("en"), "Give a smaller file, with a plain name.")
        )
