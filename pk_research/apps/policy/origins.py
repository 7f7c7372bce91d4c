"""Where the figures about policies come from: the survey in the store, and what was asked."""

from __future__ import annotations

from pk_research.apps.policy.aid import N_DRAWS, RULE_NAMES, SEED, STATUS
from pk_research.apps.policy.helps import HELPS
from pk_research.apps.policy.model import AID, SPEND, PolicyModel
from pk_research.apps.policy.spend import KEPT_FOR
from pk_research.apps.provenance import Choice, Origin, origin_html, origin_of
from pk_research.language import Bilingual, Message

NO, YES = Message("no"), Message("yes")


def policy_origin_html(model: PolicyModel, tab: str, figure: Bilingual) -> str:
    """Return where a figure of a tab comes from; nothing where there is no survey.

    Parameters
    ----------
    model
        What was asked.
    tab
        One of `policy.model.TABS`.
    figure
        Which figure.
    """
    material = model.material
    if material is None:
        return ""
    years = Message("{first} to {last}", dict(zip(("first", "last"), map(str, material.years), strict=True)))
    survey = origin_of(material.sources)
    chosen = {AID: _of_aid, SPEND: _of_spending}.get(tab, _of_tried)(model, survey)
    return origin_html(chosen.with_choices([(Message("Years of the survey"), years)], seed=chosen.seed),
                       figure, model.language)  # fmt: skip


def _of_aid(model: PolicyModel, survey: Origin) -> Origin:
    ask = model.ask
    choices: list[Choice] = [
        (Message("Help"), HELPS[ask.help].name),
        (Message("Who gets it"), RULE_NAMES[ask.rule]),
        *([(Message("IDM status"), ask.status)] if ask.rule == STATUS else []),
        (Message("Villages at most"), ask.n_villages),
        (Message("For each seller (IDR)"), ask.seller_idr),
        (Message("Budget (IDR)"), ask.budget_idr),
        (Message("Draws"), N_DRAWS),
    ]
    return survey.with_choices(choices, seed=SEED)


def _of_spending(model: PolicyModel, survey: Origin) -> Origin:
    found = model.spending
    kept: list[Choice] = []
    if found is not None:
        kept = [(KEPT_FOR[found.kept_for], Message("{percent}%", {"percent": 100 * found.kept_share}))]
    return survey.with_choices([
        (Message("Budget (IDR)"), 1e6 * model.spend_million),
        *kept,
        (Message("One standard error taken off each effect"), YES if model.is_careful else NO),
    ])  # fmt: skip


def _of_tried(model: PolicyModel, survey: Origin) -> Origin:
    seeds = {effect.seed for effect in model.tried.effects.values() if effect} if model.tried else set()
    return survey.with_choices([], seed=next((seed for seed in seeds if seed is not None), None))
