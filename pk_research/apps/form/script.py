"""The script and the style of the form on screen, each as one text.

The script is written in small modules (`static/`). A page may load `form.js` and let the browser
fetch the rest; a widget, and a phone on a weak connection, want it in one piece.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).with_name("static")
ORDER = (
    "elements", "turns", "journal", "cupboard", "lists", "foresight", "filling", "uploads", "queue",
    "transport", "numbers", "typed", "choices", "combobox", "moments", "scales", "places", "files",
    "question", "page", "shell", "review", "form",
)  # fmt: skip
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const)\b)", re.MULTILINE)


@cache
def script() -> str:
    """Return the whole script as one ES module, each part after those it uses.

    Examples
    --------
    >>> "export default { render };" in script(), "import " in script()
    (True, False)
    """
    parts = [(STATIC / f"{name}.js").read_text(encoding="utf-8") for name in ORDER]
    entry = parts.pop()
    inner = [_EXPORT.sub("", part) for part in parts]
    return _IMPORT.sub("", "\n".join([*inner, entry]))


@cache
def style() -> str:
    """Return the style sheet.

    Examples
    --------
    >>> style().startswith(".pk-form")
    True
    """
    return (STATIC / "form.css").read_text(encoding="utf-8")
