"""Putting results into a folder: everything, or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from pk_research.errors import NotReady, Problem


def write_files(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write files into a folder; a fault on the way leaves what was there.

    Parameters
    ----------
    files
        Name -> content. Files of these names are replaced, each in one step; others are left.
    folder
        Made when missing.

    Returns
    -------
    tuple of Path
        Where they are, in the order given.

    Raises
    ------
    NotReady
        When the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> [path.name for path in write_files({"a.txt": b"a"}, Path(tempfile.mkdtemp()) / "new")]
    ['a.txt']
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as part:
            for name, content in files.items():
                (Path(part) / name).write_bytes(content)
            return tuple((Path(part) / name).replace(folder / name) for name in files)
    except OSError as error:
        raise NotReady(
            Problem(str(folder), f"it cannot be written ({error.strerror})", "Choose another folder.")
        ) from error
