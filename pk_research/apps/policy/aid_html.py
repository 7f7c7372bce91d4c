"""What help would bring, on screen: cost, gain with its doubt, who gets it, and how it compares."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pk_research.apps.markup import say, section, table
from pk_research.apps.policy.aid import served
from pk_research.apps.policy.pieces import figures, money_range, paragraphs, strip
from pk_research.apps.products.pieces import amount, money, more
from pk_research.language import Bilingual, Language, Message, number_text

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
    "The cost of the help, how many sellers take it up (40 to 80 %), how fast the gain fades, what is left of"
    " a rupiah sold (15 to 35 %) and how prices answer are assumptions; the effect is estimated from the"
    " survey (see “What was tried”)."
)


def aid_html(
    found: Scenario, language: Language, *, kept: Scenario | None, comparison: ScenarioComparison | None
) -> str:
    """Return the scenario: in figures, beside the one kept, and by fifths of villages."""
    return (
        section("aid", _head(found, language))
        + section("aid-compared", _compared(found, kept, comparison, language))
        + section("aid-fifths", _fifths(found, language))
        + f"<p class='pk-hint'>{say(ASSUMED, language)}</p>"
        + more(say("All of it in words, with every warning", language), paragraphs(found.in_words(language)))
    )


def _head(found: Scenario, language: Language) -> str:
    n = round(found.measures.loc["n_served", "expected"])
    title = Message(
        "Villages helped: {n} of {all}; cost {cost}",
        {"n": n, "all": len(found.villages), "cost": _money(found, "cost_idr", language)},
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
    return money(float(found.measures.loc[name, "expected"]), language)


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
    both = figures(
        [_beside(Message("Kept"), kept, language), _beside(Message("Now"), found, language)], language
    )
    shown = f"<h3>{say('Beside the plan you kept', language)}</h3>{both}"
    if kept is found:
        return f"{shown}<p class='pk-hint'>{say('Now change something to compare with it.', language)}</p>"
    if comparison is None:
        text = say(
            "They are about other villages, so their difference is not drawn village by village.", language
        )
        return f"{shown}<p class='pk-hint'>{text}</p>"
    return shown + paragraphs(comparison.in_words(language))


def _beside(what: Message, one: Scenario, language: Language) -> tuple[Bilingual, str, str]:
    """Return a plan as a figure: its income less cost, with what it is and what it costs."""
    cost = Message(
        "{range}; cost {cost}",
        {"range": _range(one, "net_idr", language), "cost": _money(one, "cost_idr", language)},
    )
    name = Message("{what}: {policy}", {"what": what, "policy": one.policy.name})
    return name, _money(one, "net_idr", language), escape(cost.text(language))


def _fifths(found: Scenario, language: Language) -> str:
    rows = found.groups[found.groups["kind"] == "quintile"]
    margin = found.measures.loc["worth_idr", "expected"] / (found.measures.loc["gain", "expected"] or 1)
    ends = (float(min(0, rows["gain_low"].min())), float(rows["gain_high"].max()))
    cells = [
        [
            escape(FIFTHS[int(row.group)].text(language)),
            amount(row.n_chosen, language),
            money(row.gain * margin, language),
            strip(row.gain, row.gain_low, row.gain_high, ends),
        ]
        for row in rows.itertuples()
    ]
    headings = [say(text, language) for text in ("Villages", "Helped", "Added income", "Range")]
    return (
        f"<h3>{say('Who gains', language)}</h3>"
        f"<div class='pk-wide'>{table(headings, cells, numeric=(1, 2))}</div>"
        f"<p class='pk-hint'>{say(_LOSERS, language)} {_losers(found, language)}</p>"
    )


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
         money(row.amount_idr, language),
         f"{money(row.gain, language)}<small>{money_range(row.gain_low, row.gain_high, language)}</small>"]
        for row in rows.head(SHOWN).itertuples(index=False)
    ]  # fmt: skip
    title = Message("Villages that may be helped: {n}", {"n": len(rows)}).text(language)
    rest = Message("The first {n} are listed; the file has all.", {"n": SHOWN}).text(language)
    tail = f"<p class='pk-hint'>{escape(rest)}</p>" if len(rows) > SHOWN else ""
    shown = f"<div class='pk-wide'>{table(headings, cells, numeric=(1, 2, 3))}</div>" if cells else ""
    return section("aid-villages", f"<h3>{escape(title)}</h3>{shown}{tail}")
