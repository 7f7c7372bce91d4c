"""Types over the years told to people."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.clusters.phrases import inside_sentence, joined
from pk_research.clusters.request import NEEDS
from pk_research.language import Bilingual, Language, Message, translate
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from pk_research.clusters.over_time import TypesOverTime
    from pk_research.clusters.transitions import Change, Transition

MOSTLY = 0.5
FINDING = {method for method, needs in NEEDS.items() if needs.finds_k}


def labelled(result: TypesOverTime, number: int) -> Message:
    """Return the common number and the name of a type as one text: "1 · high IKS"."""
    return Message("{number} · {name}", {"number": number, "name": result.names[number - 1]})


def _labels(result: TypesOverTime, types: pd.Series, language: Language) -> pd.Series:
    known = {number: labelled(result, number).text(language) for number in range(1, result.k + 1)}
    return types.map(known)


def transition_table(result: TypesOverTime, language: Language) -> pd.DataFrame:
    """Return one row a pair of years and cell of the transition matrix."""
    parts = [
        pd.DataFrame(
            {
                translate("From year", language): step.first,
                translate("To year", language): step.second,
                translate("From type", language): _labels(result, step.shares["from"], language),
                translate("To type", language): _labels(result, step.shares["to"], language),
                translate("Villages", language): step.shares["n"],
                translate("Share (%)", language): (100 * step.shares["share"]).round(1),
                translate("At least (%)", language): (100 * step.shares["low"]).round(1),
                translate("At most (%)", language): (100 * step.shares["high"]).round(1),
            }
        )
        for step in result.transitions
    ]
    return marked(pd.concat(parts, ignore_index=True), language, made=result.made)


def summary_table(result: TypesOverTime, language: Language) -> pd.DataFrame:
    """Return one row a pair of years."""
    rows = [
        {
            translate("From year", language): step.first,
            translate("To year", language): step.second,
            translate("Villages in both", language): step.n_both,
            translate("Moved", language): len(step.moves),
            translate("Moved (%)", language): _percent(len(step.moves), step.n_both),
            translate("Certainly moved", language): len(step.certain),
            translate("On the border in either year (%)", language): _percent(step.n_border, step.n_both),
            translate("Exactly the same values (%)", language): _percent(step.n_same, step.n_both),
        }
        for step in result.transitions
    ]
    return marked(pd.DataFrame(rows), language, made=result.made)


def _percent(part: int, whole: int) -> float:
    return round(100 * part / max(1, whole), 1)


def moves_table(result: TypesOverTime, language: Language) -> pd.DataFrame:
    """Return one row a village that changed type, for each pair of years the certain moves first."""
    yes_no = {True: translate("yes", language), False: translate("no", language)}
    parts = []
    for step in result.transitions:
        moves = step.moves.sort_values("is_uncertain", kind="stable")
        table = pd.DataFrame(
            {
                translate("From year", language): step.first,
                translate("To year", language): step.second,
                translate("Village code", language): moves["code"],
                translate("Village name", language): moves["name"],
                translate("From type", language): _labels(result, moves["from"], language),
                translate("To type", language): _labels(result, moves["to"], language),
                translate("Certain", language): (~moves["is_uncertain"]).map(yes_no),
            }
        )
        if moves["is_own"].notna().any():
            table[translate("Moves by the earlier types too", language)] = moves["is_own"].map(yes_no)
        if result.last.certainty is not None:
            table[translate("Probability of the type before", language)] = moves["probability_from"].round(2)
            table[translate("Probability of the type after", language)] = moves["probability_to"].round(2)
        table[translate("Changed most", language)] = [
            _why(result, why).text(language) for why in moves["why"]
        ]
        parts.append(table)
    return marked(pd.concat(parts, ignore_index=True), language, made=result.made)


def border_table(result: TypesOverTime, language: Language) -> pd.DataFrame:
    """Return one row a year: how many villages, how many on a border, how many kept their type."""
    by_year = result.villages.groupby("year")["is_border"].agg(["size", "sum"])
    stayed = {step.second: 100 * (1 - len(step.moves) / max(1, step.n_both)) for step in result.transitions}
    table = pd.DataFrame(
        {
            translate("Year", language): by_year.index,
            translate("Villages", language): by_year["size"].to_numpy(),
            translate("On the border", language): by_year["sum"].to_numpy(dtype=int),
            translate("On the border (%)", language): (100 * by_year["sum"] / by_year["size"])
            .astype(float)
            .round(1)
            .to_numpy(),
            translate("Type as in the year before (%)", language): [
                round(stayed[year], 1) if year in stayed else float("nan") for year in by_year.index
            ],
        }
    )
    return marked(table, language, made=result.made)


def missing_table(result: TypesOverTime, language: Language) -> pd.DataFrame:
    """Return one row a village with a type in only one of two consecutive years."""
    parts = [
        pd.DataFrame(
            {
                translate("From year", language): step.first,
                translate("To year", language): step.second,
                translate("Village code", language): rows["code"],
                translate("Village name", language): rows["name"],
                translate("Type", language): _labels(result, rows["type"], language),
                translate("Reason", language): [reason.text(language) for reason in rows["reason"]],
            }
        )
        for step in result.transitions
        for rows in (step.exits, step.entries)
    ]
    return marked(pd.concat(parts, ignore_index=True), language, made=result.made)


def left_out_table(result: TypesOverTime, language: Language) -> pd.DataFrame:
    """Return one row a record that could not be compared."""
    rows = result.left_out
    table = pd.DataFrame(
        {
            translate("Year", language): rows["year"],
            translate("Village code", language): rows["code"],
            translate("Reason", language): [reason.text(language) for reason in rows["reason"]],
        }
    )
    return marked(table, language, made=result.made)


def _why(result: TypesOverTime, why: tuple[Change, ...]) -> Bilingual:
    if not why:
        return Message(
            "the village hardly changed: the types moved"
            if result.base == "each"
            else "the village hardly changed: it stood close to the line between the types"
        )
    labels = {variable.name: inside_sentence(variable) for variable in result.last.variables}
    told = [
        Message(
            "{variable} rose from {before} to {after} ({sd} standard deviations)"
            if change.sd > 0
            else "{variable} fell from {before} to {after} ({sd} standard deviations)",
            {
                "variable": labels[change.variable],
                "before": _short(change.before),
                "after": _short(change.after),
                "sd": round(abs(change.sd), 2),
            },
        )
        for change in why
    ]
    return reduce(joined, told)


def _rounded(percent: float) -> float:
    """Round a percentage as far as it stays readable: 16.8 to 17, but 0.045 to 0.05 and not to 0."""
    return round(percent) if percent >= 1 or percent == 0 else float(f"{percent:.1g}")


def _short(value: float) -> float:
    return round(value) if abs(value) >= 1000 else float(f"{value:.3g}")


def account(result: TypesOverTime, language: Language) -> str:
    """Tell the answer first, then how it was found, the types, and each pair of years in one paragraph."""
    paragraphs = [
        [*([Message(MADE)] if result.made else []), _answer(result), *_on_continuum(result)],
        _found(result),
        [Message("Types: {types}", {"types": _listed(result, list(range(1, result.k + 1)))})],
        *(_told(result, step) for step in result.transitions),
        [_on_doubt(result)],
    ]
    return "\n".join(" ".join(part.text(language) + "." for part in parts) for parts in paragraphs)


def _answer(result: TypesOverTime) -> Message:
    n = sum(step.n_both for step in result.transitions)
    moved = sum(len(step.moves) for step in result.transitions)
    values = {
        "n": n,
        "moved": moved,
        "percent": _rounded(100 * moved / max(1, n)),
        "certain": sum(len(step.certain) for step in result.transitions),
        "first": str(result.transitions[0].first),
        "last": str(result.transitions[-1].second),
    }
    return Message(
        "From {first} to {last}, moves to another type: {moved} among {n} pairs of consecutive years of the"
        " same village ({percent}%). Certain moves: {certain}",
        values,
    )


def _on_continuum(result: TypesOverTime) -> list[Message]:
    """Say whether valleys part the types, or a line was drawn through one continuum.

    Of dense groups the method itself says it.
    """
    if result.last.method in FINDING:
        return []
    one = [year for year, groups in result.groups.items() if groups == 1]
    unknown = [year for year, groups in result.groups.items() if groups is None]
    if one:
        return [
            Message(
                "No groups were found in {years}: the types only cut one continuum for convenience, and a"
                " move is a step over a line drawn through it",
                {"years": _years(one)},
            )
        ]
    if unknown:
        return [
            Message(
                "In {years} the villages are too few to tell whether there are groups",
                {"years": _years(unknown)},
            )
        ]
    groups = reduce(
        joined,
        [Message("{k} in {year}", {"k": k, "year": str(year)}) for year, k in result.groups.items()],
    )
    return [Message("Groups with valleys between them: {groups}", {"groups": groups})]


def _found(result: TypesOverTime) -> list[Message]:
    if result.base == "each":
        parts = [
            Message("Every year was grouped by itself and its types matched to those of the year before")
        ]
    else:
        parts = [Message("The types of {year} were applied to every year", {"year": str(result.base)})]
    if result.last.method in FINDING:
        return parts
    if result.last.choice is None:
        parts.append(Message("The number of types was given, not chosen from the data"))
    else:
        chosen = reduce(
            joined,
            [
                Message("{k} in {year}", {"k": found.k, "year": str(year)})
                for year, found in result.typologies.items()
            ],
        )
        parts.append(
            Message(
                "The number of types was chosen by the valleys between the villages, and by silhouette where"
                " there are none: {chosen}",
                {"chosen": chosen},
            )
        )
    if result.own_share < 1:
        parts.append(
            Message(
                "Villages of other years go to the nearest centre, a rule that gives {percent}% of the"
                " villages of {year} the type they have",
                {"percent": round(100 * result.own_share, 1), "year": str(result.base)},
            )
        )
    if len(result.left_out):
        parts.append(
            Message(
                "Records that could not be compared and were left out, listed with the reason: {n}",
                {"n": len(result.left_out)},
            )
        )
    return parts


def _listed(result: TypesOverTime, types: list[int]) -> Message:
    return reduce(
        lambda first, last: Message("{first}; {last}", {"first": first, "last": last}),
        [labelled(result, number) for number in types],
    )


def _years(years: list[int]) -> str:
    return ", ".join(map(str, sorted(years)))


def _told(result: TypesOverTime, step: Transition) -> list[Message]:
    n_both, n_moved = step.n_both, len(step.moves)
    values = {
        "first": str(step.first),
        "second": str(step.second),
        "n": n_both,
        "moved": n_moved,
        "percent": _rounded(100 * n_moved / max(1, n_both)),
        "certain": len(step.certain),
        "uncertain": n_moved - len(step.certain),
    }
    parts = [
        Message("{first} to {second}: of {n} villages compared, {moved} ({percent}%) changed type", values)
    ]
    if n_moved:
        parts.append(
            Message(
                "Certain moves: {certain}; uncertain ones, on the border of a type in either year, so that"
                " they may be no more than the uncertainty of the types: {uncertain}",
                values,
            )
        )
    n_types = int(step.moves["is_own"].astype("boolean").eq(False).sum())
    if n_types:
        parts.append(
            Message(
                "Villages that would not have moved had the types stayed those of {first}, so that the types"
                " moved and not they: {n}",
                {"first": str(step.first), "n": n_types},
            )
        )
    if len(step.certain):
        parts.append(_most_frequent(result, step))
    n_still = sum(not why for why in step.moves["why"])
    if n_still:
        parts.append(
            Message("Villages that changed type while their values hardly changed: {n}", {"n": n_still})
        )
    if step.n_same:
        parts.append(_on_same(step))
    ended = sorted(set(step.counts.index) - set(step.counts.columns))
    begun = sorted(set(step.counts.columns) - set(step.counts.index))
    if ended:
        parts.append(Message("Types without a successor: {types}", {"types": _listed(result, ended)}))
    if begun:
        parts.append(Message("Types without a predecessor: {types}", {"types": _listed(result, begun)}))
    if len(step.exits) or len(step.entries):
        parts.append(
            Message(
                "Villages with a type in only one of the years, listed with the reason: {exits} of {first},"
                " {entries} of {second}",
                {**values, "exits": len(step.exits), "entries": len(step.entries)},
            )
        )
    return parts


def _most_frequent(result: TypesOverTime, step: Transition) -> Message:
    pairs = step.certain.groupby(["from", "to"]).size()
    start, end = pairs.idxmax()
    return Message(
        "The most frequent certain move is from “{start}” to “{end}” ({n})",
        {"start": labelled(result, start), "end": labelled(result, end), "n": int(pairs.max())},
    )


def _on_same(step: Transition) -> Message:
    share = step.n_same / step.n_both
    values = {"n": step.n_same, "percent": round(100 * share)}
    if share > MOSTLY:
        return Message(
            "Villages with exactly the same values in both years: {n} ({percent}%); ask whether they were"
            " measured anew or carried over, for then staying in a type says nothing",
            values,
        )
    return Message("Villages with exactly the same values in both years: {n} ({percent}%)", values)


def _on_doubt(result: TypesOverTime) -> Message:
    certainty = result.last.certainty
    if certainty is None:
        return Message(
            "A move is certain when the village is on no border in either year, by silhouette alone: no"
            " repetitions were asked for (n_draws), so that there are no probabilities"
        )
    if result.base == "each":
        return Message(
            "A move is certain when the village is on no border in either year: by silhouette, and by"
            " {n} repetitions with villages drawn anew in each year",
            {"n": certainty.n_draws},
        )
    return Message(
        "A move is certain when the village is on no border in either year: by silhouette, and by the"
        " centres of {n} repetitions with villages of {year} drawn anew, applied to every year",
        {"n": certainty.n_draws, "year": str(result.base)},
    )
