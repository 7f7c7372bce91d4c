"""What the forms of this chapter share: both languages, consent, and sheets laid out as an XLSForm."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from pk_research.language import Bilingual, Message
from pk_research.survey.xlsform.workbook import Sheet, Workbook

ID, EN = "::Bahasa Indonesia (id)", "::English (en)"
CHOICES = ("list_name", "name", f"label{ID}", f"label{EN}")
THANKS = Message("Thank you for your time. There are no more questions; please send the form.")
AGREE = Message("Do you agree to take part?")
CONSENT = {"yes": Message("Yes, I agree"), "no": Message("No, I do not agree")}


def both(column: str, text: Bilingual) -> dict[str, str]:
    """Return the cells of a column in both languages.

    Examples
    --------
    >>> sorted(both("label", Message("Consent")))
    ['label::Bahasa Indonesia (id)', 'label::English (en)']
    """
    return {f"{column}{ID}": text.text("id"), f"{column}{EN}": text.text("en")}


def needed() -> dict[str, str]:
    """Return the cells of a question that has to be answered."""
    text = Message("This question has to be answered before the form can be sent.")
    return {"required": "yes", **both("required_message", text)}


def choices_of_list(list_name: str, texts: Mapping[str, Bilingual]) -> Iterator[dict[str, str]]:
    """Return the rows of a list of choices: name -> text."""
    for name, text in texts.items():
        yield {"list_name": list_name, "name": name, **both("label", text)}


def laid_out(
    *,
    title: str,
    form_id: str,
    version: str | None = None,
    columns: Sequence[str],
    survey: Iterable[Mapping[str, str]],
    choices: Iterable[Mapping[str, str]],
) -> Workbook:
    """Lay rows out as an XLSForm of pages, Bahasa Indonesia first.

    Parameters
    ----------
    title, form_id
        Of the form.
    version
        Of the form; by default a hash of all its cells, so that another form has another version.
    columns
        Of the sheet ``survey``.
    survey, choices
        Rows of the two sheets: column -> cell; a cell that is not named is empty.
    """
    asked = _sheet("survey", columns, survey)
    offered = _sheet("choices", CHOICES, choices)
    settings = {
        "form_title": title,
        "form_id": form_id,
        "version": version or _version(title, asked, offered),
        "style": "pages",
        "default_language": ID.removeprefix("::"),
    }
    return Workbook(
        "xlsx",
        {
            "survey": asked,
            "choices": offered,
            "settings": _sheet("settings", tuple(settings), [settings]),
        },
    )


def _version(title: str, *sheets: Sheet) -> str:
    cells = json.dumps([title, *(sheet.rows for sheet in sheets)], ensure_ascii=False)
    # The letter keeps a spreadsheet from reading the hash as a number.
    return f"v{sha256(cells.encode()).hexdigest()[:12]}"


def _sheet(name: str, headers: Sequence[str], records: Iterable[Mapping[str, str]]) -> Sheet:
    rows = (tuple(headers), *(tuple(record.get(header, "") for header in headers) for record in records))
    return Sheet(name, rows)
