"""The product each village could build on: the best of its own in the order of its kecamatan, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_seed
from pk_research.language import Language, Message, translate
from pk_research.products.catalogue import product_label
from pk_research.products.flagship.criteria import criterion_label
from pk_research.products.flagship.decision import decision
from pk_research.products.flagship.evidence import Evidence
from pk_research.products.flagship.intervals import TOLD_APART, RankIntervals, rank_intervals
from pk_research.products.flagship.usual import BOUNDS, N_DRAWS, SCORE_SD, WEIGHT_NOISE
from pk_research.products.naming import column_of, name_of
from pk_research.products.words import listed
from pk_research.register import Register, load_register
from pk_research.register.village import KECAMATAN_LENGTH
from pk_research.writing import MADE, marked


@dataclass(frozen=True, eq=False)
class VillageFlagships:
    """One product for each village.

    Attributes
    ----------
    frame
        One row a village with candidates, sorted: ``village_code``, ``product`` (missing where none of its
        candidates could be ranked), ``rank`` in its kecamatan with ``low`` and ``high`` (5 and 95 % points),
        ``n_ranked`` (products in the list of the kecamatan), ``runner_up`` (its next best candidate),
        ``sure`` (share of the drawings in which the product is before the runner-up), ``stronger`` and
        ``weaker`` (criteria in which the product scores above, and below, its runner-up; tuples),
        ``n_candidates`` and ``n_unranked`` (candidates that lack a figure).
    weights
        Of the criteria.
    method
        Which method ranked.
    n_draws, seed
        Drawings, and the seed of all chance.
    options
        What was varied, and how far.
    names
        Code of a village -> its name.
    inputs
        Hashes of the data behind it.
    made
        True when they are made data.
    """

    frame: pd.DataFrame
    weights: Mapping[str, float]
    method: str
    n_draws: int
    seed: int
    options: Mapping[str, object]
    names: Mapping[str, str]
    inputs: tuple[str, ...]
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village for people, with the reasons."""
        rows = self.frame
        columns = {
            translate("Village", language): column_of(rows["village_code"], self.names, language),
            translate("Kecamatan", language): column_of(
                rows["village_code"].str[:KECAMATAN_LENGTH], {}, language
            ),
            translate("Product", language): column_of(rows["product"], {}, language),
            translate("Rank in the kecamatan", language): rows["rank"],
            translate("Rank, low", language): rows["low"],
            translate("Rank, high", language): rows["high"],
            translate("Runner-up", language): column_of(rows["runner_up"], {}, language),
            translate("Before the runner-up in (% of drawings)", language): (100 * rows["sure"]).round(0),
            translate("Why", language): [_reason(row, language) for row in rows.to_dict("records")],
        }
        return marked(pd.DataFrame(columns), language, made=self.made)

    def in_words(self, language: Language, village_code: str | None = None) -> str:
        """Say for how many villages there is an answer and how firm, or why one village has its product.

        Parameters
        ----------
        language
            ``"id"`` or ``"en"``.
        village_code
            A village; none for all.
        """
        parts = [Message("{note}.", {"note": Message(MADE)}).text(language)] if self.made else []
        if village_code is not None:
            village = name_of(village_code, self.names, language)
            rows = self.frame[self.frame["village_code"] == village_code].to_dict("records")
            if not rows:
                return Message("No candidate of {village} is known.", {"village": village}).text(language)
            return " ".join([*parts, _sentence(rows[0], village, language)])
        ranked = self.frame["product"].notna()
        firm = self.frame["sure"] >= TOLD_APART
        alone = ranked & self.frame["runner_up"].isna()
        values = {
            "n": int(ranked.sum()),
            "all": len(self.frame),
            "firm": int(firm.sum()),
            "alone": int(alone.sum()),
            "share": round(100 * TOLD_APART),
            "none": int((~ranked).sum()),
        }
        told = Message(
            "Villages with a product that leads their own: {n} of {all}. In {firm} of them it is before the"
            " runner-up in at least {share}% of the drawings; {alone} have no other that could be ranked."
            " Villages of whose candidates none could be ranked: {none}.",
            values,
        )
        return " ".join([*parts, told.text(language)])


