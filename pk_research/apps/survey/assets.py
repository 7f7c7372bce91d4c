"""Scripts and styles at addresses that change with their content, so that a phone asks once."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tornado.web

from pk_research.apps.form import script
from pk_research.apps.survey.plain import Plain

STATIC = Path(__file__).with_name("static")
YEAR_S = 365 * 24 * 3600
_KINDS = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file for browsers.

    Attributes
    ----------
    name
        The last part of its address, with a hash of its content.
    compressed
        Its content, gzipped.
    """

    name: str
    compressed: bytes

    @classmethod
    def of(cls, name: str, text: str) -> Asset:
        """Make one from a file name and its text.

        Examples
        --------
        >>> Asset.of("form.css", "p { margin: 0; }").name
        'form-....css'
        """
        stem, _, suffix = name.rpartition(".")
        content = text.encode()
        digest = hashlib.sha256(content).hexdigest()[:16]
        return cls(f"{stem}-{digest}.{suffix}", gzip.compress(content, mtime=0))


def survey_assets() -> dict[str, Asset]:
    """Return what the pages of the survey app load, by plain name."""
    texts = {
        "form.js": script.script(),
        "form.css": script.style(),
        **{name: (STATIC / name).read_text(encoding="utf-8") for name in ("survey.js", "survey.css")},
    }
    return {name: Asset.of(name, text) for name, text in texts.items()}


class AssetFile(Plain):
    """Serves the assets, to be kept by the browser for a year."""

    def initialize(self, assets: Mapping[str, Asset]) -> None:
        """Take what there is to serve."""
        self.assets = {asset.name: asset for asset in assets.values()}

    def get(self, name: str) -> None:
        """Send a file, compressed where the browser can take it."""
        asset = self.assets.get(name)
        if asset is None:
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", _KINDS[name.rpartition(".")[2]])
        self.set_header("Cache-Control", f"public, max-age={YEAR_S}, immutable")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.finish(asset.compressed)
        else:
            self.finish(gzip.decompress(asset.compressed))
