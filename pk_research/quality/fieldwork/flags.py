"""Interviews that deserve a second look: too fast, overlapping, nearly the same, far out."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from statistics import median
from typing import Literal
from zoneinfo import ZoneInfo

from pk_research.language import Language, Message
from pk_research.quality.fieldwork.interviews import Interview
from pk_research.store.codes import receipt_code
from pk_research.survey import Form
from pk_research.survey.definition import Definition
from pk_research.survey.static_texts import StaticTexts, Words

FAST_SHARE = 0.3
FEWEST_INTERVIEWS = 8
ALIKE_SHARE = 0.85
FEWEST_SHARED = 10
FAR_OUT = 3.5
NIGHT = (22, 5)
JAKARTA = ZoneInfo("Asia/Jakarta")
NUMERIC = {"int", "integer", "long", "decimal"}

Check = Literal["fast", "overlap", "night", "alike", "far out"]


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason to look at an interview again.

    Attributes
    ----------
    instance_id
        The submission.
    check
        What looked at it.
    message
        What is unusual, with the number behind it.
    path
        The question concerned; empty where it is the whole interview.
    """

    instance_id: str
    check: Check
    message: Message
    path: str = ""


def flags(form: Form, given: Sequence[Interview], *, zone: tzinfo = JAKARTA) -> tuple[Flag, ...]:
    """Point at interviews that are unlike the others; rejected ones are left aside.

    Parameters
    ----------
    form
        The form they fill.
    given
        The interviews.
    zone
        Where they took place, for the time of day.

    Returns
    -------
    tuple of Flag
        By submission, in the order given. Looked at are:

        *fast*: less than 30 % of the median duration of this form, once eight interviews have
        times. *overlap*: the same sender had another interview going on. *night*: begun between
        22:00 and 05:00. *alike*: at least 85 % of the answers shared with another interview of the
        same village or sender, of ten or more questions both answered. *far out*: a number whose
        modified z-score exceeds 3.5, on the logarithm where all are positive, once eight
        interviews have one.

    References
    ----------
    Greszki, R., Meyer, M., Schoen, H. (2015), Public Opinion Quarterly 79: speeders by share of
    the median. Kuriakose, N., Robbins, M. (2016), Statistical Journal of the IAOS 32: share of
    identical answers, 85 %. Iglewicz, B., Hoaglin, D. (1993), How to detect and handle outliers:
    modified z-score, 3.5.
    """
    kept = [interview for interview in given if interview.filled.review_state != "rejected"]
    found = [
        *_fast(kept),
        *_overlapping(kept),
        *_at_night(kept, zone),
        *_alike(form, kept),
        *_far_out(form, kept),
    ]
    order = {interview.filled.instance_id: place for place, interview in enumerate(given)}
    return tuple(sorted(found, key=lambda flag: order[flag.instance_id]))


def _fast(given: Sequence[Interview]) -> Iterator[Flag]:
    timed = [(interview, interview.minutes) for interview in given if interview.minutes is not None]
    if len(timed) < FEWEST_INTERVIEWS:
        return
    usual = median(minutes for _, minutes in timed)
    for interview, minutes in timed:
        if minutes < FAST_SHARE * usual:
            yield Flag(
                interview.filled.instance_id,
                "fast",
                Message(
                    "It took {minutes} minutes; half of the interviews took {usual} or more.",
                    {"minutes": round(minutes, 1), "usual": round(usual, 1)},
                ),
            )


def _overlapping(given: Sequence[Interview]) -> Iterator[Flag]:
    for sent in _by(lambda interview: interview.filled.submitter_id, given):
        timed = [one for one in sent if one.started_at is not None and one.ended_at is not None]
        for first, second in itertools.pairwise(sorted(timed, key=_start)):
            if first.ended_at is not None and second.started_at is not None:
                minutes = (first.ended_at - second.started_at).total_seconds() / 60
                if minutes > 0:
                    yield Flag(
                        second.filled.instance_id,
                        "overlap",
                        Message(
                            "The same sender's interview before it ended {minutes} minutes after it began.",
                            {"minutes": round(minutes, 1)},
                        ),
                    )


def _start(interview: Interview) -> float:
    return 0.0 if interview.started_at is None else interview.started_at.timestamp()


def _at_night(given: Sequence[Interview], zone: tzinfo) -> Iterator[Flag]:
    for interview in given:
        if interview.started_at is None:
            continue
        local = interview.started_at.astimezone(zone)
        if local.hour >= NIGHT[0] or local.hour < NIGHT[1]:
            yield Flag(
                interview.filled.instance_id,
                "night",
                Message("It was begun at {time}, at night.", {"time": f"{local:%H:%M}"}),
            )


def _alike(form: Form, given: Sequence[Interview]) -> Iterator[Flag]:
    asked = {definition.path for definition in form.definitions() if definition.control is not None}
    seen: set[tuple[str, str]] = set()
    for together in (
        *_by(lambda interview: interview.village_code, given),
        *_by(lambda interview: interview.filled.submitter_id, given),
    ):
        for first, second in itertools.combinations(together, 2):
            pair = (first.filled.instance_id, second.filled.instance_id)
            shared = [path for path in first.answers if path in second.answers and _bare(path) in asked]
            if pair in seen or len(shared) < FEWEST_SHARED:
                continue
            seen.add(pair)
            same = sum(first.answers[path] == second.answers[path] for path in shared) / len(shared)
            if same >= ALIKE_SHARE:
                yield Flag(
                    second.filled.instance_id,
                    "alike",
                    Message(
                        "{percent}% of its {n} answers are those of the submission {other}.",
                        {
                            "percent": round(100 * same),
                            "n": len(shared),
                            "other": receipt_code(first.filled.instance_id),
                        },
                    ),
                )


def _bare(path: str) -> str:
    return "/".join(step.partition("[")[0] for step in path.split("/"))


@dataclass(frozen=True, slots=True)
class _Question:
    """The label of a question in either language; its name where the form gives it none."""

    words: Words
    name: str

    def text(self, language: Language) -> str:
        first, second = (self.words.id, self.words.en) if language == "id" else (self.words.en, self.words.id)
        return f"“{first or second}”" if first or second else self.name


def _question(definition: Definition, texts: StaticTexts) -> _Question:
    return _Question(texts.of_question(definition), definition.local)


def _far_out(form: Form, given: Sequence[Interview]) -> Iterator[Flag]:
    texts = StaticTexts(form)
    for definition in form.definitions():
        if definition.type not in NUMERIC or definition.control is None:
            continue
        values = [(one, number) for one in given if (number := _number(one, definition.path)) is not None]
        if len(values) < FEWEST_INTERVIEWS:
            continue
        are_positive = all(number > 0 for _, number in values)
        scaled = [math.log(number) if are_positive else number for _, number in values]
        middle = median(scaled)
        spread = median(abs(value - middle) for value in scaled)
        if spread == 0:
            continue
        for (interview, number), value in zip(values, scaled, strict=True):
            if abs(0.6745 * (value - middle) / spread) > FAR_OUT:
                yield Flag(
                    interview.filled.instance_id,
                    "far out",
                    Message(
                        "{question} is {value}, far from the other answers.",
                        {"question": _question(definition, texts), "value": number},
                    ),
                    definition.path,
                )


def _number(interview: Interview, path: str) -> float | None:
    try:
        number = float(interview.answers.get(path, ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _by(key: Callable[[Interview], str], given: Iterable[Interview]) -> list[list[Interview]]:
    groups: defaultdict[str, list[Interview]] = defaultdict(list)
    for interview in given:
        groups[key(interview)].append(interview)
    groups.pop("", None)
    return list(groups.values())
