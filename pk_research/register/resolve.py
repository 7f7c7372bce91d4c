"""Messy entry in, one village or a clear doubt out.

A code decides where it exists and the name beside it agrees. A name decides where exactly one
village within the bounds bears it, or where one is clearly most alike. Between villages of one
name nothing is ever guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.register.book import Register
from pk_research.register.bounds import Bounds, find_bounds, read_comma
from pk_research.register.by_code import Crosswalking, resolve_code, told_by_name
from pk_research.register.by_name import candidates_of, resolve_name
from pk_research.register.gazetteer import Areas, Gazetteer
from pk_research.register.matching import Match, agree, match_names, same
from pk_research.register.question import Question, read_question
from pk_research.register.resolution import Resolution, doubtful, place


def resolve(
    text: object,
    register: Register,
    *,
    name: object = None,
    kecamatan: object = None,
    regency: object = None,
    crosswalk: Crosswalking | None = None,
) -> Resolution:
    """Find the village that one entry means.

    Parameters
    ----------
    text
        A code in any form, a name, or both in one text.
    register
        The villages.
    name
        The name written beside a code (or the code, where they were swapped): the two must
        agree.
    kecamatan, regency
        Name or code of the kecamatan and of the kabupaten or kota, if known.
    crosswalk
        BPS code -> Kemendagri code; see `make_crosswalk`.

    Returns
    -------
    Resolution
        The village and how it was found; or candidates with their scores, and the doubt.

    Examples
    --------
    >>> from pk_research.register import load_register
    >>> register = load_register()
    >>> resolve("BABELANKOTA", register).village.code
    '3216022008'
    >>> resolve("3216012007", register).how
    'old code'
    >>> print(resolve(3216012001.0, register, name="Sukamaju").doubt.text("en"))
    The code 3216012001 is of Sagara Makmur (Tarumajaya, Kabupaten Bekasi), but the name given is Sukamaju.
    """
    return resolve_all(
        [text], register, names=[name], kecamatan=[kecamatan], regency=[regency], crosswalk=crosswalk
    )[0]


def resolve_all(
    texts: Iterable[object],
    register: Register,
    *,
    names: Iterable[object] | None = None,
    kecamatan: object = None,
    regency: object = None,
    crosswalk: Crosswalking | None = None,
    n_jobs: int = 1,
) -> tuple[Resolution, ...]:
    """Find the villages that many entries mean, as `resolve` does each, but fast.

    Parameters
    ----------
    texts
        Codes or names.
    register
        The villages.
    names
        Names beside the codes, as many as texts.
    kecamatan, regency
        One for all entries, or as many as texts.
    crosswalk
        BPS code -> Kemendagri code.
    n_jobs
        Threads for comparing names; -1 for all. The answers do not depend on it.

    Returns
    -------
    tuple of Resolution
        In the order of the texts.

    Raises
    ------
    BadInput
        When the columns are of different length.

    Examples
    --------
    >>> from pk_research.register import load_register
    >>> answers = resolve_all(["Ds. Karang Setia", "321609"], load_register())
    >>> [answer.how for answer in answers]
    ['name', '']
    """
    texts = list(texts)
    columns = (
        _column("names", names, len(texts)),
        _column("kecamatan", kecamatan, len(texts)),
        _column("regency", regency, len(texts)),
    )
    gazetteer = register.gazetteer
    questions = [
        read_comma(read_question(text, name=name, kecamatan=inner, regency=outer), gazetteer)
        for text, name, inner, outer in zip(texts, *columns, strict=True)
    ]
    places = dict.fromkeys((question.kecamatan, question.regency) for question in questions)
    bounds = {place: find_bounds(*place, gazetteer) for place in places}
    asked = {question: bounds[question.kecamatan, question.regency] for question in questions}
    by_code = {q: told_by_name(resolve_code(q.code, register, crosswalk), q.name) for q in asked if q.code}
    unsettled = {q: asked[q] for q in asked if q.name and not _settled(q, by_code.get(q), gazetteer)}
    matches = _match_all(unsettled, gazetteer, n_jobs=n_jobs)
    answers = {
        question: _answer(question, within, by_code.get(question), matches.get(question), gazetteer)
        for question, within in asked.items()
    }
    return tuple(answers[question] for question in questions)


def _column(what: str, given: object, n_rows: int) -> list[object]:
    """Spread one value over all rows, or check that there is one for each."""
    if given is None or isinstance(given, str | int | float) or not isinstance(given, Iterable):
        return [given] * n_rows
    column = list(given)
    if len(column) != n_rows:
        problem = f"there are {len(column)} for {n_rows} texts"
        raise BadInput(Problem(what, problem, "Give one for each text, or one for all."))
    return column


def _settled(question: Question, by_code: Resolution | None, gazetteer: Gazetteer) -> bool:
    """Tell whether the code names a village, and no other of its regency fits the name as well."""
    if by_code is None or by_code.village is None:
        return False
    village = by_code.village
    if same(question.name, village.name):
        return True
    if not agree(question.name, village.name):
        return False
    (match,) = match_names([question.name], gazetteer.scope(frozenset({village.regency_code})))
    return match.hits[0][0] is village


def _match_all(
    asked: Mapping[Question, Bounds], gazetteer: Gazetteer, *, n_jobs: int
) -> dict[Question, Match]:
    """Look all names up, those of the same areas together."""
    groups: dict[Areas | None, list[Question]] = {}
    for question, bounds in asked.items():
        groups.setdefault(bounds.areas, []).append(question)
    matches: dict[Question, Match] = {}
    for areas, questions in groups.items():
        names = [question.name for question in questions]
        found = match_names(names, gazetteer.scope(areas), n_jobs=n_jobs)
        matches.update(zip(questions, found, strict=True))
    return matches


def _answer(
    question: Question,
    bounds: Bounds,
    by_code: Resolution | None,
    match: Match | None,
    gazetteer: Gazetteer,
) -> Resolution:
    if question.second_name and not agree(question.name, question.second_name):
        names = {"name": question.name, "other": question.second_name}
        return doubtful(Message("Two different names are given: {name} and {other}.", names))
    if by_code is None:
        return resolve_name(question.name, match, bounds, gazetteer)
    doubt = by_code.doubt or _contradiction(question, bounds, by_code, match)
    if doubt is None:
        return by_code
    return doubtful(doubt, by_code.candidates + (candidates_of(match) if match else ()))


def _contradiction(
    question: Question, bounds: Bounds, by_code: Resolution, match: Match | None
) -> Message | None:
    """Say what else in the entry speaks against the village of its code."""
    village = by_code.candidates[0].village
    values = {"code": question.code and question.code.digits, "village": place(village)}
    if match:
        return Message(
            "The code {code} is of {village}, but the name given is {name}.",
            {**values, "name": question.name},
        )
    if bounds.doubt and not question.name:
        return bounds.doubt
    if not bounds.hold(village):
        given = ", ".join(filter(None, (question.kecamatan, question.regency)))
        return Message("The code {code} is of {village}, not in {given}.", {**values, "given": given})
    return None
