"""The pages of the site."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pandas as pd

from pk_research import __version__
from pk_research.apps.about import ABOUT
from pk_research.apps.findings.doubts import doubts_html
from pk_research.apps.findings.headline import headline_html
from pk_research.apps.findings.picture import picture_html
from pk_research.apps.findings.potential import N_DRAWS
from pk_research.apps.findings.potential_html import potential_html
from pk_research.apps.findings.ranking import ranking_html
from pk_research.apps.findings.types import types_html
from pk_research.apps.findings.village_index import village_index_html
from pk_research.apps.findings.village_page import village_html
from pk_research.apps.markup import CURRENT, moved_sideways, say, sentence, table
from pk_research.apps.site.content import Content
from pk_research.apps.site.layout import Page, origin_html
from pk_research.clusters.html import legend_html
from pk_research.disclosure import withheld_message
from pk_research.language import Language, Message, number_text, translate
from pk_research.register.village import KECAMATAN_LENGTH

OVER_TIME = ("iks", "ike", "ikl", "idm")
LEVELS = ("Matters less", "As usual", "Matters more")


def pages_of(content: Content, language: Language, *, root: str = "/") -> Iterator[Page]:
    """Make every page but that of the downloads; ``root`` is the address of the site on its server."""
    for year, k in content.types:
        yield _types(content, year, k, language)
    for year in content.potentials:
        yield _potential(content, year, language)
    yield _villages(content, language)
    for code in content.villages:
        yield _village(content, code, language)
    yield _about(content, language)
    yield _nowhere(language, root)


def types_path(content: Content, year: int | None, k: int | None) -> str:
    """Return where the types of a year by a number stand; the first choice is the first page."""
    if year == content.latest and k == content.grid.numbers[0]:
        return "index.html"
    return f"tipe/{'' if year is None else f'{year}-'}k{k or 0}.html"


def potential_path(content: Content, year: int | None) -> str:
    """Return where the index of a year stands."""
    return "potential.html" if year == content.latest else f"potensi/{year}.html"


def _types(content: Content, year: int | None, k: int | None, language: Language) -> Page:
    typology = content.types[year, k]
    path = types_path(content, year, k)
    home = "../" * path.count("/")
    numbers = [
        (
            say("Automatic", language) if other is None else str(other),
            types_path(content, year, other),
            other == k,
        )
        for other in content.grid.numbers
        if (year, other) in content.types
    ]
    years = [
        (str(other), types_path(content, other, k), other == year)
        for other in content.years
        if (other, k) in content.types
    ]
    origin = _origin(content, language, seed=typology.seed, made_of=typology.input_hash)
    body = (
        f"<h1>{escape(ABOUT['findings'].title.text(language))}</h1>"
        f"{headline_html(typology, language)}"
        f"<div class='pk-choices-row'>{_links('Number of types', numbers, home, language)}"
        f"{_links('Year', years, home, language) if len(years) > 1 else ''}</div>"
        f"<h2>{say('The villages', language)}</h2>"
        f"{legend_html(typology, language)}"
        f"{picture_html(typology, language, boundaries=content.boundaries)}"
        f"{types_html(typology, language)}"
        f"<h2>{say('Villages ranked', language)}</h2>"
        f"{ranking_html(typology, typology.variables[0].name, language)}"
        f"{doubts_html(typology, language)}"
        f"{origin_html(origin, language)}"
    )
    told = Message("Types of villages in the research of Pabrik Kampoeng")
    return Page(path, ABOUT["findings"].title, body, "index", told)


def _potential(content: Content, year: int | None, language: Language) -> Page:
    potential = content.potentials[year]
    path = potential_path(content, year)
    home = "../" * path.count("/")
    years = [(str(other), potential_path(content, other), other == year) for other in content.potentials]
    weights = _weights(content, language) if year == content.latest and len(content.weighted) > 1 else ""
    origin = _origin(content, language, seed=potential.uncertainty.seed, made_of=content.entry.content_hash)
    body = (
        f"<h1>{say('Economic potential', language)}</h1>"
        f"<div class='pk-choices-row'>{_links('Year', years, home, language) if len(years) > 1 else ''}</div>"
        f"{weights}<div id='pk-ranked'>{potential_html(potential, '', language)}</div>"
        f"{origin_html([*origin, ('Draws', str(N_DRAWS))], language)}"
    )
    told = Message("Villages ranked by an index of economic potential, each rank with its interval")
    return Page(path, Message("Economic potential"), body, "potential", told)


def _weights(content: Content, language: Language) -> str:
    """Return the choice of weights; a script shows it, for without one it could do nothing."""
    potential = content.potentials[content.latest]
    levels = list(zip(content.grid.levels, LEVELS, strict=False))
    fields = "".join(
        f"<fieldset><legend>{escape(potential.tried.declaration.label(part).text(language))}</legend>"
        + "".join(
            f"<label><input type='radio' name='{escape(part)}' value='{level}'"
            f"{' checked' if level == content.grid.usual else ''}> {say(text, language)}</label>"
            for level, text in levels
        )
        + "</fieldset>"
        for part in potential.parts
    )
    other = say("By your weights; the intervals are of these weights too", language)
    return (
        f"<form id='pk-weights' hidden data-table='data/potential.json'><details>"
        f"<summary>{say('Weigh the parts yourself', language)}</summary>"
        f"<div class='pk-fields'>{fields}</div></details>"
        f"<p role='status' class='pk-hint' data-usual='{say('As proposed', language)}'"
        f" data-other='{other}'></p></form>"
    )


def _villages(content: Content, language: Language) -> Page:
    by_area: dict[str, list[str]] = {}
    for code in content.villages:
        by_area.setdefault(content.area(code), []).append(code)
    blocks = "".join(
        f"<section><h2>{escape(area)}</h2><ul class='pk-list'>"
        + "".join(
            f"<li><a href='?village={code}'>{escape(content.name(code))}</a>"
            f"{_unlisted(content, code, language)}</li>"
            for code in sorted(codes, key=content.name)
        )
        + "</ul></section>"
        for area, codes in sorted(by_area.items())
    )
    told = Message("{n} villages and urban villages, by kecamatan", {"n": len(content.register)})
    body = f"<h1>{say('All villages', language)}</h1><p>{sentence(told, language)}</p>"
    if more := len(content.villages) - len(content.register):
        wrong = Message("Entries of the data under a code that is not in the register: {n}", {"n": more})
        body += f"<p class='pk-hint'>{sentence(wrong, language)}</p>"
    body += blocks
    return Page("villages.html", Message("All villages"), body, "villages", told)


def _unlisted(content: Content, code: str, language: Language) -> str:
    """Return that the register has no such code, as a village's second entry has its name; else nothing."""
    if content.register.by_code(code) is not None:
        return ""
    told = Message("code {code} is not in the register", {"code": code})
    return f" <small>({escape(told.text(language))})</small>"


