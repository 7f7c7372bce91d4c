"""Several experts' pairwise judgements: each one's consistency, the weights of all, their agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.composite import Priorities, ahp
from pk_research.language import Language
from pk_research.products.flagship import words
from pk_research.products.flagship.agreement import Concordance, concordance
from pk_research.products.flagship.criteria import Names, criterion_label, name_faults

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pk_research.codebook import Label

Judgements = Mapping[tuple[str, str], float]
Merging = Literal["judgements", "weights"]
LARGEST_JUDGEMENT = 9


@dataclass(frozen=True, eq=False)
class Panel:
    """What a panel of experts weighs.

    Attributes
    ----------
    experts
        By expert: weights and consistency alone; those left out are not here.
    judgements
        By expert, as given.
    merged
        Of the geometric means of all judgements: weights, consistency and worst judgement.
    merging
        ``"judgements"`` or ``"weights"``: where ``weights`` come from.
    by_judgements, by_weights
        Weights from the geometric means of judgements, and of the experts' weights.
    left_out
        Experts the user left out.
    agreement
        Kendall's W of the experts' orders, its interval over experts; missing for one expert.
    consensus
        Consensus from Shannon's beta entropy, 0 (each expert favours another criterion as far as
        the scale allows) to 1 (all weigh alike); missing for one expert.
    labels
        By criterion, what people call it.
    """

    experts: Mapping[str, Priorities]
    judgements: Mapping[str, Judgements]
    merged: Priorities
    merging: Merging
    by_judgements: Mapping[str, float]
    by_weights: Mapping[str, float]
    left_out: tuple[str, ...]
    agreement: Concordance
    consensus: float
    labels: Mapping[str, Label]

    @property
    def weights(self) -> Mapping[str, float]:
        """The panel's weights by criterion, summing to one."""
        return self.by_judgements if self.merging == "judgements" else self.by_weights

    @property
    def inconsistent(self) -> tuple[str, ...]:
        """Experts whose consistency ratio is above 0.10."""
        return tuple(name for name, found in self.experts.items() if not found.is_consistent)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a criterion for people: weight of the panel and of each expert."""
        return words.panel_table(self, language)

    def experts_table(self, language: Language) -> pd.DataFrame:
        """Return one row an expert for people: consistency and the judgement to discuss."""
        return words.experts_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say whether the weights may be used, how far experts agree, and what to discuss."""
        return words.panel_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the weights of the panel and of each expert."""
        from pk_research.products.flagship.pictures import plot_panel

        return plot_panel(self, language, width_px=width_px)


def panel(
    judgements: Mapping[str, Judgements],
    *,
    merging: Merging = "judgements",
    leave_out: Sequence[str] = (),
    accept_inconsistent: bool = False,
    names: Names | None = None,
) -> Panel:
    """Merge the pairwise judgements of several experts.

    Parameters
    ----------
    judgements
        Expert -> judgements, as in `indicators.composite.ahp`: every pair once, either way round.
    merging
        ``"judgements"`` takes the geometric mean of judgements and then weights: the panel acts as
        one person. ``"weights"`` takes each expert's weights and then their geometric mean: experts
        stand side by side, each with values of their own.
    leave_out
        Experts not to count. Nobody is left out unasked, however inconsistent.
    accept_inconsistent
        True to look at weights of a panel whose merged judgements contradict each other.
    names
        Criterion -> what people call it, ``{"id": ..., "en": ...}``, as `panel_form` takes it; a
        criterion without one is called as Bank Indonesia's studies do, or by its code.

    Raises
    ------
    BadInput
        Naming everything at once: no expert, faults in anyone's judgements, experts that compare
        other things, an unknown name in ``leave_out``, a name lacking a language or for something that
        is no criterion; or when the panel's merged judgements (by
        weights: any counted expert's) contradict each other, with the judgement to discuss.

    References
    ----------
    Aczél and Saaty (1983), Procedures for synthesizing ratio judgements, Journal of Mathematical
    Psychology 27. Forman and Peniwati (1998), Aggregating individual judgments and priorities with
    the analytic hierarchy process, European Journal of Operational Research 108. Goepel (2013),
    Implementing the analytic hierarchy process as a standard method (consensus).

    Examples
    --------
    >>> two = {"A": {("market", "price"): 4}, "B": {("price", "market"): 1}}
    >>> {name: round(weight, 3) for name, weight in panel(two).weights.items()}
    {'market': 0.667, 'price': 0.333}
    """
    experts = _each(judgements, merging, leave_out)
    counted = {name: judgements[name] for name in experts}
    merged = ahp(merged_judgements(list(counted.values())))
    criteria = list(merged.weights)
    problems = list(name_faults(criteria, names or {}, needed=False))
    if problems:
        raise BadInput(problems)
    labels = {name: criterion_label(name, names) for name in criteria}
    alone = pd.DataFrame({name: found.weights for name, found in experts.items()}).loc[criteria]
    if not accept_inconsistent:
        _refuse_contradictions(experts, merged, merging, labels)
    several = len(experts) > 1
    return Panel(
        experts=experts,
        judgements=counted,
        merged=merged,
        merging=merging,
        by_judgements=merged.weights,
        by_weights=_geometric_mean(alone),
        left_out=tuple(leave_out),
        agreement=concordance(alone.round(9).rank(ascending=False), over="columns")
        if several
        else Concordance(np.nan, np.nan, np.nan),
        consensus=consensus(alone) if several else np.nan,
        labels=labels,
    )


def merged_judgements(judgements: Sequence[Judgements]) -> dict[tuple[str, str], float]:
    """Return the geometric mean of each judgement, pairs named as the first expert named them.

    Examples
    --------
    >>> merged_judgements([{("a", "b"): 4}, {("b", "a"): 1}])
    {('a', 'b'): 2.0}
    """
    pairs = judgements[0]
    logs = {pair: [np.log(_value(one, pair)) for one in judgements] for pair in pairs}
    return {pair: float(np.exp(np.mean(values))) for pair, values in logs.items()}


def consensus(weights: pd.DataFrame) -> float:
    """Return the consensus of experts from Shannon's entropies.

    Parameters
    ----------
    weights
        One row a criterion, one column an expert; columns sum to one.

    Returns
    -------
    float
        1 where all weigh alike, 0 where each favours another criterion 9 to 1.

    References
    ----------
    Goepel (2013). Jost (2006), Entropy and diversity, Oikos 113.

    Examples
    --------
    >>> consensus(pd.DataFrame({"A": [0.9, 0.1], "B": [0.1, 0.9]}))
    0.0
    """
    alpha = float(np.mean([_entropy(weights[name].to_numpy()) for name in weights.columns]))
    gamma = _entropy(weights.mean(axis=1).to_numpy())
    least = _least_similarity(*weights.shape)
    similarity = 1 / np.exp(gamma - alpha)
    return float(np.clip((similarity - least) / (1 - least), 0, 1))


def _least_similarity(n: int, k: int) -> float:
    """Return exp(alpha) / exp(gamma) of experts who each favour another criterion by the whole scale."""
    favoured = min(n, k)
    total = n + LARGEST_JUDGEMENT - 1
    alone = np.full(n, 1 / total)
    alone[0] = LARGEST_JUDGEMENT / total
    together = np.full(n, 1 / total)
    together[:favoured] = (LARGEST_JUDGEMENT + favoured - 1) / favoured / total
    return float(np.exp(_entropy(alone) - _entropy(together)))


def _entropy(shares: np.ndarray) -> float:
    positive = shares[shares > 0]
    return float(-(positive * np.log(positive)).sum())


def _geometric_mean(weights: pd.DataFrame) -> dict[str, float]:
    means = np.exp(np.log(weights).mean(axis=1))
    return {str(name): float(value) for name, value in (means / means.sum()).items()}


def _value(judgements: Judgements, pair: tuple[str, str]) -> float:
    first, second = pair
    return judgements[pair] if pair in judgements else 1 / judgements[second, first]


def _each(
    judgements: Mapping[str, Judgements], merging: str, leave_out: Sequence[str]
) -> dict[str, Priorities]:
    problems = [
        Problem(f"leave_out, {name!r}", "no expert has this name", f"Choose among {', '.join(judgements)}.")
        for name in leave_out
        if name not in judgements
    ]
    if merging not in {"judgements", "weights"}:
        problems.append(Problem("merging", f"{merging!r} is neither", "Choose 'judgements' or 'weights'."))
    if not set(judgements) - set(leave_out):
        problems.append(Problem("judgements", "there is no expert", "Give at least one expert's judgements."))
    experts = {}
    for name in judgements:
        if name in leave_out:
            continue
        try:
            experts[name] = ahp(judgements[name])
        except BadInput as error:
            problems += [Problem(f"expert {name!r}, {p.where}", p.what, p.remedy) for p in error.problems]
    problems += _other_things(experts)
    if problems:
        raise BadInput(problems)
    return experts


def _other_things(experts: Mapping[str, Priorities]) -> list[Problem]:
    compared = {name: frozenset(found.weights) for name, found in experts.items()}
    everything = frozenset().union(*compared.values())
    return [
        Problem(
            f"expert {name!r}",
            f"no judgement about {', '.join(sorted(everything - own))}, which others compare",
            "All experts must compare the same things.",
        )
        for name, own in compared.items()
        if own != everything
    ]


def _refuse_contradictions(
    experts: Mapping[str, Priorities], merged: Priorities, merging: str, labels: Mapping[str, Label]
) -> None:
    if merging == "judgements":
        wrong = {} if merged.is_consistent else {"the panel as a whole": merged}
    else:
        wrong = {f"expert {name!r}": found for name, found in experts.items() if not found.is_consistent}
    if wrong:
        raise BadInput([_contradiction(who, found, labels) for who, found in wrong.items()])


def _contradiction(who: str, found: Priorities, labels: Mapping[str, Label]) -> Problem:
    first, second = (labels[name].text("en") for name in found.worst)
    return Problem(
        who,
        f"the judgements contradict each other (consistency ratio {found.consistency_ratio:.2f}, accepted"
        " up to 0.10)",
        f"Talk first about {first} against {second}: judged {found.worst_given:.3g}, while the other"
        f" judgements imply {found.worst_implied:.3g}. To look at the weights all the same, give"
        " accept_inconsistent=True.",
    )
