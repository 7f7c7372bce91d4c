"""What the index of economic potential says of one village: rank, parts, and what was missing."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd

from pk_research.apps.findings.potential import Potential
from pk_research.apps.findings.potential_html import interval_bar, rank_and_interval, standing
from pk_research.apps.markup import say, section, sentence, table
from pk_research.language import Language, Message, number_text

NEIGHBOURS = 2
THIRDS = (1 / 3, 2 / 3)


def village_index_html(potential: Potential, code: str, language: Language) -> str:
    """Return one village's index, its rank with its interval, its parts, and what was missing."""
    found = standing(potential)
    if code not in found.index:
        return _page(f"<p class='pk-callout'>{sentence(_why_not(potential, code), language)}</p>", language)
    row = found.loc[code]
    score = Message(
        "index {score} of 100, {rank}",
        {
            "score": number_text(float(row["score"]), language, 1),
            "rank": rank_and_interval(row, len(found)),
        },
    )
    lines = [*_extremes(potential, code), _missing(potential, code, language), _neighbours(found, code)]
    told = "".join(f"<li>{sentence(line, language)}</li>" for line in lines)
    return _page(
        f"<p class='pk-callout'>{sentence(score, language)}</p>"
        f"<div class='pk-scale' aria-hidden='true'>1{interval_bar(row, len(found))}{len(found)}</div>"
        f"{_parts(potential, found, code, language)}<ul>{told}</ul>",
        language,
    )


def no_index_html(message: Message, language: Language) -> str:
    """Return why there is no index at all."""
    return _page(f"<p class='pk-callout'>{sentence(message, language)}</p>", language)


def _page(body: str, language: Language) -> str:
    heading = say("Its economic potential", language)
    return section("village-index", f"<h3 class='pk-above'>{heading}</h3>{body}")


def _why_not(potential: Potential, code: str) -> Message:
    left_out = potential.tried.left_out
    reasons = left_out.loc[left_out["village_code"] == code, "reason"]
    if reasons.empty:
        return Message("this village has no place in the index")
    return Message("this village has no place in the index: {reason}", {"reason": reasons.iloc[0]})


def _parts(potential: Potential, found: pd.DataFrame, code: str, language: Language) -> str:
    """Return the parts of the index: score, a word, and a strip that shows all villages' range."""
    declaration = potential.tried.declaration
    rows = []
    for part in potential.parts:
        scores = potential.tried.scores[part].loc[found.index]
        rows.append(
            [
                escape(declaration.label(part).text(language)),
                number_text(float(scores[code]), language, 1),
                say(_strength(scores, code), language) + _strip(scores, code),
            ]
        )
    headings = [say(text, language) for text in ("Part of the index", "Score", "Among these villages")]
    return f"{table(headings, rows, numeric=(1,))}<p class='pk-hint'>{say(_STRIP, language)}</p>"


_STRIP = "The dot is this village, the thick mark the middle village; the line goes from 0 to 100."


def _strength(scores: pd.Series, code: str) -> str:
    if pd.isna(scores[code]):
        return "not known"
    place = float(scores.rank(pct=True)[code])
    low, high = THIRDS
    return "weak" if place <= low else "strong" if place > high else "in the middle"


def _strip(scores: pd.Series, code: str) -> str:
    if pd.isna(scores[code]):
        return ""
    middle, here = (min(max(float(x), 0), 100) for x in (np.nanmedian(scores), scores[code]))
    return (
        "<span class='pk-strip' aria-hidden='true'>"
        f"<i class='pk-tick pk-tick-0' style='left:{middle:.1f}%'></i>"
        f"<i class='pk-dot' style='left:{here:.1f}%'></i></span>"
    )


def _extremes(potential: Potential, code: str) -> list[Message]:
    place = potential.tried.normalised.rank(pct=True).loc[code].dropna().sort_values(kind="stable")
    label = potential.tried.declaration.label
    return [
        Message(
            "strongest compared with the other villages: {indicator}",
            {"indicator": label(str(place.index[-1]))},
        ),
        Message(
            "weakest compared with the other villages: {indicator}",
            {"indicator": label(str(place.index[0]))},
        ),
    ]


def _missing(potential: Potential, code: str, language: Language) -> Message:
    """Say which indicators a village has no value of; a declared filling is none of its own."""
    index = potential.tried
    place = int(index.inputs.key.get_loc(code))
    gaps = [
        index.declaration.label(name).text(language)
        for name, value in zip(index.declaration.indicators, index.inputs.measured[:, place], strict=True)
        if np.isnan(value)
    ]
    if not gaps:
        return Message("no indicator of the index was missing")
    values = {"n": len(gaps), "all": len(index.declaration.indicators), "indicators": ", ".join(gaps)}
    return Message("missing for it: {n} of {all} indicators ({indicators})", values)


def _neighbours(found: pd.DataFrame, code: str) -> Message:
    place = int(found.index.get_loc(code))
    around = found.iloc[max(place - NEIGHBOURS, 0) : place + NEIGHBOURS + 1].drop(index=code)
    names = around["village"] if "village" in around else around["village_code"]
    return Message("next to it in the ranking: {villages}", {"villages": ", ".join(map(str, names))})