def _village(content: Content, code: str, language: Language) -> Page:
    name, area = content.name(code), content.area(code)
    typology = content.types.get((content.latest, content.grid.numbers[0]))
    rows = content.dataset.frame[content.dataset.frame["village_code"] == code]
    if rows.empty or typology is None:
        nothing = sentence(Message("There are no data of this village"), language)
        found = f"<p class='pk-hint'>Kec. {escape(area)} · {code}</p><p class='pk-callout'>{nothing}</p>"
    else:
        found = _told(village_html(typology, content.shown, code, language))
        potential = content.potentials.get(content.latest)
        found += "" if potential is None else village_index_html(potential, code, language)
        found += _over_time(content, rows, language)
    product = "" if content.flagships is None else _product(content, code, language)
    beside = [
        f"<li><a href='?village={other}'>{escape(content.name(other))}</a></li>"
        for other in content.villages
        if other[:KECAMATAN_LENGTH] == code[:KECAMATAN_LENGTH] and other != code
    ]
    heading = say("Villages of the same kecamatan", language)
    near = f"<h2>{heading}</h2><ul class='pk-list'>{''.join(beside)}</ul>"
    body = (
        f"<h1>{escape(name)}{_unlisted(content, code, language)}</h1>{found}{product}{near if beside else ''}"
    )
    told = Message(
        "{village}, Kecamatan {area}: its type, its rank and its products", {"village": name, "area": area}
    )
    title = Message("{village} (Kec. {kecamatan})", {"village": name, "kecamatan": area})
    return Page(f"desa/{code}.html", title, body, "villages", told)


def _told(page: str) -> str:
    """Leave out the heading of the app's page, which this page has above."""
    start, end = page.find("<h2 class='pk-title'>"), page.find("</h2>")
    return page if start < 0 else page[:start] + page[end + len("</h2>") :]


