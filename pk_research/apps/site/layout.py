"""What every page of the site has around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from pk_research import __version__
from pk_research.apps.markup import CURRENT, say
from pk_research.apps.site.content import Content
from pk_research.language import LANGUAGES, Bilingual, Language, Message, translate

OWN_NAMES = {"id": "Bahasa Indonesia", "en": "English"}
PARTS = (
    ("index", Message("Village types")),
    ("potential", Message("Economic potential")),
    ("villages", Message("All villages")),
    ("downloads", Message("Downloads")),
    ("about", Message("About these findings")),
)
_TILE = re.compile(
    r"<li class='(pk-tile[^']*)' tabindex='0'([^>]*) data-village-code='(\d{10})' title='([^']*)'"
    r" aria-label='[^']*'>([^<]*)</li>"
)
_SHAPE = re.compile(r"(<path [^>]*data-village-code='(\d{10})'[^>]*>(?:<title>[^<]*</title>)?</path>)")
_LINK = re.compile(r"href='\?village=(\d{10})'(?: data-pk-village='\d{10}')?")


@dataclass(frozen=True)
class Page:
    """A page of the site.

    Attributes
    ----------
    path
        Where it lies below the folder of its language, such as ``desa/3216012001.html``.
    title
        What it is called.
    body
        Its main part, HTML, with links to villages as the apps write them.
    part
        The entry of the navigation it belongs to.
    description
        What search engines show of it.
    root
        Address of the root of the site, such as ``/``, for a page that a server sends in answer to any
        address; empty for all others, whose links are relative.
    """

    path: str
    title: Bilingual
    body: str
    part: str
    description: Bilingual
    root: str = ""

    def up(self, language: Language) -> str:
        """Return the way from the page to the root of the site."""
        return self.root or "../" * (self.path.count("/") + (language != LANGUAGES[0]))

    def home(self, language: Language) -> str:
        """Return the way from the page to the folder of its language."""
        if self.root:
            return self.root if language == LANGUAGES[0] else f"{self.root}{language}/"
        return "../" * self.path.count("/")


def html_of(page: Page, content: Content, language: Language) -> str:
    """Return the whole page.

    Parameters
    ----------
    page
        The page.
    content
        What the site shows; made data is called made on every page.
    language
        ``"id"`` or ``"en"``.
    """
    up, home = page.up(language), page.home(language)
    title = f"{page.title.text(language)} · Pabrik Kampoeng"
    made = f"<p class='pk-banner' role='note'>{say(MADE, language)}</p>" if content.entry.made else ""
    return (
        f"<!doctype html>\n<html lang='{language}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta name='color-scheme' content='light dark'>"
        f"<title>{escape(title)}</title>"
        f"<meta name='description' content='{escape(page.description.text(language), quote=True)}'>"
        f"<link rel='icon' href='data:,'><link rel='stylesheet' href='{up}assets/site.css'>"
        f"<script defer src='{up}assets/site.js'></script></head>"
        f"<body data-home='{home}' data-up='{up}'>"
        f"<a class='pk-skip' href='#pk-main'>{say('Skip to the findings', language)}</a>"
        f"{_header(page, language, up)}"
        f"<main id='pk-main' class='pk-app' tabindex='-1'>{made}{linked(page.body, content, home)}</main>"
        f"{_footer(content, language, home)}</body></html>\n"
    )


MADE = "Example data (made up), not real data"


def _header(page: Page, language: Language, up: str) -> str:
    home = page.home(language)
    links = "".join(
        f"<li><a href='{home}{name}.html'{CURRENT if name == page.part else ''}>"
        f"{escape(text.text(language))}</a></li>"
        for name, text in PARTS
    )
    others = "".join(
        f"<a lang='{other}' hreflang='{other}' href='{up}{'' if other == LANGUAGES[0] else f'{other}/'}"
        f"{page.path}'>{OWN_NAMES[other]}</a>"
        for other in LANGUAGES
        if other != language
    )
    label, none = say("Search a village", language), say("No village is called so.", language)
    parts = say("Parts of the site", language)
    return (
        f"<header class='pk-site'><div class='pk-site-top'><a class='pk-site-name' href='{home}index.html'>"
        f"Pabrik Kampoeng<small>{say('Findings of the research', language)}</small></a>{others}</div>"
        f"<form class='pk-find' role='search' action='{home}villages.html'>"
        f"<label for='pk-find'>{label}</label>"
        "<input id='pk-find' type='search' name='cari' autocomplete='off' spellcheck='false'>"
        f"<ul id='pk-found' aria-live='polite' data-none='{none}'></ul></form>"
        f"<nav aria-label='{parts}'><ul class='pk-parts'>{links}</ul></nav></header>"
    )


def _footer(content: Content, language: Language, home: str) -> str:
    values = {
        "title": translate(content.entry.title, language),
        "version": content.entry.version,
        "hash": content.entry.content_hash[:12],
        "code": __version__,
    }
    source = Message("Source: {title}, version {version} (data {hash}; program {code})", values)
    return (
        f"<footer class='pk-site-foot'><p>{escape(source.text(language))}. "
        f"<a href='{home}about.html'>{say('How these figures came about', language)}</a></p></footer>"
    )


def linked(body: str, content: Content, home: str) -> str:
    """Let what the apps choose by a tap lead to the page of the village.

    Parameters
    ----------
    body
        HTML as the apps write it.
    content
        What the site shows.
    home
        The way to the folder of the language.
    """
    known = set(content.villages)

    def address(code: str) -> str:
        return f"href='{home}desa/{code}.html'"

    def tile(found: re.Match[str]) -> str:
        kind, rest, code, title, number = found.groups()
        if code not in known:
            return found[0]
        link = f"<a {address(code)} title='{title}' aria-label='{title}'>{number}</a>"
        return f"<li class='{kind}'{rest}>{link}</li>"

    def shape(found: re.Match[str]) -> str:
        return f"<a {address(found[2])}>{found[1]}</a>" if found[2] in known else found[0]

    body = _TILE.sub(tile, body)
    body = _SHAPE.sub(shape, body)
    return _LINK.sub(lambda found: address(found[1]), body)


def origin_html(lines: list[tuple[str, str]], language: Language) -> str:
    """Return what stands behind a figure, on request: pairs of a text and what it is, not yet escaped."""
    rows = "".join(f"<dt>{say(text, language)}</dt><dd>{escape(value)}</dd>" for text, value in lines)
    return (
        f"<details class='pk-origin'><summary>{say('Where these figures come from', language)}</summary>"
        f"<dl>{rows}</dl></details>"
    )
