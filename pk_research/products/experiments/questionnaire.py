"""A design as an XLSForm: one page a choice set, alternatives described in words, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pk_research.codebook import Label
from pk_research.language import Language, Message
from pk_research.products.experiments.attributes import NONE
from pk_research.products.experiments.design import ChoiceDesign
from pk_research.products.forms import (
    AGREE,
    CONSENT,
    EN,
    ID,
    THANKS,
    both,
    choices_of_list,
    laid_out,
    needed,
)
from pk_research.survey.xlsform.workbook import Workbook, write_workbook

SURVEY = (
    "type", "name", f"label{ID}", f"label{EN}", f"hint{ID}", f"hint{EN}", "required",
    f"required_message{ID}", f"required_message{EN}", "relevant", "constraint",
    f"constraint_message{ID}", f"constraint_message{EN}", "calculation", "appearance",
)  # fmt: skip
HASH_LENGTH = 16
ASKED = Message(
    "**Who is asking.** The regional research agency (Balitbangda) of Kabupaten Bekasi, for the programme "
    "Pabrik Kampoeng: one village, one flagship product.\n\n"
    "**Why.** You will see {n} small sets of products and say which one you would buy. There is no right or "
    "wrong answer; your choices show which taste, packaging and promotion people value, and what they would "
    "pay.\n\n"
    "**Voluntary.** You are free to take part or not. You may leave single questions unanswered and may stop "
    "at any time, without any consequence for you.\n\n"
    "**Your answers.** No name, address or telephone number is asked. Answers are kept by Balitbangda and "
    "published only as summaries."
)


@dataclass(frozen=True, slots=True)
class ExperimentTexts:
    """What the form of an experiment is called and asks.

    Attributes
    ----------
    form_id
        Identifier: lower case letters, digits and ``_``.
    title_id, title_en
        Title in both languages.
    question_id, question_en
        Asked above every set.
    version
        Of the form; by default taken from its content, so that another form has another version.

    Examples
    --------
    >>> ExperimentTexts("emping_choice", "Pilihan Emping", "Choosing Emping").question_en
    'Which of these would you buy?'
    """

    form_id: str
    title_id: str
    title_en: str
    question_id: str = "Mana yang akan Anda beli?"
    question_en: str = "Which of these would you buy?"
    version: str | None = None


def set_name(number: int) -> str:
    """Return the name of the question about a set.

    Examples
    --------
    >>> set_name(3)
    'set_03'
    """
    return f"set_{number:02}"


def page_name(number: int) -> str:
    """Return the name of the page that question is on."""
    return f"page_{number:02}"


def design_mark(design: ChoiceDesign) -> str:
    """Return what a filling carries to say which design it answers."""
    return design.content_hash[:HASH_LENGTH]


def experiment_form(design: ChoiceDesign, texts: ExperimentTexts) -> Workbook:
    """Lay a design out as an XLSForm.

    The respondent's block is the one given at the beginning, or drawn at random where none is.
    No question about a set has to be answered.

    Parameters
    ----------
    design
        The design.
    texts
        Title and question.

    Returns
    -------
    Workbook
        Sheets ``survey``, ``choices`` and ``settings``; `write_experiment_form` writes it.

    Examples
    --------
    >>> from pk_research.products.experiments.attributes import Attribute
    >>> from pk_research.products.experiments.design import choice_design
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> book = experiment_form(choice_design([pack], n_sets=2), ExperimentTexts("pack", "Kemasan", "Packs"))
    >>> list(book.sheets)
    ['survey', 'choices', 'settings']
    """
    survey = [*_opening(design), *_block(design)]
    for number, shown in design.sets.groupby("set"):
        survey += _page(design, texts, int(str(number)), int(shown["block"].iloc[0]))
    return laid_out(
        title=f"{texts.title_id} / {texts.title_en}",
        form_id=texts.form_id,
        version=texts.version,
        columns=SURVEY,
        survey=survey,
        choices=[*choices_of_list("consent", CONSENT), *_choices(design)],
    )


def write_experiment_form(design: ChoiceDesign, texts: ExperimentTexts, path: Path) -> Path:
    """Write the form as ``.xlsx``, ready for `compile_xlsform`; return where."""
    write_workbook(experiment_form(design, texts), path)
    return path


def _opening(design: ChoiceDesign) -> list[dict[str, str]]:
    return [
        {"type": "start", "name": "start"},
        {"type": "end", "name": "end"},
        {"type": "begin_group", "name": "opening", "appearance": "field-list",
         **both("label", Message("Consent"))},
        {"type": "note", "name": "consent_text",
         **both("label", Message(ASKED.template, {"n": design.sets_each}))},
        {"type": "select_one consent", "name": "consent", **needed(), **both("label", AGREE)},
        {"type": "note", "name": "thanks_no", "relevant": "${consent} = 'no'",
         **both("label", THANKS)},
        {"type": "end_group", "name": ""},
        {"type": "calculate", "name": "design_mark", "calculation": f"'{design_mark(design)}'"},
    ]  # fmt: skip


def _block(design: ChoiceDesign) -> list[dict[str, str]]:
    n = design.n_blocks
    if n == 1:
        return [{"type": "calculate", "name": "block", "calculation": "1"}]
    return [
        {"type": "calculate", "name": "drawn_block", "calculation": f"once(int(random() * {n}) + 1)"},
        {"type": "begin_group", "name": "numbering", "appearance": "field-list",
         "relevant": "${consent} = 'yes'", **both("label", Message("Number of the block"))},
        {"type": "integer", "name": "given_block", "constraint": f". >= 1 and . <= {n}",
         **both("label", Message("Which number were you given?")),
         **both("hint", Message("Leave it empty unless you were given a number; one is then drawn.")),
         **both("constraint_message", Message("Blocks are numbered from 1 to {n}.", {"n": n}))},
        {"type": "end_group", "name": ""},
        {"type": "calculate", "name": "block",
         "calculation": "if(${given_block} != '', ${given_block}, ${drawn_block})"},
    ]  # fmt: skip


def _page(design: ChoiceDesign, texts: ExperimentTexts, number: int, block: int) -> list[dict[str, str]]:
    first = int(design.sets.loc[design.sets["block"] == block, "set"].min())
    values = {"n": number - first + 1, "total": design.sets_each}
    question = Message(
        "**Choice {n} of {total}.** {question}",
        {**values, "question": Label("", texts.question_id, texts.question_en)},
    )
    relevant = (
        "${consent} = 'yes'" if design.n_blocks == 1 else f"${{consent}} = 'yes' and ${{block}} = {block}"
    )
    title = Message("Choice {n}", values)
    return [
        {"type": "begin_group", "name": page_name(number), "appearance": "field-list", "relevant": relevant,
         **both("label", title)},
        {"type": f"select_one {set_name(number)}", "name": set_name(number), **both("label", question)},
        {"type": "end_group", "name": ""},
    ]  # fmt: skip


def _choices(design: ChoiceDesign) -> Iterator[dict[str, str]]:
    for number, shown in design.sets.groupby("set"):
        for _, row in shown.iterrows():
            yield {
                "list_name": set_name(int(str(number))),
                "name": str(row["alternative"]),
                f"label{ID}": _described(design, row, "id"),
                f"label{EN}": _described(design, row, "en"),
            }
        if design.has_none:
            none = Message("None of these")
            yield {"list_name": set_name(int(str(number))), "name": NONE, **both("label", none)}


def _described(design: ChoiceDesign, row: pd.Series, language: Language) -> str:
    lines = [f"**{str(row['alternative']).upper()}**"]
    for attribute in design.attributes:
        level = attribute.levels[attribute.codes.index(row[attribute.name])]
        lines.append(f"{attribute.text(language)}: {level.text(language)}")
    return "\n".join(lines)
