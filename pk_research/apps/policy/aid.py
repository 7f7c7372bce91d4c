"""Would it work: what help would cost and bring by a rule of who gets it, and how that compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.apps.policy.helps import HELPS, Help
from pk_research.apps.policy.material import INDEX, MARKET, SALES, SELLERS, SOLD, Material
from pk_research.apps.policy.trouble import NOBODY
from pk_research.apps.trouble import CannotShow
from pk_research.errors import BadInput
from pk_research.language import Message

if TYPE_CHECKING:
    from pk_research.policy.costs.uncertain import Uncertain
    from pk_research.policy.scenarios import Scenario, ScenarioComparison, Target

ALL, LOWEST, HIGHEST, STATUS, KECAMATAN, LOTTERY = RULES = (
    "all", "lowest", "highest", "status", "kecamatan", "lottery",
)  # fmt: skip
RULE_NAMES = {
    LOWEST: Message("The villages with the lowest economic index"),
    HIGHEST: Message("The villages with the highest economic index"),
    STATUS: Message("Villages of one status only"),
    KECAMATAN: Message("As many in each kecamatan"),
    LOTTERY: Message("By lot"),
    ALL: Message("All villages that lack it"),
}
N_DRAWS, SEED = 2_000, 3216
YEARS, RATE = 3, 0.06
DOSE = 0.75
COULD = "sellers_that_could_be_helped"
RUPIAH = Message("IDR")


@dataclass(frozen=True)
class Ask:
    """What a visitor asks for.

    Attributes
    ----------
    help
        Key of the help.
    rule
        One of `RULES`.
    n_villages
        How many villages at most; for ``"kecamatan"`` so many in each.
    status
        For ``"status"``: which.
    seller_idr
        Given for each seller, IDR.
    budget_idr
        Cap, IDR.
    """

    help: str
    rule: str
    n_villages: int
    status: str
    seller_idr: float
    budget_idr: float


def scenario_of(material: Material, ask: Ask) -> Scenario:
    """Draw what would come of what is asked, in all villages whose sales are known: prices touch all.

    Raises
    ------
    CannotShow
        When nobody would get anything, or the effect is not known.
    """
    from pk_research.policy.costs import uncertain
    from pk_research.policy.scenarios import Outcome, Prices, Study, declare_policy, impact, simulate

    chosen = HELPS[ask.help]
    lacking = material.without(chosen)
    if lacking.empty:
        raise CannotShow(NOBODY)
    villages = material.sellers
    helped = villages[SELLERS].where(villages["village_code"].isin(lacking["village_code"]), 0.0)
    villages = villages.assign(**{COULD: helped})
    is_assumed = chosen.assumed is not None
    effect = impact(
        _assumed(chosen, ask.seller_idr) if is_assumed else material.effect_of(ask.help),
        scale="log_percent",
        years=YEARS,
        lasting=uncertain(0.8, low=0.6, high=1.0, shape="triangular", level=1),
        studied_amount_idr=None if is_assumed else chosen.seller_idr,
        dose=uncertain(DOSE, low=0.5, high=1.0, shape="triangular", level=1),
        study=None if is_assumed else Study(_place(material), frozenset(material.survey["village_code"])),
    )
    try:
        policy = declare_policy(
            _name(ask),
            amount_idr=ask.seller_idr,
            fixed_idr=chosen.village_idr,
            units=COULD,
            target=_target(ask, len(lacking)),
            impact=effect,
            take_up=uncertain(0.6, low=0.4, high=0.8, shape="triangular", level=1),
            budget_idr=ask.budget_idr,
            prices=Prices(uncertain(-2.0, low=-3.0, high=-1.2, shape="triangular", level=1), MARKET, 0.3),
        )
        margin = uncertain(0.25, low=0.15, high=0.35, shape="triangular", level=1)
        return simulate(
            villages,
            policy,
            Outcome(SALES, SOLD, RUPIAH, periods_per_year=12, worth_idr=margin),
            n_draws=N_DRAWS,
            seed=SEED,
            rate=RATE,
            name="village",
            kecamatan="kecamatan",
            village_type="idm_status",
            inputs=material.inputs,
            made=material.made,
        )
    except BadInput as reason:
        raise CannotShow(NOBODY) from reason


def comparison_of(first: Scenario, second: Scenario) -> ScenarioComparison | None:
    """Put two scenarios side by side; None where they are about other villages."""
    from pk_research.policy.scenarios import compare_scenarios

    try:
        return compare_scenarios([first, second])
    except BadInput:
        return None


def served(found: Scenario, kecamatan: str = "") -> pd.DataFrame:
    """Return the villages that may be served, the likeliest first; of one kecamatan where one is named."""
    rows = found.villages[found.villages["probability"] > 0]
    if kecamatan:
        rows = rows[rows["kecamatan"] == kecamatan]
    return rows.sort_values(["probability", "gain"], ascending=False)


def _assumed(asked: Help, seller_idr: float) -> Uncertain:
    """Return an assumed effect at another amount for each seller."""
    from pk_research.policy.costs import uncertain

    low, mean, high = (
        end * (seller_idr / asked.seller_idr) ** DOSE for end in asked.assumed or (0.0, 0.0, 0.0)
    )
    return uncertain(mean, low=low, high=high, shape="triangular", level=1)


def _name(ask: Ask) -> Message:
    return Message("{help}: {rule}", {"help": HELPS[ask.help].name, "rule": RULE_NAMES[ask.rule]})


def _place(material: Material) -> Message:
    first, last = material.years
    return Message("the same villages, {first} to {last}", {"first": str(first), "last": str(last)})


def _target(ask: Ask, n_known: int) -> Target:
    from pk_research.policy.scenarios import target

    n = min(ask.n_villages, n_known)
    if ask.rule in (LOWEST, HIGHEST):
        return target("lowest" if ask.rule == LOWEST else "highest", indicator=INDEX, n=n)
    if ask.rule == STATUS:
        return target("types", column="idm_status", values=(ask.status,))
    if ask.rule == KECAMATAN:
        return target("quota", column="kecamatan", indicator=INDEX, quotas=ask.n_villages)
    if ask.rule == LOTTERY:
        return target("lottery", n=n)
    return target("all")
