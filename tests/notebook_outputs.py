"""What cells of made notebooks show."""

from __future__ import annotations

import io

import matplotlib as mpl
import nbformat
from matplotlib.figure import Figure

KINDS = {"png": "image/png", "html": "text/html", "markdown": "text/markdown", "plain": "text/plain"}


def picture(height: float, size: float = 1) -> bytes:
    """Draw a bar of a height, the picture so many inches wide."""
    figure = Figure(figsize=(size, 1))
    figure.add_subplot().bar(["a"], [height])
    content = io.BytesIO()
    with mpl.rc_context({"savefig.dpi": 40}):
        figure.savefig(content, format="png")
    return content.getvalue()


def shown(**data: object) -> nbformat.NotebookNode:
    """Return the output of a cell, by kind of content."""
    return nbformat.v4.new_output("display_data", {KINDS[name]: content for name, content in data.items()})
