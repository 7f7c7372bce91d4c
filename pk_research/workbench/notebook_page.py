"""An executed notebook as a page: the answer first, code folded, wide things in boxes of their own."""

from __future__ import annotations

import base64
import re
import struct
from copy import deepcopy
from typing import TYPE_CHECKING

from pk_research.errors import BadInput, Problem

if TYPE_CHECKING:
    from nbformat import NotebookNode

SHRINKS_TO = 0.75
"""Share of its width to which a picture shrinks on a narrow screen; beyond that it scrolls."""
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LINK = re.compile(r"\]\((\d\d-[\w-]+)\.ipynb\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
STYLE = """\
body.jp-Notebook { padding: 0 1rem 3rem; }
main { max-width: 54rem; margin: 0 auto; }
body.jp-Notebook .jp-Cell { padding: 0; }
body.jp-Notebook .jp-RenderedHTMLCommon { font-size: 1rem; line-height: 1.5; padding: 0; }
body.jp-Notebook h1 { font-size: 1.6rem; line-height: 1.25; margin: .8rem 0 .5rem; }
body.jp-Notebook h2 { font-size: 1.25rem; line-height: 1.3; margin: 1.8rem 0 .5rem; }
body.jp-Notebook h3 { font-size: 1.05rem; line-height: 1.3; margin: 1.2rem 0 .4rem; }
body.jp-Notebook h1 + p { color: #444; }
.jp-OutputArea-child { display: block; margin: .5rem 0; }
.jp-OutputArea-child .jp-OutputArea-output {
  display: block; width: auto; max-width: 100%; margin: 0; padding: 0; overflow: auto;
}
body.jp-Notebook .jp-RenderedHTML { max-height: 34rem; }
body.jp-Notebook .jp-RenderedHTML table { font-size: .875rem; margin: 0; }
.jp-RenderedHTML caption { caption-side: top; text-align: left; color: #444; padding: .2rem .6rem; }
body.jp-Notebook .jp-RenderedHTML th, body.jp-Notebook .jp-RenderedHTML td { padding: .35rem .6rem; }
body.jp-Notebook .jp-RenderedHTML td { min-width: 4rem; max-width: 24rem; text-align: left; }
body.jp-Notebook .jp-RenderedHTML th { text-align: left; }
.jp-RenderedHTML thead { position: sticky; top: 0; background: #fff; }
.jp-CodeCell { display: flex; flex-direction: column; }
.jp-CodeCell > .pk-code { order: 1; }
.jp-CodeCell.jp-mod-noOutputs { display: inline-flex; margin-right: 1rem; max-width: 100%; }
.jp-CodeCell.jp-mod-noOutputs:has(details[open]) { display: flex; }
.pk-code { font: .8rem/1.4 system-ui, sans-serif; color: #555; margin: .15rem 0 .5rem; }
.pk-code summary { cursor: pointer; width: fit-content; }
.pk-code pre { white-space: pre; }
.pk-code .jp-Editor { overflow-x: auto; }
a:focus-visible, summary:focus-visible { outline: 3px solid #005fcc; outline-offset: 2px; }
@media (max-width: 30rem) {
  body.jp-Notebook { padding: 0 .6rem 2rem; }
  body.jp-Notebook h1 { font-size: 1.3rem; }
  body.jp-Notebook h2 { font-size: 1.1rem; }
  body.jp-Notebook .jp-RenderedHTML td { max-width: 14rem; }
}
@media print { body.jp-Notebook .jp-RenderedHTML { max-height: none; } }
"""
# The stock page fetches four scripts from other servers; ours must open without a network.
PAGE = """\
{%- extends "lab/index.html.j2" -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}<style>STYLE</style>{%- endblock -%}
{%- block input_group -%}
<details class="pk-code"><summary>Code</summary>{{ super() }}</details>
{%- endblock -%}
{%- block data_png -%}
{%- set shown = output.metadata["image/png"] -%}
<div class="jp-RenderedImage jp-OutputArea-output">
<img src="data:image/png;base64,{{ output.data["image/png"] | escape_html }}" width="{{ shown.width }}"
 style="min-width: {{ shown.at_least }}px" alt="{{ shown.alt | escape_html }}">
</div>
{%- endblock -%}
""".replace("STYLE", STYLE)


def page_of(notebook: NotebookNode) -> bytes:
    """Return the page of an executed notebook; it opens without a network.

    Parameters
    ----------
    notebook
        With its outputs; it is left as it is.

    Returns
    -------
    bytes
        HTML. Code is folded; links to other notebooks lead to their pages; a picture is named after the
        heading it stands under.

    Raises
    ------
    BadInput
        When a picture is not a PNG.
    """
    from nbconvert import HTMLExporter

    shown = deepcopy(notebook)
    title = heading = ""
    for cell in shown.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(r"](\1.html)", cell.source)
            headings = HEADING.findall(cell.source)
            heading = headings[-1].strip() if headings else heading
            title = title or heading
            continue
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                width = _width_px(output.data["image/png"])
                output.metadata["image/png"] = {
                    "width": width,
                    "at_least": round(SHRINKS_TO * width),
                    "alt": heading,
                }
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        exclude_input_prompt=True, exclude_output_prompt=True, raw_template=PAGE
    )
    return str(exporter.from_notebook_node(shown, {"metadata": {"name": title or "Notebook"}})[0]).encode()


def _width_px(picture: str) -> int:
    """Return the width of a PNG, which stands in its first bytes."""
    start = base64.b64decode(picture[:48])
    if not start.startswith(PNG_SIGNATURE):
        raise BadInput(Problem("picture", "it is called a PNG and is none", "Draw it anew."))
    (width,) = struct.unpack(">I", start[16:20])
    return int(width)