def flagships_by_village(
    candidates: pd.DataFrame,
    evidence: Evidence,
    *,
    weights: Mapping[str, float],
    method: str = "bayes",
    score_sd: float = SCORE_SD,
    weight_noise: float = WEIGHT_NOISE,
    n_draws: int = N_DRAWS,
    seed: int = 0,
    register: Register | None = None,
) -> VillageFlagships:
    """Take of each village's candidates the one that stands first in the order of its kecamatan.

    Parameters
    ----------
    candidates
        Of a `catalogue.Catalogue`; ``village_code`` and ``product`` are read.
    evidence
        From `evidence_of` of the same candidates.
    weights
        Of the criteria of the evidence.
    method
        One of the methods of `choose`.
    score_sd, weight_noise, n_draws, seed
        As in `rank_intervals`; each kecamatan draws by its own derived seed.
    register
        For the names of villages; by default that of Kabupaten Bekasi.

    Raises
    ------
    BadInput
        When weights or options cannot be used.

    Notes
    -----
    Scores are those of `Evidence.scores`: of a product in the kecamatan, not of the village's own making, for
    figures of one village are few. A kecamatan in which one product alone has all figures has it at rank 1.

    Examples
    --------
    >>> from pk_research.products.flagship import evidence_of
    >>> candidates = pd.DataFrame({"village_code": ["3216012001", "3216012001", "3216012002"],
    ...     "product": ["batik", "rice", "rice"], "n_enterprises": [9, 2, 1],
    ...     "markets": [("online", "market"), ("market",), ("market",)],
    ...     "sales_idr_month": [9e6, 2e6, 1e6], "local_material_pct": [80.0, 50.0, 40.0]})
    >>> evidence = evidence_of(candidates)
    >>> found = flagships_by_village(candidates, evidence, weights=dict.fromkeys(evidence.frame, 1))
    >>> found.frame[["village_code", "product", "rank"]].values.tolist()
    [['3216012001', 'batik', 1.0], ['3216012002', 'rice', 2.0]]
    """
    scores = evidence.scores()
    options = {"score_sd": score_sd, "weight_noise": weight_noise}
    told = sorted(scores.index.get_level_values("kecamatan_code").unique())
    here = {str(area): scores.xs(area, level="kecamatan_code") for area in told}
    lists = {
        area: _list(
            rows,
            weights,
            evidence,
            method=method,
            n_draws=n_draws,
            seed=derived_seed(seed, int(area)),
            **options,
        )
        for area, rows in here.items()
    }
    nothing = scores.iloc[:0].droplevel("kecamatan_code")
    rows = [
        _of_village(
            str(code),
            sorted(set(part["product"])),
            here.get(str(code)[:KECAMATAN_LENGTH], nothing),
            lists.get(str(code)[:KECAMATAN_LENGTH]),
        )
        for code, part in candidates.groupby("village_code", sort=True)
    ]
    return VillageFlagships(
        frame=pd.DataFrame(rows),
        weights=dict(weights),
        method=method,
        n_draws=n_draws,
        seed=seed,
        options=options,
        names={village.code: village.name for village in register or load_register()},
        inputs=evidence.inputs,
        made=evidence.made,
    )


def _sentence(row: Mapping[str, Any], village: str, language: Language) -> str:
    """Say which product a village could build on, how firm its rank is, and why."""
    product, low = row["product"], row["low"]
    values: dict[str, object] = {"village": village}
    if not isinstance(product, str):
        nothing = Message("Of {village}, no candidate could be ranked: figures are lacking.", values)
        return nothing.text(language)
    values |= {"product": product_label(product, language)}
    if np.isnan(low):
        first = Message("{village} could build on {product}, the only one ranked in its kecamatan.", values)
    else:
        first = Message(
            "{village} could build on {product}: rank {rank} of {n} in its kecamatan (9 of 10 drawings"
            " say {low} to {high}).",
            values | {"rank": row["rank"], "n": row["n_ranked"], "low": low, "high": row["high"]},
        )
    return f"{first.text(language)} {_reason(row, language)}"


def _reason(row: Mapping[str, Any], language: Language) -> str:
    """Return what speaks for the product, and against."""
    runner_up, sure = row["runner_up"], row["sure"]
    if not isinstance(row["product"], str):
        return translate("Its candidates lack figures, so that none could be ranked.", language)
    if not isinstance(runner_up, str):
        return translate("It is the only candidate of the village that could be ranked.", language)
    values = {"runner_up": product_label(runner_up, language)}
    parts = []
    for names, text in (
        (row["stronger"], Message("Better than {runner_up} in: {criteria}.")),
        (row["weaker"], Message("Weaker in: {criteria}.")),
    ):
        if names:
            criteria = listed([criterion_label(name) for name in names], language)
            parts.append(Message(text.template, values | {"criteria": criteria}))
    if sure < TOLD_APART:
        share = {"share": round(100 * sure)}
        parts.append(Message("The two cannot be told apart: {share}% of the drawings.", share))
    return " ".join(part.text(language) for part in parts)


def _list(
    rows: pd.DataFrame, weights: Mapping[str, float], evidence: Evidence, *, method: str, n_draws: int,
    seed: int, score_sd: float, weight_noise: float,
) -> RankIntervals | None:  # fmt: skip
    """Rank the products of a kecamatan by the criteria in which they differ; None where there are none."""
    differs = [name for name in rows if rows[name].min() < rows[name].max()]
    given = decision(
        rows[differs] if differs else rows,
        {name: weight for name, weight in weights.items() if name in differs or name not in rows},
        inputs=evidence.inputs,
        made=evidence.made,
    ) if len(rows) > 1 and differs else None  # fmt: skip
    if given is None:
        return None
    return rank_intervals(
        given, method=method, score_sd=score_sd, bounds=BOUNDS, weight_noise=weight_noise, n_draws=n_draws,
        seed=seed, n_jobs=1,
    )  # fmt: skip


def _of_village(
    code: str, products: list[str], scores: pd.DataFrame, found: RankIntervals | None
) -> dict[str, object]:
    """Return the first of a village's products, beside its second."""
    known = [name for name in products if name in scores.index]
    row: dict[str, object] = {
        "village_code": code, "product": None, "rank": np.nan, "low": np.nan, "high": np.nan,
        "n_ranked": len(scores), "runner_up": None, "sure": np.nan, "stronger": (), "weaker": (),
        "n_candidates": len(products), "n_unranked": len(products) - len(known),
    }  # fmt: skip
    if found is None:
        alone = len(scores) == 1 and bool(known)
        return row | ({"product": known[0], "rank": 1.0} if alone else {"n_unranked": len(products)})
    ranks = found.intervals
    own = [str(name) for name in ranks.index if name in known]
    if not own:
        return row
    first, second = own[0], own[1] if len(own) > 1 else None
    row |= {"product": first, **ranks.loc[first, ["rank", "low", "high"]].to_dict()}
    if second is None:
        return row
    apart = scores.loc[first] - scores.loc[second]
    return row | {
        "runner_up": second,
        "sure": float(found.before.loc[first, second]),
        "stronger": tuple(str(name) for name in apart.index[apart > 0]),
        "weaker": tuple(str(name) for name in apart.index[apart < 0]),
    }
