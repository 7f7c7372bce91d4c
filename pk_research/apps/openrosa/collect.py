"""What ODK Collect scans to know where its forms are."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode

import segno

MODULE_PX = 4


def collect_settings(url: str) -> str:
    """Return the settings of a project, as ODK Collect reads them from a QR code.

    Parameters
    ----------
    url
        Where the phone finds its forms, without a slash at the end.

    Examples
    --------
    >>> from base64 import b64decode
    >>> zlib.decompress(b64decode(collect_settings("https://example.org/key/abc")))
    b'{"general":{"server_url":"https://example.org/key/abc"},"admin":{}}'
    """
    settings = {"general": {"server_url": url}, "admin": {}}
    return b64encode(zlib.compress(json.dumps(settings, separators=(",", ":")).encode(), 9)).decode()


def collect_qr(url: str) -> str:
    """Return the QR code of `collect_settings`, as an SVG to be put into a page.

    Examples
    --------
    >>> collect_qr("https://example.org/key/abc").startswith("<svg")
    True
    """
    code = segno.make_qr(collect_settings(url), error="m")
    return str(code.svg_inline(scale=MODULE_PX, border=4, dark="#000", light="#fff"))
