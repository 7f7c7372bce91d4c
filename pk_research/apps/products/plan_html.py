"""One village one product on screen: the plan, what its limits cost, and other plans as good."""

from __future__ import annotations

from html import escape

from pk_research.apps.markup import say, section, table
from pk_research.apps.products.pieces import WITHOUT, amount, first_few, money, more, paragraph, withheld_html
from pk_research.apps.products.plan import Plan
from pk_research.language import Language, Message
from pk_research.products.assignment.words import BY_CLOCK
from pk_research.products.words import percent

LIMITS = {
    "market": Message("the limit for one product"),
    "diversity": Message("the limit for one product within a kecamatan"),
    "least": Message("the least number of villages for a product"),
}


def plan_html(plan: Plan, language: Language) -> str:
    """Return the plan: worth, products, costs of limits, villages and alternatives."""
    found = plan.assignment
    n = int((found.chosen >= 0).sum())
    title = Message(
        "Villages with a product: {n}; products: {k}; together worth {value} a year",
        {"n": n, "k": int((found.products["n_villages"] > 0).sum()),
         "value": money(found.value_idr_year, language)},
    ).text(language)  # fmt: skip
    head = (
        f"<h3 class='pk-finding'>{escape(title)}</h3>{paragraph(_proof(plan, language))}"
        f"{paragraph(_nobody(plan, language))}"
    )
    return (
        section("plan", head)
        + section("plan-products", _products(plan, language))
        + section("plan-costs", _costs(plan, language))
        + section("plan-others", _others(plan, language))
        + section("plan-villages", _villages(plan, language))
        + f"<p class='pk-hint'>{say(_WORTH, language)} {_without_season(plan, language)}</p>"
        + withheld_html(plan.n_withheld, language, WITHOUT)
    )


_WORTH = (
    "Worth: capacity times price less cost, over the months of the season, as villages told them. A village "
    "gets only a product that it named and of which all this is known."
)


def _without_season(plan: Plan, language: Language) -> str:
    if not plan.n_without_season:
        return ""
    values = {"n": plan.n_without_season}
    text = Message("Of {n} candidates the months are not known; they count as sold all year.", values)
    return escape(text.text(language))


def _proof(plan: Plan, language: Language) -> str:
    if plan.assignment.is_best:
        return Message("No other plan within these limits is worth more; that is proven.").text(language)
    share = percent(plan.assignment.gap_share, 2)
    sentences = [Message("Another plan may be worth more, by at most {share}%.", {"share": share})]
    if plan.assignment.stopped_by_clock:
        sentences.append(BY_CLOCK)
    return " ".join(sentence.text(language) for sentence in sentences)


def _nobody(plan: Plan, language: Language) -> str:
    none = int((plan.assignment.chosen < 0).sum())
    if not none:
        return ""
    return Message("Villages that get no product within these limits: {n}.", {"n": none}).text(language)


def _products(plan: Plan, language: Language) -> str:
    problem = plan.assignment.problem
    shown = plan.assignment.products.sort_values(["n_villages", "product"], ascending=[False, True])
    rows = [
        [escape(problem.name(row.product, language)), amount(row.n_villages, language),
         money(row.value_idr_year, language)]
        for row in shown.itertuples()
        if row.n_villages
    ]  # fmt: skip
    headings = [say(text, language) for text in ("Product", "Villages", "Worth a year")]
    return f"<h3>{say('How many villages make what', language)}</h3>" + table(headings, rows, numeric=(1, 2))


def _costs(plan: Plan, language: Language) -> str:
    costs = plan.costs.costs
    lines = []
    for row in costs.itertuples():
        words = LIMITS[row.kind].text(language)
        lost = money(row.high_idr_year, language)
        is_free = row.high_idr_year < 1
        text = (
            Message("{limit}: costs nothing", {"limit": words})
            if is_free
            else Message(
                "{limit}: without it the plan would be worth {lost} more", {"limit": words, "lost": lost}
            )
            if row.high_idr_year - row.low_idr_year < 1
            else Message(
                "{limit}: without it the plan would be worth between {low} and {lost} more",
                {"limit": words, "low": money(row.low_idr_year, language), "lost": lost},
            )
        ).text(language)
        lines.append(f"<li>{escape(text[0].upper() + text[1:])}.</li>")
    stopped = _by_clock(language, stopped=plan.costs.stopped_by_clock)
    return f"<h3>{say('What the limits cost', language)}</h3><ul>{''.join(lines)}</ul>{stopped}"


def _by_clock(language: Language, *, stopped: bool) -> str:
    return paragraph(BY_CLOCK.text(language) if stopped else "", "pk-hint")


def _others(plan: Plan, language: Language) -> str:
    others, best = plan.others, plan.assignment
    title = f"<h3>{say('Other plans nearly as good', language)}</h3>"
    stopped = _by_clock(language, stopped=others.stopped_by_clock)
    if not others.values_idr_year:
        none = (
            "None within 2% of the best that is truly another."
            if others.is_complete
            else "None was found within 2% of the best that is truly another; there may be some."
        )
        return f"{title}<p>{say(none, language)}</p>{stopped}"
    shown = others.table(language)
    differs = shown.columns[4]
    lines = [
        Message(
            "{lost} less worth; villages with another product: {n} ({what})",
            {"lost": money(best.value_idr_year - value, language), "n": int((chosen != best.chosen).sum()),
             "what": str(what)},
        ).text(language)
        for chosen, value, what in zip(others.chosen, others.values_idr_year, shown[differs], strict=True)
    ]  # fmt: skip
    return title + "<ol>" + "".join(f"<li>{escape(line)}.</li>" for line in lines) + "</ol>" + stopped


def _villages(plan: Plan, language: Language) -> str:
    problem = plan.assignment.problem
    shown = plan.assignment.villages.assign(
        kecamatan=[problem.name(code, language) for code in problem.kecamatan]
    )
    headings = [say(text, language) for text in ("Village", "Product", "Next best")]
    parts = []
    for kecamatan, rows in shown.groupby("kecamatan", sort=True):
        cells = [
            [escape(problem.name(row.village_code, language)), _named(problem, row.product, language),
             _named(problem, row.runner_up, language)]
            for row in rows.itertuples()
        ]  # fmt: skip
        parts.append(more(f"{escape(str(kecamatan))} ({len(rows)})", table(headings, cells)))
    return f"<h3>{say('Village by village', language)}</h3>{first_few(parts, language)}"


def _named(problem: object, product: object, language: Language) -> str:
    return escape(problem.name(product, language)) if isinstance(product, str) else "–"  # type: ignore[attr-defined]
