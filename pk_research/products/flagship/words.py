"""Lists, comparisons, panels and intervals told to people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.products.catalogue import product_label
from pk_research.products.flagship.criteria import IN_KECAMATAN
from pk_research.products.flagship.methods import METHODS
from pk_research.products.naming import column_of
from pk_research.products.words import percent
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from pk_research.indicators.composite import Priorities
    from pk_research.products.flagship.agreement import Concordance
    from pk_research.products.flagship.comparison import Comparison
    from pk_research.products.flagship.evidence import Evidence
    from pk_research.products.flagship.intervals import RankIntervals
    from pk_research.products.flagship.kecamatan import KecamatanLists
    from pk_research.products.flagship.panel import Panel
    from pk_research.products.flagship.ranking import Ranking

NAMED = 5
FIGURES = {
    "enterprises": Message("Number of enterprises"),
    "market_reach": Message("Kinds of buyers"),
    "contribution": Message("Sales (IDR a month)"),
    "local_material": Message("Local raw material (%)"),
}
SECTORS = {
    "agriculture": Message("Agriculture"),
    "fishery": Message("Fishery"),
    "food": Message("Food processing"),
    "craft": Message("Craft"),
    "services": Message("Services"),
}


def ranking_table(ranking: Ranking, language: Language) -> pd.DataFrame:
    """Return rank, name and value, best first."""
    frame = ranking.frame
    table = pd.DataFrame(
        {
            translate("Rank", language): frame["rank"],
            translate("Product", language): _labels(frame["product"], language),
            translate("Value", language): frame["value"],
        }
    )
    if "sector" in frame:
        named = [SECTORS[s].text(language) if s in SECTORS else s for s in frame["sector"]]
        table.insert(2, translate("Sector", language), named)
    return marked(table, language, made=ranking.made)


def ranking_in_words(ranking: Ranking, language: Language) -> str:
    """Say how the list was made and who leads it."""
    best = ranking.frame.loc[ranking.frame["rank"] == ranking.frame["rank"].min(), "product"]
    parts = [Message("Products: {n}. Ranked by: {how}", {"n": len(ranking.frame), "how": ranking.how})]
    if not ranking.more_is_better:
        parts.append(Message("A smaller value is better"))
    parts.append(_first(best, language))
    parts.append(Message("A rank alone does not say how sure it is: look at the rank intervals"))
    return _told(parts, language, made=ranking.made)


def lists_table(lists: KecamatanLists, language: Language) -> pd.DataFrame:
    """Return one row a kecamatan and product."""
    frame = lists.frame
    table = pd.DataFrame(
        {
            translate("Kecamatan", language): column_of(frame["kecamatan_code"], {}, language),
            translate("Rank", language): frame["rank"],
            translate("Product", language): _labels(frame["product"], language),
            translate("Value", language): frame["value"],
        }
    )
    return marked(table, language, made=lists.made)


def lists_in_words(lists: KecamatanLists, language: Language) -> str:
    """Say how the lists were made and which products lead most of them."""
    frame = lists.frame
    best = frame[frame.groupby("kecamatan_code")["rank"].transform("min") == frame["rank"]]
    counts = best["product"].value_counts()
    counts = counts[counts == counts.max()].sort_index()
    parts = [
        Message(
            "In {n} kecamatan candidates were ranked by: {how}",
            {"n": frame["kecamatan_code"].nunique(), "how": METHODS[lists.method].name},
        ),
        Message("Weights: {weights}", {"weights": _weights(lists.weights.items(), IN_KECAMATAN, language)}),
        Message(
            "Most often first, in {n} kecamatan: {names}",
            {"n": int(counts.iloc[0]), "names": _names(counts.index, language)},
        ),
    ]
    return _told(parts, language, made=lists.made)


def evidence_table(evidence: Evidence, language: Language) -> pd.DataFrame:
    """Return one row a kecamatan and product: the figures and the location quotient."""
    rows = pd.concat([evidence.frame, evidence.left_out]).sort_index().reset_index()
    pairs = pd.MultiIndex.from_frame(rows[["kecamatan_code", "product"]].astype(object))
    lq = pd.DataFrame(np.nan, index=pairs, columns=["lq", "low", "high"])
    if evidence.quotients is not None:
        lq = evidence.quotients.frame.set_index(["region", "sector"])[list(lq)].reindex(pairs)
    named = {
        translate("Kecamatan", language): column_of(rows["kecamatan_code"], {}, language),
        translate("Product", language): _labels(rows["product"], language),
    }
    figures = {FIGURES[name].text(language): rows[name] for name in evidence.frame}
    if len(evidence.untold):
        figures[translate("Sellers whose sales are not in it", language)] = evidence.untold.reindex(
            pairs
        ).to_numpy()
    quotient = {
        translate("Location quotient (LQ)", language): lq["lq"].to_numpy(),
        translate("Interval from", language): lq["low"].to_numpy(),
        translate("Interval to", language): lq["high"].to_numpy(),
    }
    table = pd.DataFrame(named | figures | quotient)
    return marked(table, language, made=evidence.made)


ONE_KECAMATAN = Message(
    "All are of one kecamatan: whether a product stands out there beside the rest of the regency (location"
    " quotient) cannot be said"
)


def evidence_in_words(evidence: Evidence, language: Language) -> str:
    """Say what is known, what was left out, what the sums miss."""
    parts = [
        Message(
            "All figures asked for are known of {n} pairs of kecamatan and product; {left} lack one and are"
            " not scored",
            {"n": len(evidence.frame), "left": len(evidence.left_out)},
        )
    ]
    parts += [
        Message(
            "{criterion}: in {n} pairs not every village told it, so that the figure rests on the others",
            {"criterion": IN_KECAMATAN[name], "n": n},
        )
        for name, n in evidence.n_partial.items()
        if n
    ]
    left_out = evidence.untold.reindex(evidence.frame.index).fillna(0)
    if (left_out > 0).any():
        parts.append(
            Message(
                "{criterion}: in {n} pairs sales add up what some sellers told, and are at least so much"
                " (sellers not in them: {untold})",
                {
                    "criterion": IN_KECAMATAN["contribution"],
                    "n": int((left_out > 0).sum()),
                    "untold": int(left_out.sum()),
                },
            )
        )
    said = _told(parts, language, made=evidence.made)
    if evidence.quotients is None:
        kecamatan = {code for rows in (evidence.frame, evidence.left_out) for code, _ in rows.index}
        return f"{said} {_told([ONE_KECAMATAN], language, made=False)}" if len(kecamatan) == 1 else said
    frame = evidence.quotients.frame
    named = frame.assign(
        region=column_of(frame["region"], {}, language),
        sector=_labels(frame["sector"], language),
    )
    quotients = replace(evidence.quotients, frame=named)
    return f"{said} {quotients.in_words(language)}"


def comparison_table(comparison: Comparison, language: Language) -> pd.DataFrame:
    """Return one row an alternative: its rank by each method, the mean rank first."""
    ordered = comparison.ranks.assign(mean=comparison.ranks.mean(axis=1)).sort_values("mean", kind="stable")
    table = pd.DataFrame({translate("Product", language): _labels(ordered.index, language)})
    table[translate("Mean rank", language)] = ordered["mean"].to_numpy()
    for name in comparison.ranks:
        table[METHODS[name].name.text(language)] = ordered[name].to_numpy()
    return marked(table, language, made=comparison.decision.made)


def comparison_in_words(comparison: Comparison, language: Language) -> str:
    """Say how far methods agree and what each puts first."""
    parts: list[Bilingual] = [_concordance(comparison.agreement, Message("The methods"))]
    known = comparison.pairs.dropna(subset="r")
    if len(known) and known["r"].min() < 1:
        least = known.loc[known["r"].idxmin()]
        values = {
            "first": METHODS[least["first"]].name,
            "second": METHODS[least["second"]].name,
            "r": round(float(least["r"]), 2),
        }
        if np.isnan(least["low"]):
            parts.append(
                Message(
                    "Least alike are {first} and {second} (Spearman {r}; too few for an interval)", values
                )
            )
        else:
            values |= {"low": round(float(least["low"]), 2), "high": round(float(least["high"]), 2)}
            parts.append(
                Message("Least alike are {first} and {second} (Spearman {r}, 95%: {low} to {high})", values)
            )
    for name, ranks in comparison.ranks.items():
        best = ranks.index[ranks == ranks.min()]
        parts.append(
            Message(
                "First by {method}: {names}", {"method": METHODS[name].name, "names": _names(best, language)}
            )
        )
    firsts = comparison.ranks.eq(comparison.ranks.min()).all(axis=1)
    parts.append(
        Message(
            "Every method puts the same first: {names}", {"names": _names(firsts.index[firsts], language)}
        )
        if firsts.any()
        else Message("No product is first by every method: the choice hangs on the method")
    )
    return _told(parts, language, made=comparison.decision.made)


def panel_table(panel: Panel, language: Language) -> pd.DataFrame:
    """Return one row a criterion, the heaviest first: the panel both ways, and each expert."""
    columns = {
        translate("Panel, by judgements", language): panel.by_judgements,
        translate("Panel, by weights", language): panel.by_weights,
        **{name: found.weights for name, found in panel.experts.items()},
    }
    order = sorted(panel.weights, key=lambda name: (-panel.weights[name], name))
    table = pd.DataFrame({name: [weights[c] for c in order] for name, weights in columns.items()})
    table.insert(0, translate("Criterion", language), [panel.labels[name].text(language) for name in order])
    return table


def experts_table(panel: Panel, language: Language) -> pd.DataFrame:
    """Return one row an expert, and the panel: consistency, the judgement furthest from the others."""
    everyone = {**panel.experts, translate("Panel", language): panel.merged}
    rows = []
    for name, found in everyone.items():
        first, second = (panel.labels[part].text(language) for part in found.worst)
        usable = (Message("yes") if found.is_consistent else Message("no")).text(language)
        rows.append(
            (name, found.consistency_ratio, usable, first, second, found.worst_given, found.worst_implied)
        )
    headings = (
        Message("Expert"), Message("Consistency ratio"), Message("Consistent (up to 0.1)"),
        Message("Criterion"), Message("against"), Message("Judged"),
        Message("Implied by the other judgements"),
    )  # fmt: skip
    return pd.DataFrame(rows, columns=[heading.text(language) for heading in headings])


def panel_in_words(panel: Panel, language: Language) -> str:
    """Say whether the weights may be used, how far experts agree and what to discuss."""
    how = (
        Message("the geometric mean of their judgements (the panel judges as one)")
        if panel.merging == "judgements"
        else Message("the geometric mean of their weights (each keeps values of their own)")
    )
    parts: list[Bilingual] = [
        Message("Experts: {n}, merged by {how}", {"n": len(panel.experts), "how": how}),
        Message("Weights: {weights}", {"weights": _weights(_heaviest(panel), panel.labels, language)}),
    ]
    gap = max(abs(panel.by_judgements[name] - panel.by_weights[name]) for name in panel.weights)
    parts.append(Message("The other way of merging moves a weight by {gap} at most", {"gap": round(gap, 3)}))
    if panel.left_out:
        parts.append(Message("Left out at the user's wish: {names}", {"names": ", ".join(panel.left_out)}))
    if len(panel.experts) > 1:
        parts.append(_concordance(panel.agreement, Message("The experts")))
        parts.append(
            Message(
                "Their consensus by Shannon's entropy is {share}% (0: each favours another criterion,"
                " 100: all weigh alike)",
                {"share": percent(panel.consensus)},
            )
        )
    told = [_stop(part.text(language)) for part in parts]
    told.append(_about(Message("The panel as a whole"), panel.merged, panel.labels, language))
    told += [
        _about(Message("Expert {name}", {"name": name}), panel.experts[name], panel.labels, language)
        for name in panel.inconsistent
    ]
    return " ".join(told)


def intervals_table(result: RankIntervals, language: Language) -> pd.DataFrame:
    """Return one row an alternative, best first: rank, median, interval, share first."""
    frame = result.intervals
    table = pd.DataFrame(
        {
            translate("Rank", language): frame["rank"].to_numpy(),
            translate("Product", language): _labels(frame.index, language),
            translate("Median rank", language): frame["median"].to_numpy(),
            translate("Rank, 5% point", language): frame["low"].to_numpy(),
            translate("Rank, 95% point", language): frame["high"].to_numpy(),
            translate("First (% of drawings)", language): [
                percent(share, 1) for share in frame["share_first"]
            ],
        }
    )
    return marked(table, language, made=result.decision.made)


def intervals_in_words(result: RankIntervals, language: Language) -> str:
    """Say which alternatives can be told from which."""
    n = len(result.intervals)
    first = str(result.intervals.index[0])
    parts = [
        Message(
            "Scores and weights were drawn {draws} times and ranked by {method}",
            {"draws": result.n_draws, "method": METHODS[result.method].name},
        ),
        Message(
            "Of {pairs} pairs of products, {told} can be told apart (the same order in at least 95% of the"
            " drawings)",
            {"pairs": n * (n - 1) // 2, "told": len(result.told_apart)},
        ),
    ]
    if result.not_told_from_first:
        parts.append(
            Message(
                "{first} is first, but cannot be told from: {names}",
                {
                    "first": product_label(first, language),
                    "names": _names(result.not_told_from_first, language),
                },
            )
        )
    else:
        parts.append(
            Message(
                "{first} is first, and ranked before each of the others in at least 95% of the drawings",
                {"first": product_label(first, language)},
            )
        )
    return _told(parts, language, made=result.decision.made)


def _about(who: Message, found: Priorities, labels: Mapping[str, Bilingual], language: Language) -> str:
    return f"{who.text(language)}: {found.in_words(language, labels)}"


def _concordance(found: Concordance, who: Message) -> Message:
    values = {"who": who, "w": round(found.w, 2)}
    if np.isnan(found.low):
        return Message("{who} agree with Kendall's W = {w} (1: fully; too few for an interval)", values)
    values |= {"low": round(found.low, 2), "high": round(found.high, 2)}
    return Message("{who} agree with Kendall's W = {w} (1: fully; 95%: {low} to {high})", values)


def _first(products: Iterable[str], language: Language) -> Message:
    return Message("First: {names}", {"names": _names(list(products), language)})


def _heaviest(panel: Panel) -> list[tuple[str, float]]:
    return sorted(panel.weights.items(), key=lambda item: (-item[1], item[0]))


def _weights(
    weights: Iterable[tuple[str, float]], labels: Mapping[str, Bilingual], language: Language
) -> str:
    return ", ".join(f"{labels[name].text(language)} {number_text(w, language)}" for name, w in weights)


def _names(products: Sequence[str] | pd.Index, language: Language) -> str:
    shown = [product_label(str(name), language) for name in products[:NAMED]]
    return ", ".join(shown) + (", …" if len(products) > NAMED else "")


def _labels(products: Iterable[str], language: Language) -> list[str]:
    return [product_label(str(name), language) for name in products]


def _told(parts: Sequence[Bilingual], language: Language, *, made: bool) -> str:
    said: list[Bilingual] = [Message(MADE), *parts] if made else [*parts]
    return " ".join(_stop(part.text(language)) for part in said)


def _stop(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
