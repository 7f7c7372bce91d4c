"""What help would bring, on screen: cost, gain with its doubt, who gets it, and how it compares."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pk_research.apps.markup import say, section
from pk_research.apps.policy.aid import served
from pk_research.apps.policy.pieces import bars, figures, money_range, paragraphs, signed_money, strip, wide
from pk_research.apps.products.pieces import amount, more
from pk_research.language import Bilingual, Language, Message, number_text, translate

if TYPE_CHECKING:
    from pk_research.policy.scenarios import Scenario, ScenarioComparison

FIFTHS = {
    1: Message("the fifth with the lowest sales"),
    2: Message("the second fifth"),
    3: Message("the middle fifth"),
    4: Message("the fourth fifth"),
    5: Message("the fifth with the highest sales"),
}
SHOWN = 60
ASSUMED = (
    "The help, its cost, how many sellers take it up (40 to 80%), how fast the gain fades, what is left of"
    " a rupiah sold (15 to 35%) and how prices answer are made-up examples; the effect is estimated from"
    " the survey, or assumed where nobody tried it (see “What was tried”)."
)


def aid_html(
    found: Scenario, language: Language, *, kept: Scenario | None, comparison: ScenarioComparison | None
) -> str:
    """Return the scenario: in figures, beside the one kept, and by fifths of villages."""
    return (
        section("aid", _head(found, language))
        + section("aid-compared", _compared(found, kept, comparison, language))
        + section("aid-drawn", _drawn(found, language))
        + section("aid-fifths", _who_gains(found, language))
        + f"<p class='pk-hint'>{say(ASSUMED, language)}</p>"
        + more(say("All of it in words, with every warning", language), paragraphs(found.in_words(language)))
    )


def _head(found: Scenario, language: Language) -> str:
    n = round(found.measures.loc["n_served", "expected"])
    could = int(found.question.rows.is_eligible.sum())
    title = Message(
        "Villages helped: {n} of {all}; cost {cost}",
        {"n": n, "all": could, "cost": _money(found, "cost_idr", language)},
    ).text(language)
    worth = Message("in {share}% of the draws worth more than it costs", {"share": _percent(found)})
    measures = {
        "cost_idr": Message("Cost"),
        "worth_idr": Message("Added income, three years"),
        "net_idr": Message("Income less cost"),
    }
    rows = [
        (text, _money(found, name, language), _range(found, name, language))
        for name, text in measures.items()
    ]
    share = f"{number_text(_percent(found), language)}%"
    rows.append((Message("Worth it?"), share, escape(worth.text(language))))
    hint = Message(
        "The range below a figure holds {level}% of the draws.", {"level": round(100 * found.level)}
    )
    return (
        f"<h3 class='pk-finding'>{escape(title)}</h3>{figures(rows, language)}"
        f"<p class='pk-hint'>{escape(hint.text(language))}</p>"
    )


def _money(found: Scenario, name: str, language: Language) -> str:
    return signed_money(float(found.measures.loc[name, "expected"]), language)


def _range(found: Scenario, name: str, language: Language) -> str:
    low, high = (float(found.measures.loc[name, end]) for end in ("low", "high"))
    return money_range(low, high, language)


def _percent(found: Scenario) -> float:
    return round(100 * found.probability_worth_it, 1)


def _compared(
    found: Scenario, kept: Scenario | None, comparison: ScenarioComparison | None, language: Language
) -> str:
    if kept is None:
        return ""
    beside = [_beside(Message("Kept"), kept, language), _beside(Message("Now"), found, language)]
    if comparison is not None:
        beside.append(_difference(comparison, language))
    both = figures(beside, language)
    shown = f"<h3>{say('Beside the plan you kept', language)}</h3>{both}"
    if kept is found:
        return f"{shown}<p class='pk-hint'>{say('Now change something to compare with it.', language)}</p>"
    if comparison is None:
        text = say(
            "They are about other villages, so their difference is not drawn village by village.", language
        )
        return f"{shown}<p class='pk-hint'>{text}</p>"
    warned = "".join(
        f"<p class='pk-hint'>{escape(warning.text(language))}</p>" for warning in comparison.warnings
    )
    words = more(say("The comparison in words", language), paragraphs(comparison.in_words(language)))
    return f"{shown}{warned}{words}"


def _beside(what: Message, one: Scenario, language: Language) -> tuple[Bilingual, str, str]:
    """Return a plan as a figure: its income less cost, with what it is and what it costs."""
    cost = Message(
        "{range}; cost {cost}",
        {"range": _range(one, "net_idr", language), "cost": _money(one, "cost_idr", language)},
    )
    name = Message("{what}: {policy}", {"what": what, "policy": one.policy.name})
    return name, _money(one, "net_idr", language), escape(cost.text(language))


def _difference(comparison: ScenarioComparison, language: Language) -> tuple[Bilingual, str, str]:
    """Return by how much the plan of now is worth more than the one kept, drawing by drawing."""
    pair = comparison.pairs.iloc[0]
    low, high = -pair["net_difference_high"], -pair["net_difference_low"]
    better = Message(
        "{range}; better than the kept one in {share}% of the draws",
        {"range": money_range(low, high, language), "share": round(100 * (1 - pair["is_better"]), 1)},
    )
    shown = signed_money(-pair["net_difference"], language)
    return Message("Difference: now less kept"), shown, escape(better.text(language))


def _drawn(found: Scenario, language: Language) -> str:
    net = found.measures.loc["net_idr"]
    drawn = bars(found.draws["net_idr"].to_numpy(), net["expected"], net["low"], net["high"], language)
    title, hint = (
        "How sure is it?",
        Message(
            "How often each income less cost came out in {n} draws; hollow: a loss. Below: the expected value"
            " and the range that holds {level}% of the draws; the line marks neither gain nor loss.",
            {"n": found.n_draws, "level": round(100 * found.level)},
        ),
    )
    return f"<h3>{say(title, language)}</h3>{drawn}<p class='pk-hint'>{escape(hint.text(language))}</p>"


def _who_gains(found: Scenario, language: Language) -> str:
    return (
        f"<h3>{say('Who gains', language)}</h3>{_groups(found, 'quintile', 'Villages', language)}"
        f"{_groups(found, 'type', 'IDM status', language)}"
        f"<p class='pk-hint'>{say(_LOSERS, language)} {_losers(found, language)}</p>"
    )


def _groups(found: Scenario, kind: str, heading: str, language: Language) -> str:
    """Return the added income of each fifth, or each status, with its range."""
    rows = found.groups[found.groups["kind"] == kind]
    margin = found.measures.loc["worth_idr", "expected"] / (found.measures.loc["gain", "expected"] or 1)
    ends = (float(min(0, rows["gain_low"].min())), float(rows["gain_high"].max()))
    cells = [
        [
            escape(FIFTHS[int(row.group)].text(language) if kind == "quintile" else str(row.group)),
            amount(row.n_chosen, language),
            _with_range(margin * row.gain, margin * row.gain_low, margin * row.gain_high, language),
            strip(row.gain, row.gain_low, row.gain_high, ends),
        ]
        for row in rows.itertuples()
    ]
    headings = [say(text, language) for text in (heading, "Helped", "Added income", "Range")]
    return wide(headings, cells, translate("Who gains", language), numeric=(1, 2))


def _with_range(middle: float, low: float, high: float, language: Language) -> str:
    return f"{signed_money(middle, language)}<small>{money_range(low, high, language)}</small>"


_LOSERS = "Villages that get nothing sell for a lower price when others sell more."


def _losers(found: Scenario, language: Language) -> str:
    n = round(found.measures.loc["n_losers", "expected"])
    return escape(Message("Villages expected to lose by it: {n}.", {"n": n}).text(language))


def villages_html(found: Scenario, language: Language, kecamatan: str) -> str:
    """Return the villages that may be helped, of one kecamatan where one is named."""
    rows = served(found, kecamatan)
    headings = [say(text, language) for text in ("Village", "Helped in", "Gets", "Added sales")]
    cells = [
        [f"{escape(str(row.name))}<small>{escape(str(row.kecamatan))}</small>",
         f"{number_text(round(100 * row.probability, 0), language)}%",
         signed_money(row.amount_idr, language),
         _with_range(row.gain, row.gain_low, row.gain_high, language)]
        for row in rows.head(SHOWN).itertuples(index=False)
    ]  # fmt: skip
    title = Message("Villages that may be helped: {n}", {"n": len(rows)}).text(language)
    rest = Message("The first {n} are listed; the file has all.", {"n": SHOWN}).text(language)
    tail = f"<p class='pk-hint'>{escape(rest)}</p>" if len(rows) > SHOWN else ""
    shown = wide(headings, cells, title, numeric=(1, 2, 3)) if cells else ""
    return section("aid-villages", f"<h3>{escape(title)}</h3>{shown}{tail}")
