"""The experts' panel as a form: one pair a page, with the consistency worked out while it is filled.

An ordinary XLSForm, so that the survey app serves it on any phone, a broken connection costs
nothing, and each expert's judgements arrive as a submission, never lost or doubled. Weights and
consistency in the form come from geometric means of the rows, which expressions can say; what
counts is worked out again by `panel` from the judgements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pandas as pd

from pk_research.codebook import Label
from pk_research.errors import BadInput, Problem
from pk_research.indicators.composite.ahp import ACCEPTED, MOST, RANDOM_INDEX
from pk_research.language import LANGUAGES, Language, Message
from pk_research.products.experiments.answers import answers_of
from pk_research.products.flagship.criteria import (
    Names,
    criterion_label,
    name_faults,
)
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
from pk_research.products.words import told
from pk_research.survey import Filled
from pk_research.survey.xlsform.workbook import Workbook, write_workbook

SURVEY = (
    "type", "name", f"label{ID}", f"label{EN}", "required", f"required_message{ID}",
    f"required_message{EN}", "relevant", "calculation", "appearance",
)  # fmt: skip
DEGREES = {
    9: Message("{more} matters absolutely more than {less}"),
    7: Message("{more} matters far more than {less}"),
    5: Message("{more} matters more than {less}"),
    3: Message("{more} matters a little more than {less}"),
}
SPEAKS_FOR = {
    "government": Message("Government office"),
    "bumdes": Message("BUMDes (village enterprise)"),
    "business": Message("Business"),
    "university": Message("University"),
    "community": Message("Community organisation"),
}


@dataclass(frozen=True, eq=False)
class PanelAnswers:
    """What the experts of a panel judged.

    Attributes
    ----------
    judgements
        Expert -> judgements, as `panel` takes them; experts are numbered in the order they sent.
    speaks_for
        Expert -> whom they speak for; missing where they did not say.
    incomplete
        Expert -> how many pairs are not judged; they are not in ``judgements``.
    n_declined
        Experts who did not agree to take part.
    made
        True for made answers.
    """

    judgements: Mapping[str, Mapping[tuple[str, str], float]]
    speaks_for: Mapping[str, str]
    incomplete: Mapping[str, int]
    n_declined: int
    made: bool

    def in_words(self, language: Language) -> str:
        """Say how many judged everything, and who is not counted."""
        sentences = [Message("Experts who judged every pair: {n}.", {"n": len(self.judgements)})]
        if self.incomplete:
            named = ", ".join(f"{name} ({n})" for name, n in self.incomplete.items())
            sentences.append(
                Message("Not counted, because pairs are missing (how many): {experts}.", {"experts": named})
            )
        if self.n_declined:
            sentences.append(Message("Declined to take part: {n}.", {"n": self.n_declined}))
        return told(sentences, language, made=self.made)


def panel_form(
    criteria: Sequence[str],
    *,
    names: Names | None = None,
    form_id: str = "ahp_panel",
    version: str | None = None,
) -> Workbook:
    """Lay a panel out as an XLSForm.

    Parameters
    ----------
    criteria
        What is compared, 3 to 15 short codes (lower case letters, digits, ``_``). Six make fifteen
        pairs, which is about what an expert bears.
    names
        Code -> what people call it, ``{"id": ..., "en": ...}``. Needed for every criterion that is
        none of Bank Indonesia's; for one of theirs the name given here is the one asked with.
    form_id
        Of the form.
    version
        Of the form; by default taken from its content, so that another form has another version.

    Returns
    -------
    Workbook
        Sheets ``survey``, ``choices`` and ``settings``; `write_panel_form` writes it.

    Raises
    ------
    BadInput
        Naming everything at once: too few or too many criteria, a code that cannot be used, a name
        missing in either language, a name for something that is no criterion.

    Examples
    --------
    >>> book = panel_form(["market", "price", "capital"])
    >>> list(book.sheets)
    ['survey', 'choices', 'settings']
    """
    codes, called = list(criteria), names or {}
    problems = [*_in_codes(codes), *name_faults(codes, called, needed=True)]
    if problems:
        raise BadInput(problems)
    labels = {code: criterion_label(code, called) for code in codes}
    pairs = list(combinations(codes, 2))
    survey = [*_opening(len(pairs))]
    for number, pair in enumerate(pairs, start=1):
        survey += _page(number, len(pairs), labels[pair[0]], labels[pair[1]])
    survey += [*_worked_out(codes, pairs), *_result(labels, pairs)]
    return laid_out(
        title="Panel Pakar: Bobot Kriteria / Expert Panel: Weights of Criteria",
        form_id=form_id,
        version=version,
        columns=SURVEY,
        survey=survey,
        choices=[
            *choices_of_list("consent", CONSENT),
            *choices_of_list("speaks_for", SPEAKS_FOR),
            *_degrees(pairs, labels),
        ],
    )


def write_panel_form(
    criteria: Sequence[str],
    path: Path,
    *,
    names: Names | None = None,
    form_id: str = "ahp_panel",
    version: str | None = None,
) -> Path:
    """Write the form of `panel_form` as ``.xlsx``, ready for ``pk form publish``; return where."""
    write_workbook(panel_form(criteria, names=names, form_id=form_id, version=version), path)
    return path


def _in_codes(codes: Sequence[str]) -> Iterator[Problem]:
    for code in codes:
        if not (code.isidentifier() and code.islower() and code.isascii()):
            yield Problem(
                f"criterion {code!r}", "it cannot be a name in a form", "Use lower case letters, digits, _."
            )
    if len(set(codes)) < len(codes) or not 3 <= len(codes) <= MOST:
        yield Problem("criteria", f"{len(codes)} are given, or some twice", f"Give 3 to {MOST}, each once.")


def judgements_of(
    fillings: Iterable[Filled | str], criteria: Sequence[str], *, made: bool = False
) -> PanelAnswers:
    """Read what the experts sent.

    Parameters
    ----------
    fillings
        Of the form that `panel_form` makes of these criteria: as the store keeps them, or the XML.
    criteria
        The criteria, in the order of the form.
    made
        True for made answers.

    Raises
    ------
    BadInput
        When there are no fillings, they are of another form, or an answer is no degree of the scale.
    """
    pairs = list(combinations(criteria, 2))
    answers = answers_of(fillings)
    if answers.empty:
        raise BadInput(Problem("panel", "nobody has sent anything", "Invite experts to the form."))
    columns = [pair_name(number) for number in range(1, len(pairs) + 1)]
    beyond = [name for name in answers if name.startswith("pair_") and name not in columns]
    if beyond or "consent" not in answers:
        raise BadInput(
            Problem(
                "panel",
                f"the form sent is not the one of these {len(criteria)} criteria",
                "Give the fillings of this panel's form, and its criteria.",
            )
        )
    given = answers.reindex(columns=columns)
    scale = {str(sign * degree) for degree in DEGREES for sign in (1, -1)} | {"1"}
    strange = sorted({str(value) for name in columns for value in given[name].dropna()} - scale)
    if strange:
        raise BadInput(
            Problem("panel", f"answers hold {', '.join(strange)}", "Give the fillings of this panel's form.")
        )
    agreed = answers["consent"].eq("yes")
    judgements, incomplete, speaks_for = {}, {}, {}
    for number, (row, line) in enumerate(given[agreed].iterrows(), start=1):
        expert = f"E{number}"
        if line.isna().any():
            incomplete[expert] = int(line.isna().sum())
            continue
        judgements[expert] = {pair: _ratio(int(value)) for pair, value in zip(pairs, line, strict=True)}
        if "speaks_for" in answers and pd.notna(answers.loc[row, "speaks_for"]):
            speaks_for[expert] = str(answers.loc[row, "speaks_for"])
    return PanelAnswers(judgements, speaks_for, incomplete, int((~agreed).sum()), made)


def pair_name(number: int) -> str:
    """Return the name of the question about a pair.

    Examples
    --------
    >>> pair_name(3)
    'pair_03'
    """
    return f"pair_{number:02}"


def _ratio(degree: int) -> float:
    return float(degree) if degree > 0 else 1 / -degree


def _opening(n_pairs: int) -> list[dict[str, str]]:
    asked = Message(
        "You compare {n} pairs of criteria by which villages' flagship products are chosen. No name is asked."
        " At the end you see the weights that follow from your answers, and whether they agree with each"
        " other; you may go back and change any of them.",
        {"n": n_pairs},
    )
    return [
        {"type": "start", "name": "start"},
        {"type": "end", "name": "end"},
        {"type": "begin_group", "name": "opening", "appearance": "field-list",
         **both("label", Message("Consent"))},
        {"type": "note", "name": "asked", **both("label", asked)},
        {"type": "select_one consent", "name": "consent", **needed(),
         **both("label", AGREE)},
        {"type": "select_one speaks_for", "name": "speaks_for", "relevant": "${consent} = 'yes'",
         **both("label", Message("Whom do you speak for?"))},
        {"type": "note", "name": "thanks_no", "relevant": "${consent} = 'no'", **both("label", THANKS)},
        {"type": "end_group", "name": ""},
    ]  # fmt: skip


def _page(number: int, total: int, first: Label, second: Label) -> list[dict[str, str]]:
    name = pair_name(number)
    title = Message("Pair {n} of {total}", {"n": number, "total": total})
    asked = Message(
        "Which matters more for choosing a flagship product: {first} or {second}?",
        {"first": first, "second": second},
    )
    now = Message(
        "With this answer the consistency ratio is {ratio} (accepted up to {accepted}).",
        {"ratio": _written("ratio_shown"), "accepted": ACCEPTED},
    )
    return [
        {"type": "begin_group", "name": f"page_{number:02}", "appearance": "field-list",
         "relevant": "${consent} = 'yes'", **both("label", title)},
        {"type": f"select_one {name}", "name": name, **needed(), **both("label", asked)},
        {"type": "note", "name": f"now_{number:02}", "relevant": "${complete} = 1", **both("label", now)},
        {"type": "end_group", "name": ""},
    ]  # fmt: skip


def _worked_out(names: list[str], pairs: list[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """Say in expressions: the ratio of each pair, weights, consistency, how far each pair is off."""
    n = len(names)
    answered = [f"${{{pair_name(k)}}} != ''" for k in range(1, len(pairs) + 1)]
    yield _calculated("complete", f"if({' and '.join(answered)}, 1, 0)")
    for k in range(1, len(pairs) + 1):
        degree = f"number(${{{pair_name(k)}}})"
        yield _calculated(
            f"ratio_{k:02}", _once_complete(f"if({degree} > 0, {degree}, 1 div (0 - {degree}))")
        )
    for name in names:
        logs = [
            f"{'' if name == first else '0 - '}log(${{ratio_{k:02}}})"
            for k, (first, second) in enumerate(pairs, start=1)
            if name in (first, second)
        ]
        total = " + ".join(f"({one})" for one in logs)
        yield _calculated(f"mean_{name}", _once_complete(f"exp(({total}) div {n})"))
    means = " + ".join(f"${{mean_{name}}}" for name in names)
    for name in names:
        yield _calculated(f"weight_{name}", _once_complete(f"${{mean_{name}}} div ({means})"))
        yield _calculated(f"percent_{name}", _once_complete(f"round(100 * ${{weight_{name}}}, 0)"))
    rows = []
    for name in names:
        parts = [f"${{weight_{name}}}"]
        for k, (first, second) in enumerate(pairs, start=1):
            if name == first:
                parts.append(f"${{ratio_{k:02}}} * ${{weight_{second}}}")
            elif name == second:
                parts.append(f"${{weight_{first}}} div ${{ratio_{k:02}}}")
        rows.append(f"({' + '.join(parts)}) div ${{weight_{name}}}")
    largest = f"({' + '.join(rows)}) div {n}"
    yield _calculated("ratio", _once_complete(f"(({largest}) - {n}) div {n - 1} div {RANDOM_INDEX[n]}"))
    yield from _shown("ratio_shown", "round(${ratio}, 2)")
    for k, (first, second) in enumerate(pairs, start=1):
        implied = f"${{weight_{first}}} div ${{weight_{second}}}"
        yield from _shown(f"given_{k:02}", _odds(f"${{ratio_{k:02}}}"))
        yield from _shown(f"implied_{k:02}", _odds(implied))
        off = f"abs(log(${{ratio_{k:02}}}) - log({implied}))"
        yield _calculated(f"off_{k:02}", _once_complete(off))
    offs = ", ".join(f"${{off_{k:02}}}" for k in range(1, len(pairs) + 1))
    yield _calculated("furthest", _once_complete(f"max({offs})"))


def _result(labels: Mapping[str, Label], pairs: list[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """Lay out the page with weights, the verdict, and the pair to think about again."""
    yield {
        "type": "begin_group", "name": "result", "appearance": "field-list",
        "relevant": "${complete} = 1", **both("label", Message("What follows from your answers")),
    }  # fmt: skip
    lines = {
        language: "\n\n".join(
            f"{label.text(language)}: **${{percent_{code}}}%**" for code, label in labels.items()
        )
        for language in LANGUAGES
    }
    yield {"type": "note", "name": "weights", **both("label", Label("", lines["id"], lines["en"]))}
    ratio = {"ratio": _written("ratio_shown"), "accepted": ACCEPTED}
    good = Message(
        "Your answers agree with each other (consistency ratio {ratio}, accepted up to {accepted}).", ratio
    )
    bad = Message(
        "Your answers contradict each other (consistency ratio {ratio}, accepted up to {accepted}). Please"
        " think again about the pair below; you may go back to it.",
        ratio,
    )
    yield {
        "type": "note",
        "name": "consistent",
        "relevant": f"${{ratio}} <= {ACCEPTED}",
        **both("label", good),
    }
    yield {
        "type": "note",
        "name": "contradicting",
        "relevant": f"${{ratio}} > {ACCEPTED}",
        **both("label", bad),
    }
    for k, (first, second) in enumerate(pairs, start=1):
        again = Message(
            "Pair {n}: {first} against {second}. You say {given}, your other answers imply {implied}.",
            {
                "n": k, "first": labels[first], "second": labels[second],
                "given": _written(f"given_{k:02}"), "implied": _written(f"implied_{k:02}"),
            },
        )  # fmt: skip
        yield {
            "type": "note", "name": f"again_{k:02}",
            "relevant": f"${{ratio}} > {ACCEPTED} and ${{off_{k:02}}} = ${{furthest}}",
            **both("label", again),
        }  # fmt: skip
    yield {"type": "end_group", "name": ""}


def _once_complete(expression: str) -> str:
    return f"if(${{complete}} = 1, {expression}, '')"


def _odds(ratio: str) -> str:
    """Say a ratio as people do: 3 : 1, or 1 : 3."""
    return f"if({ratio} >= 1, concat(round({ratio}, 1), ' : 1'), concat('1 : ', round(1 div ({ratio}), 1)))"


def _shown(name: str, expression: str) -> Iterator[dict[str, str]]:
    """Work out a figure to be read, once with the decimal point and once with the comma."""
    yield _calculated(name, _once_complete(expression))
    yield _calculated(f"{name}_id", f"translate(${{{name}}}, '.', ',')")


def _written(name: str) -> Label:
    return Label("", f"${{{name}_id}}", f"${{{name}}}")


def _calculated(name: str, expression: str) -> dict[str, str]:
    return {"type": "calculate", "name": name, "calculation": expression}


def _degrees(pairs: list[tuple[str, str]], labels: Mapping[str, Label]) -> Iterator[dict[str, str]]:
    """Offer nine degrees for each pair, from the first being all that matters to the second."""
    equal = Message("Both matter the same")
    for number, pair in enumerate(pairs, start=1):
        first, second = labels[pair[0]], labels[pair[1]]
        for degree, text in DEGREES.items():
            said = Message(text.template, {"more": first, "less": second})
            yield {"list_name": pair_name(number), "name": str(degree), **both("label", said)}
        yield {"list_name": pair_name(number), "name": "1", **both("label", equal)}
        for degree, text in reversed(DEGREES.items()):
            said = Message(text.template, {"more": second, "less": first})
            yield {"list_name": pair_name(number), "name": str(-degree), **both("label", said)}
