"""The scripts of the widget machinery in one file, so that a phone asks once and keeps it.

Voila's frontend comes in about ninety pieces that call for one another. They only register
themselves when they are loaded, so they can be loaded in any order, and together.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import brotli

from pk_research.apps.survey.plain import Plain

LIST = Path(__file__).with_name("scripts.txt")
# Whoever draws a widget looks for it every 100 ms for 2 s. What came during the last wait is not looked for,
# and the page stays without it for ever: on a busy machine one page in thirty.
GIVES_UP = b'}throw Error("widget model not found")'
LOOKS_ONCE_MORE = b"}if(arguments[0]in this._models)return this._models[arguments[0]];" + GIVES_UP[1:]
# A sixth smaller than gzip makes it, for a third of a second at the start; the best would take seven seconds.
BROTLI, LARGEST_WINDOW = 9, 24
YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Scripts:
    """Scripts joined into one file.

    Attributes
    ----------
    packed
        The file, by the name of what packed it, the smallest first.
    version
        Part of its address: another content has another address.
    """

    packed: dict[str, bytes]
    version: str

    @property
    def name(self) -> str:
        """The last part of its address."""
        return f"scripts-{self.version}.js"


def join_scripts(folders: Iterable[Path]) -> Scripts:
    """Join the scripts that an app's page loads, as ``scripts.txt`` lists them.

    The list belongs to a version of Voila and of the widgets. With another version a name may be
    missing: it is passed over, and the page loads by itself what it lacks.

    One fault of theirs is mended on the way, see ``GIVES_UP``.

    Parameters
    ----------
    folders
        Where ``static/`` and ``labextensions/`` are looked for, first found first served.
    """
    places = tuple(folders)
    found = (_find(pattern, places) for pattern in LIST.read_text(encoding="utf-8").split())
    joined = b"\n;\n".join(path.read_bytes() for path in found if path is not None)
    joined = joined.replace(GIVES_UP, LOOKS_ONCE_MORE)
    packed = {
        "br": brotli.compress(joined, quality=BROTLI, lgwin=LARGEST_WINDOW),
        "gzip": gzip.compress(joined, mtime=0),
    }
    return Scripts(packed, hashlib.sha256(joined).hexdigest()[:16])


def _find(pattern: str, folders: tuple[Path, ...]) -> Path | None:
    return next((path for folder in folders for path in sorted(folder.glob(pattern))), None)


class ScriptsFile(Plain):
    """Serves the joined scripts, to be kept by the browser for a year."""

    def initialize(self, scripts: Scripts) -> None:
        """Take what there is to serve."""
        self.scripts = scripts

    def get(self) -> None:
        """Send the scripts, compressed where the browser can take it."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", f"public, max-age={YEAR_S}, immutable")
        self.set_header("Vary", "Accept-Encoding")
        accepted = self.request.headers.get("Accept-Encoding", "")
        packed_by = next((name for name in self.scripts.packed if _takes(accepted, name)), None)
        if packed_by is None:
            self.finish(gzip.decompress(self.scripts.packed["gzip"]))
        else:
            self.set_header("Content-Encoding", packed_by)
            self.finish(self.scripts.packed[packed_by])


def _takes(accepted: str, name: str) -> bool:
    """Tell whether a browser that says what it accepts takes what was packed so; ``;q=0`` says no."""
    wanted = re.compile(rf"\s*{name}\s*(;\s*q=(?!0(\.0*)?\s*$).*)?")
    return any(wanted.fullmatch(entry) for entry in accepted.split(","))
