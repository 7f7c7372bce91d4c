"""What an effect with spillovers says of itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pk_research.language import Bilingual, Message
from pk_research.policy.effects.did.parts import NO_ANTICIPATION
from pk_research.policy.effects.effect import Row
from pk_research.policy.effects.spillovers.rings import Among, Measure, Ring, ring_name
from pk_research.policy.effects.words import figure

if TYPE_CHECKING:
    from pk_research.policy.effects.effect import Effect

NO_REACH = Message("Neighbours are not reached (joint test of the rings)")
OUTSIDE = Message("Villages outside all rings")
ALIKE_OUTSIDE = Message(
    "without the policy, villages with it, in the rings and outside would have fared alike, the covariates"
    " being the same"
)
PARALLEL_OUTSIDE = Message(
    "without the policy, villages with it, in the rings and outside would have changed alike (parallel"
    " trends)"
)
NO_FURTHER = Message("the policy reaches nobody beyond the outermost ring")
DEALT = Message("the policy was dealt by a lot as it was drawn again here")

RINGS = {
    ("everyone", "nearest"): Message("villages with the nearest other one that has the policy {ring} away"),
    ("everyone", "any"): Message("villages of which a neighbour has the policy {ring} away"),
    ("everyone", "number"): Message("villages, per neighbour with the policy {ring} away"),
    ("everyone", "share"): Message("villages of which all neighbours {ring} away have the policy"),
    ("without_policy", "nearest"): Message(
        "villages without the policy, the nearest that has it {ring} away"
    ),
    ("without_policy", "any"): Message("villages without the policy, a neighbour has it {ring} away"),
    ("without_policy", "number"): Message("villages without the policy, per neighbour with it {ring} away"),
    ("without_policy", "share"): Message("villages without the policy, all neighbours {ring} away having it"),
}


def method(*, is_panel: bool) -> Message:
    """Return the name of the method."""
    if is_panel:
        return Message(
            "Regression on the policy and that of neighbours by ring, with a constant for each village and"
            " period; errors related over space"
        )
    return Message("Regression on the policy and that of neighbours by ring; errors related over space")


def outside(km: float) -> Message:
    """Return whom villages are compared with."""
    return Message(
        "villages without the policy and more than {km} km from any village that has it", {"km": km}
    )


def assumptions(*, is_panel: bool, is_recentred: bool) -> tuple[Bilingual, ...]:
    """Return what must hold."""
    told = (PARALLEL_OUTSIDE, NO_ANTICIPATION) if is_panel else (ALIKE_OUTSIDE,)
    return (*((DEALT,) if is_recentred else told), NO_FURTHER)


def direct(among: Among) -> Message:
    """Return the name of the first row."""
    if among == "everyone":
        return Message("villages with the policy, from their own (direct)")
    return Message("villages with the policy, from their own and that of neighbours")


def ring(measure: Measure, among: Among, ends: Ring) -> Message:
    """Return the name of a ring's row."""
    return Message(RINGS[among, measure].template, {"ring": ring_name(ends)})


def reach(effect: Effect, p_value: float, naive: Row, sure: float) -> Message:
    """Tell whether neighbours are reached."""
    values = _compared(effect, naive) | {"p": round(p_value, 3)}
    if not math.isfinite(p_value):
        return Message(
            "Whether neighbours are reached cannot be tested with these standard errors: choose a shorter"
            " cut-off. Without the rings the effect would have been {naive} ({low} to {high}) where it is"
            " {direct} with them.",
            values,
        )
    if p_value < sure:
        return Message(
            "The policy reaches neighbours (p ≤ {p}): that villages are untouched by the policy of others, as"
            " other comparisons assume, does not hold. This one does not assume it within the rings.",
            {"p": math.ceil(1000 * p_value) / 1000},
        )
    return Message(
        "That the policy reaches neighbours was not found (p = {p}); this does not show that it does not. A"
        " comparison blind to them would have said {naive} ({low} to {high}) where this one says {direct}.",
        values,
    )


def blind(effect: Effect, naive: Row) -> Message:
    """Warn of what a comparison blind to neighbours would have said."""
    return Message(
        "A comparison blind to the rings would have said {naive} ({low} to {high}) where this one says"
        " {direct}: do not use a figure of this policy that leaves neighbours out.",
        _compared(effect, naive),
    )


def _compared(effect: Effect, naive: Row) -> dict[str, object]:
    return {
        "naive": figure(naive.estimate, effect),
        "low": figure(naive.low, effect),
        "high": figure(naive.high, effect),
        "direct": figure(effect.estimate, effect),
    }


def told_total(effect: Effect, total: Row, n_outside: int) -> Message:
    """Tell the whole programme, and on how many villages without it all rests."""
    return Message(
        "Of all villages together, for each one with the policy the whole programme made {total} ({low} to"
        " {high}), neighbours included. All of it is compared with {n} villages outside the rings.",
        {
            "total": figure(total.estimate, effect),
            "low": figure(total.low, effect),
            "high": figure(total.high, effect),
            "n": n_outside,
        },
    )


def few_treated(n: int) -> Message:
    """Warn of few villages with the policy."""
    return Message(
        "Only {n} villages have the policy: the intervals are then often too narrow. Look at randomisation"
        " inference before relying on them.",
        {"n": n},
    )


def few_outside(n: int) -> Message:
    """Warn of few villages to compare with."""
    return Message(
        "Only {n} villages lie outside all rings, and every figure is compared with them: take smaller"
        " rings, or add villages further away.",
        {"n": n},
    )


def staggered_starts() -> Message:
    """Warn of starts that differ."""
    return Message(
        "The policy began at different times: this regression also compares late starters with early ones,"
        " which misleads if the effect changes with time. Look at `staggered`, too, which knows no"
        " neighbours."
    )


def unplaced(n: int) -> Message:
    """Warn of villages that could be nobody's neighbour."""
    return Message(
        "{n} villages have no place on the map and count as nobody's neighbour: where they have the policy,"
        " some villages taken as untouched are not.",
        {"n": n},
    )


def not_definite() -> Message:
    """Warn of a covariance that is none."""
    return Message(
        "The covariance is not positive definite with this kernel and cut-off, so some combination of the"
        " figures has no standard error: choose the Bartlett kernel or a shorter cut-off."
    )
