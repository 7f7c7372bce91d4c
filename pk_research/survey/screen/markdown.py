"""A form's texts as markup that can do no harm: everything escaped, a few marks let through."""

from __future__ import annotations

import re
from html import escape

_SPAN = re.compile(r"&lt;/?span\b.*?&gt;", re.IGNORECASE)
_BREAK = re.compile(r"&lt;br\s*/?&gt;|\n", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]\[]+)\]\((https?://(?:(?!&(?:quot|lt|gt|#x27);)[^\s()])+)\)")
_STRONG = re.compile(r"(?<![\w*])\*\*(?=\S)(.+?)(?<=\S)\*\*(?![\w*])|(?<!\w)__(?=\S)(.+?)(?<=\S)__(?!\w)")
_EM = re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])|(?<![\w_])_(?=\S)([^_]+?)(?<=\S)_(?![\w_])")
_HEADING = re.compile(r"#{1,6}\s+(.+)")
_ITEM = re.compile(r"[-*]\s+(.+)")


def safe_html(text: str) -> str:
    """Return a label as HTML: ODK's marks for emphasis, links, headings and lists; no other markup.

    Parameters
    ----------
    text
        As the form gives it, answers among it included. Colours and other styles are left out.

    References
    ----------
    ODK documentation, "Styling prompts".

    Examples
    --------
    >>> safe_html("**Penting**: isi <script> dengan _benar_")
    '<strong>Penting</strong>: isi &lt;script&gt; dengan <em>benar</em>'
    """
    escaped = _BREAK.sub("\n", _SPAN.sub("", escape(text.strip())))
    return "<br>".join(_line(line.strip()) for line in escaped.split("\n"))


def _line(line: str) -> str:
    heading, item = _HEADING.fullmatch(line), _ITEM.fullmatch(line)
    if heading is not None:
        return f"<strong>{_marked(heading[1])}</strong>"
    return f"• {_marked(item[1])}" if item is not None else _marked(line)


def _marked(text: str) -> str:
    # Addresses are set aside, so that an underscore in one is not taken for emphasis.
    links: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        links.append(f'<a href="{found[2]}" rel="noopener noreferrer" target="_blank">{found[1]}</a>')
        return f"\0{len(links) - 1}\0"

    text = _LINK.sub(set_aside, text.replace("\0", ""))
    text = _STRONG.sub(lambda found: f"<strong>{found[1] or found[2]}</strong>", text)
    text = _EM.sub(lambda found: f"<em>{found[1] or found[2]}</em>", text)
    return re.sub(r"\0(\d+)\0", lambda found: links[int(found[1])], text)
