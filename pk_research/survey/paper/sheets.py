"""The printed sheet: a form to be filled by hand, or a filling to be read and signed."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.resources import files

from pk_research.language import Language
from pk_research.survey.definition import Form
from pk_research.survey.exchange.tables import Personal
from pk_research.survey.filled import Filled
from pk_research.survey.paper.empty_page import EmptyPage
from pk_research.survey.paper.filled_page import FilledPage
from pk_research.survey.paper.page import Page
from pk_research.survey.privacy import personal_in
from pk_research.survey.surroundings import Surroundings

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def sheet(
    form: Form,
    *,
    filling: Filled | str | bytes | None = None,
    language: Language = "id",
    attachments: Mapping[str, bytes] | None = None,
    personal: Personal = "keep",
    surroundings: Surroundings | None = None,
) -> str:
    """Return a form, empty or filled, as HTML for A4 paper.

    Parameters
    ----------
    form
        The form.
    filling
        What was sent; None for a form to be filled by hand.
    language
        Language of the form's texts, where it has them, and of the house's own.
    attachments
        Attached files by name; pictures are printed.
    personal
        ``"leave out"`` blackens the answers that are personal data (see `survey.privacy`).
    surroundings
        The respondent's time zone, for calculations shown in labels.

    Returns
    -------
    str
        A page of its own, without scripts and without anything fetched. Questions have the same
        numbers on the empty and on the filled sheet. The empty one says when a question is to be
        asked (``only if question 3 is …``); the filled one holds only what applied, and counts what
        did not. Repeats are tables; those of more than five questions stand on end.

    Raises
    ------
    BadInput
        When the filling is not one of this form.

    Examples
    --------
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance></model></h:head>
    ...   <h:body><input ref="/data/kk"><label>Keluarga</label></input></h:body></h:html>''')
    >>> "Keluarga" in sheet(form), "150" in sheet(form, filling="<data><kk>150</kk></data>")
    (True, True)
    """
    if filling is None:
        page: Page = EmptyPage(form, language)
    else:
        hidden = personal_in(form) if personal == "leave out" else frozenset()
        page = FilledPage(
            form, filling, language, attachments=attachments or {}, hidden=hidden, surroundings=surroundings
        )
    style = files(__package__).joinpath("paper.css").read_text(encoding="utf-8")
    title = escape(form.title)
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{title}</title><style>{style}</style></head><body><main>"
        f'<header><h1>{title}</h1><p class="about">{page.about()}</p></header>'
        f"{page.introduction()}{''.join(page.items(page.outline, {}))}{page.closing()}</main></body></html>\n"
    )