def _over_time(content: Content, rows: pd.DataFrame, language: Language) -> str:
    """Return the indices of a village by year, where the data has them; years beside each other."""
    known = [name for name in OVER_TIME if name in rows and rows[name].notna().any()]
    if "year" not in rows or not known:
        return ""
    by_year = rows.sort_values("year")
    lines = [
        [
            escape(content.dataset.codebook[name].label(language)),
            *(number_text(float(value), language, 3) for value in by_year[name].astype(float)),
        ]
        for name in known
    ]
    headings = [say("Index", language), *(str(int(year)) for year in by_year["year"])]
    shown = table(headings, lines, numeric=range(1, len(headings)))
    title = translate("Over the years", language)
    return f"<h2>{escape(title)}</h2>{moved_sideways(shown, title)}"


def _product(content: Content, code: str, language: Language) -> str:
    flagships = content.flagships
    if flagships is None:
        return ""
    told = escape(flagships.in_words(language, code))
    return f"<h2>{say('What it could build on', language)}</h2><p class='pk-callout'>{told}</p>"


def _about(content: Content, language: Language) -> Page:
    provenance = content.dataset.provenance
    typology = content.types.get((content.latest, content.grid.numbers[0]))
    steps = "".join(
        f"<li>{escape(step.by_label(content.dataset.codebook).text(language))}:"
        f" {number_text(step.n_rows, language)}</li>"
        for step in provenance.steps
    )
    account = "" if typology is None else "".join(
        f"<p>{escape(paragraph)}</p>" for paragraph in typology.in_words(language).split("\n")
    )  # fmt: skip
    products = "" if content.flagships is None else (
        f"<h2>{say('Products', language)}</h2><p>{escape(content.flagships.in_words(language))}</p>"
    )  # fmt: skip
    lines = [
        ("Publisher", translate(provenance.source, language) or "–"),
        ("Licence", translate(provenance.licence, language) or "–"),
        *_origin(content, language, seed=None, made_of=content.entry.content_hash),
        ("Rows read", number_text(provenance.n_rows_read, language)),
    ]
    rows = "".join(f"<dt>{say(text, language)}</dt><dd>{escape(value)}</dd>" for text, value in lines)
    body = (
        f"<h1>{say('About these findings', language)}</h1>"
        f"<p>{say(LIMITS, language)}</p><h2>{say('Village types', language)}</h2>{account}{products}"
        f"<h2>{say('Data', language)}</h2><dl class='pk-facts'>{rows}</dl>"
        f"<p>{sentence(withheld_message(content.n_blanked), language)}</p>"
        f"<h2>{say('What was done to the data', language)}</h2><ul>{steps}</ul>"
    )
    told = Message("Data, methods and limits behind the findings")
    return Page("about.html", Message("About these findings"), body, "about", told)


LIMITS = (
    "Every page was computed before and asks no server for anything. Ranks stand with their intervals, types"
    " with how sure they are; what is missing is said to be missing. Other choices than those offered here"
    " can be made in the apps and notebooks of the workbench."
)


def _nowhere(language: Language, root: str) -> Page:
    title = Message("There is no such page")
    home = Page("404.html", title, "", "", title, root).home(language)
    body = (
        f"<h1>{say('There is no such page', language)}</h1>"
        f"<p><a href='{escape(home)}villages.html'>{say('All villages', language)}</a></p>"
    )
    return Page("404.html", title, body, "", title, root)


def _links(label: str, entries: list[tuple[str, str, bool]], home: str, language: Language) -> str:
    links = "".join(
        f"<li><a href='{home}{path}'{CURRENT if is_current else ''}>{text}</a></li>"
        for text, path, is_current in entries
    )
    name = say(label, language)
    return f"<nav class='pk-choice' aria-label='{name}'><span>{name}</span><ul>{links}</ul></nav>"


def _origin(content: Content, language: Language, *, seed: int | None, made_of: str) -> list[tuple[str, str]]:
    entry = content.entry
    lines = [
        ("Data", translate(entry.title, language)),
        ("Version of the data", f"{entry.version} ({entry.content_hash[:12]})"),
        ("Hash of the rows used", made_of[:12]),
        ("Version of the program", __version__),
    ]
    return lines if seed is None else [*lines, ("Seed of the calculation", str(seed))]
