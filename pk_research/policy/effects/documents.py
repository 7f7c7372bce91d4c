"""Effects as a table that can be handed on: a page, a Word document, or LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, number_text
from pk_research.writing import write_files

if TYPE_CHECKING:
    from pk_research.policy.effects.effect import Effect


MOST_DECIMALS = 12


def write_effects(effects: Sequence[Effect], path: Path | str, language: Language) -> Path:
    """Write effects below one another in one table, each with its account as a note.

    Parameters
    ----------
    effects
        At least one.
    path
        Of the file; its ending says how: ``.html``, ``.docx`` or ``.tex``.
    language
        Of the texts.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    BadInput
        When the ending is another, or there is no effect to write.
    """
    path = Path(path)
    writers = {".html": _html, ".docx": _word, ".tex": _latex}
    problems = []
    if path.suffix not in writers:
        problems.append(
            Problem(str(path), f"'{path.suffix}' is no kind of table", f"End it with {', '.join(writers)}.")
        )
    if not effects:
        problems.append(Problem(str(path), "there is no effect to write", "Give at least one."))
    if problems:
        raise BadInput(problems)
    table = pd.concat([effect.table(language) for effect in effects], ignore_index=True)
    notes = [effect.in_words(language) for effect in effects]
    content = writers[path.suffix](table, notes, language)
    return write_files({path.name: content}, path.parent)[0]


def _html(table: pd.DataFrame, notes: Iterable[str], language: Language) -> bytes:
    from great_tables import GT, html

    page = GT(_texts(table, language)).tab_options(table_font_size="14px")
    for note in notes:
        page = page.tab_source_note(html(escape(note)))
    return str(page.as_raw_html(make_page=True)).encode("utf-8")


def _latex(table: pd.DataFrame, notes: Iterable[str], language: Language) -> bytes:
    from great_tables import GT

    page = GT(_texts(table, language))
    for note in notes:
        page = page.tab_source_note(note)
    return str(page.as_latex()).encode("utf-8")


def _word(table: pd.DataFrame, notes: Iterable[str], language: Language) -> bytes:
    from docx import Document

    document = Document()
    texts = _texts(table, language)
    grid = document.add_table(rows=1 + len(texts), cols=len(texts.columns), style="Table Grid")
    for row, values in enumerate([tuple(texts.columns), *texts.itertuples(index=False)]):
        for column, value in enumerate(values):
            grid.cell(row, column).text = str(value)
    for note in notes:
        document.add_paragraph(note)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _texts(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Write every figure as the language does; what is missing says so."""

    def text(value: object) -> str:
        return number_text(value, language, _decimals(value)) if isinstance(value, float) else str(value)

    return table.map(text)


def _decimals(value: float) -> int:
    return next((n for n in range(MOST_DECIMALS) if round(value, n) == value), MOST_DECIMALS)
