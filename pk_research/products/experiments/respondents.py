"""Made respondents whose tastes are known: they fill the real form, or choose directly."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from numbers import Integral

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng, derived_seed
from pk_research.errors import BadInput, Problem
from pk_research.products.experiments.answers import Choices, choices_of
from pk_research.products.experiments.design import ChoiceDesign
from pk_research.products.experiments.questionnaire import page_name, set_name
from pk_research.survey import Form, Surroundings

PEOPLE, FILLING = 36, 37
MINUTES = 8


@dataclass(frozen=True)
class KnownTastes:
    """Tastes of made people: the truth estimates are compared with.

    Attributes
    ----------
    segments
        Mean coefficients of utility of each segment, by name; those not named are 0.
    shares
        Share of people in each segment, summing to one.
    sd
        Standard deviation of coefficients between people of a segment (normal); those not named
        are 0.

    Examples
    --------
    >>> KnownTastes(({"price": -1.0},)).shares
    (1.0,)
    """

    segments: tuple[Mapping[str, float], ...]
    shares: tuple[float, ...] = (1.0,)
    sd: Mapping[str, float] = field(default_factory=dict)

    def of_people(self, n: int, names: Sequence[str], rng: np.random.Generator) -> np.ndarray:
        """Draw people: their coefficients, people by names.

        Raises
        ------
        BadInput
            When a taste is of no coefficient, or shares do not sum to one.
        """
        if isinstance(self.segments, Mapping) or not all(isinstance(one, Mapping) for one in self.segments):
            what = "they are no row of segments, each with its tastes by name"
            raise BadInput(Problem("segments", what, "Give a tuple, as in ({'price': -1.0},)."))
        problems = [
            Problem("tastes", f"there is no coefficient {name!r}", f"Choose among {', '.join(names)}.")
            for name in sorted({*self.sd, *(name for one in self.segments for name in one)} - set(names))
        ]
        if len(self.shares) != len(self.segments) or not np.isclose(sum(self.shares), 1):
            remedy = "Give one share a segment; together they are 1."
            problems.append(Problem("shares", f"they are {self.shares}", remedy))
        if problems:
            raise BadInput(problems)
        mean = np.array([[one.get(name, 0.0) for name in names] for one in self.segments])
        sd = np.array([self.sd.get(name, 0.0) for name in names])
        segment = rng.choice(len(self.shares), size=n, p=self.shares)
        drawn: np.ndarray = mean[segment] + rng.standard_normal((n, len(names))) * sd
        return drawn


def made_answers(
    design: ChoiceDesign, tastes: KnownTastes, n_respondents: int, *, skipped: float = 0.0, seed: int = 0
) -> pd.DataFrame:
    """Draw what made people answer, by utility with Gumbel errors.

    Parameters
    ----------
    design
        What they are asked; blocks go round by turns.
    tastes
        Their tastes.
    n_respondents
        Number of people.
    skipped
        Share of sets they leave unanswered, at random.
    seed
        Of all chance.

    Returns
    -------
    DataFrame
        One row a person: ``respondent``, ``block``, and ``set_01`` and so on: the alternative, or
        missing where it was not shown or was left unanswered. **Made.**

    Raises
    ------
    BadInput
        When there are no people, what is skipped is no share, or the tastes are of no coefficient.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments import Attribute, KnownTastes, choice_design, made_choices
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([pack], n_sets=2)
    >>> made_answers(design, KnownTastes(({"pack=box": 9.0, "none": -9.0},)), 2).columns.tolist()
    ['respondent', 'block', 'set_01', 'set_02']
    """
    _check_people(n_respondents, skipped)
    rng = derived_rng(seed, PEOPLE)
    people = tastes.of_people(n_respondents, design.names, rng)
    utility = np.einsum("sjk,nk->nsj", design.rows(), people) + rng.gumbel(
        size=(n_respondents, design.n_sets, design.n_alternatives + design.has_none)
    )
    names = np.array(
        [*"abcde"[: design.n_alternatives], *(["none"] if design.has_none else [])], dtype=object
    )
    answer = names[utility.argmax(axis=2)]
    answer[rng.random(answer.shape) < skipped] = None
    block = np.arange(n_respondents) % design.n_blocks + 1
    block_of = design.sets.drop_duplicates("set")["block"].to_numpy()
    answer[block[:, None] != block_of] = None
    table = {"respondent": [f"made-{n:04}" for n in range(1, n_respondents + 1)], "block": block}
    return pd.DataFrame(table | {set_name(n + 1): answer[:, n] for n in range(design.n_sets)})


def _check_people(n_respondents: object, skipped: float) -> None:
    problems = []
    if isinstance(n_respondents, bool) or not isinstance(n_respondents, Integral) or n_respondents < 1:
        problems.append(Problem("n_respondents", f"it is {n_respondents!r}", "Give 1, 2, 3 ..."))
    if not 0 <= skipped < 1:
        problems.append(Problem("skipped", f"it is {skipped!r}", "Give a share, 0 or more and below 1."))
    if problems:
        raise BadInput(problems)


def made_choices(
    design: ChoiceDesign, tastes: KnownTastes, n_respondents: int, *, skipped: float = 0.0, seed: int = 0
) -> Choices:
    """Draw choices of made people without the form; parameters as in `made_answers`.

    The same seed gives the same choices as `made_fillings` and `answers_of`.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments import Attribute, KnownTastes, choice_design, made_choices
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([pack], n_sets=2)
    >>> made_choices(design, KnownTastes(({"pack=box": 1.0},)), 10).n_choices
    20
    """
    return choices_of(
        made_answers(design, tastes, n_respondents, skipped=skipped, seed=seed), design, made=True
    )


def made_fillings(
    design: ChoiceDesign,
    form: Form,
    tastes: KnownTastes,
    n_respondents: int,
    *,
    begun_at: datetime,
    skipped: float = 0.0,
    seed: int = 0,
) -> tuple[str, ...]:
    """Let made people fill the form of an experiment through the form engine.

    Parameters
    ----------
    design
        What they are asked.
    form
        The form made of it, compiled and opened.
    tastes, n_respondents, skipped, seed
        As in `made_answers`.
    begun_at
        When the first begins, with a time zone; the others follow every eight minutes.

    Returns
    -------
    tuple of str
        The XML each would send; **made**, and valid.

    Raises
    ------
    BadInput
        When the form does not accept an answer, so that it is not the form of this design.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments import Attribute, KnownTastes, choice_design, made_choices
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([pack], n_sets=2)
    >>> import tempfile
    >>> from datetime import UTC
    >>> from pathlib import Path
    >>> from pk_research.products.experiments import ExperimentTexts, write_experiment_form
    >>> from pk_research.survey import compile_xlsform
    >>> texts = ExperimentTexts("pack", "Kemasan", "Packages")
    >>> path = write_experiment_form(design, texts, Path(tempfile.mkdtemp()) / "pack.xlsx")
    >>> form = compile_xlsform(path).open()
    >>> morning = datetime(2026, 11, 2, 2, tzinfo=UTC)
    >>> len(made_fillings(design, form, KnownTastes(({"pack=box": 1.0},)), 3, begun_at=morning))
    3
    """
    answers = made_answers(design, tastes, n_respondents, skipped=skipped, seed=seed)
    return tuple(
        _fill(
            form,
            {str(name): value for name, value in row.items() if isinstance(value, str)},
            block=int(row["block"]) if design.n_blocks > 1 else None,
            begun_at=begun_at + n * timedelta(minutes=MINUTES),
            seed=derived_seed(seed, FILLING, n),
        )
        for n, (_, row) in enumerate(answers.iterrows())
    )


def _fill(form: Form, answers: Mapping[str, str], *, block: int | None, begun_at: datetime, seed: int) -> str:
    moments = iter([begun_at])
    ended_at = begun_at + timedelta(minutes=random.Random(seed).uniform(2, MINUTES))  # noqa: S311 - made
    session = form.start(Surroundings(clock=lambda: next(moments, ended_at), seed=seed))
    top = form.root.path
    given = {f"{top}/opening/consent": "yes"}
    if block is not None:
        given[f"{top}/numbering/given_block"] = str(block)
    for name, value in answers.items():
        if name.startswith("set_"):
            number = int(name.removeprefix("set_"))
            given[f"{top}/{page_name(number)}/{set_name(number)}"] = value
    for path, value in given.items():
        session.answer(path, value)
        if session.value(path) != value or not session.view(path).is_relevant:
            what = f"it does not accept {value!r}"
            raise BadInput(Problem(path, what, "Give the form that was made of this design."))
    return session.finish()
