"""For whom it worked: an effect for each group of units, and whether the groups really differ."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message
from pk_research.policy.effects.did.parts import refuse
from pk_research.policy.effects.effect import Effect
from pk_research.policy.effects.heterogeneity_parts import (
    LEAST_GROUPS,
    Adjustment,
    Estimate,
    Joint,
    Lot,
    adjusted_for_groups,
    among_sure,
    covariance_of,
    group_problems,
    joint_test,
    pairs_of,
    request_problems,
    tried,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pk_research.policy.design import Plan

__all__ = ["Adjustment", "ByGroup", "Estimate", "Joint", "Lot", "effect_by_group"]


@dataclass(frozen=True, eq=False)
class ByGroup:
    """Effects by group, and how sure it is that they differ.

    Attributes
    ----------
    group
        Column that was split by.
    effects
        Group -> its effect.
    estimates
        One row a group, in their order: ``group``, ``n_treated``, ``n_comparison`` (units),
        ``estimate``, ``standard_error``, ``low``, ``high``, ``p_value``, ``adjusted`` (p-value that counts
        the number of groups); where certainty was given ``n_unsure`` (rows), ``sure_estimate``,
        ``sure_low``, ``sure_high`` (the same without them; missing where too few are left).
    differences
        One row a pair: ``first``, ``second``, ``difference`` (first less second), ``standard_error``,
        ``low``, ``high``, ``p_value``, ``adjusted`` (by Holm, over all pairs).
    joint
        Test of one effect for all.
    names
        Group -> its name for people.
    set_aside
        Groups without an effect: name, reason, and their rows.
    n_unnamed
        Rows without a group, which were set aside.
    is_declared
        True where the plan made before names the groups.
    adjustment, level, options, seed, input_hash, made
        How p-values were adjusted; of the intervals; every choice; of the lots (None without); of the
        rows; True for made data.
    """

    group: str
    effects: Mapping[object, Effect]
    estimates: pd.DataFrame
    differences: pd.DataFrame
    joint: Joint
    names: Mapping[object, Bilingual]
    set_aside: tuple[tuple[Bilingual, Message, int], ...]
    n_unnamed: int
    is_declared: bool
    adjustment: Adjustment
    level: float
    options: Mapping[str, object] = field(default_factory=dict)
    seed: int | None = None
    input_hash: str = ""
    made: bool = False

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a group, for people; groups set aside with their reason."""
        from pk_research.policy.effects.heterogeneity_words import groups_table

        return groups_table(self, language)

    def differences_table(self, language: Language) -> pd.DataFrame:
        """Return one row a pair of groups, for people."""
        from pk_research.policy.effects.heterogeneity_words import pairs_table

        return pairs_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell whether the groups differ, the effect of each, and how far to trust it."""
        from pk_research.policy.effects.heterogeneity_words import account

        return account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw each group's effect with its interval."""
        from pk_research.policy.effects.heterogeneity_words import picture

        return picture(self, language, width_px=width_px)


def effect_by_group(
    frame: pd.DataFrame,
    estimate: Estimate,
    *,
    group: str,
    unit: str | None = None,
    cluster: str | None = None,
    least: int = 10,
    adjustment: Adjustment = "holm",
    lot: Lot | None = None,
    plan: Plan | None = None,
    certainty: str | None = None,
    sure: float = 0.75,
    names: Mapping[object, Bilingual] | None = None,
    n_jobs: int | None = None,
) -> ByGroup:
    """Estimate an effect in each group, and test whether the groups differ.

    Parameters
    ----------
    frame
        Rows of a study, at one time or over several.
    estimate
        Reads rows and estimates: called with the rows of one group at a time, it returns an `Effect` of
        which the first row is taken. Its comparison units are then of the same group.
    group
        Column of the groups, such as the village type; known before the policy, the same in all rows of
        a unit. Rows without one are set aside and counted.
    unit
        Column of the unit where it has several rows; checked to lie in one group.
    cluster
        Column of the clusters of the standard errors. Where clusters lie in several groups, differences
        are judged by leaving out a cluster at a time (jackknife), as groups are then not independent.
    least
        Units with the policy, and units compared with, that a group needs; others are set aside.
    adjustment
        Of p-values for the number of groups: ``"holm"``, ``"benjamini_hochberg"`` (false discoveries),
        or ``"romano_wolf"``, by lots drawn again within groups; for policies drawn by lot.
    lot
        What was drawn; needed by ``"romano_wolf"`` and by it alone.
    plan
        The plan made before. Groups that are none of its subgroups are told as exploratory.
    certainty, sure
        Column with the probability of each unit to belong to its group (such as ``probability`` of village
        types): effects are estimated a second time among those known to reach ``sure``. Units are not
        weighted by it: a weight would mix the effect of two types without saying how.
    names
        Group -> its name for people; the group itself by default.
    n_jobs
        Workers; None for what `pk_research.compute.computing` says. They change no byte of the result.

    Raises
    ------
    BadInput
        All at once: columns that are not there, a unit in two groups, a certainty that is no share, a
        choice that is none; when fewer than two groups have an effect.

    Notes
    -----
    The joint test is Wald's; with independent groups it is Cochran's Q. Cluster jackknife: Cameron and
    Miller (2015), *Journal of Human Resources* 50, section VI. Romano-Wolf: `policy.inference`.

    Examples
    --------
    >>> from pk_research.policy.effects.cross_section import difference_in_means, read_study
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"type": [1, 2] * 40, "has": [0, 0, 1, 1] * 20})
    >>> frame["income"] = frame["has"] * frame["type"] + 0.1 * rng.normal(size=80)
    >>> def estimate(rows):
    ...     return difference_in_means(read_study(rows, outcome="income", treated="has"),
    ...                                outcome=Message("Income"))
    >>> effect_by_group(frame, estimate, group="type").estimates["estimate"].round(1).tolist()
    [1.0, 2.0]
    """
    refuse(
        request_problems(
            frame,
            group=group,
            unit=unit,
            cluster=cluster,
            least=least,
            adjustment=adjustment,
            lot=lot,
            certainty=certainty,
            sure=sure,
        )
    )
    named = frame[frame[group].notna()]
    refuse(group_problems(named, group, unit))
    parts = dict(iter(named.groupby(group, sort=True)))
    found = Parallel(n_jobs=n_jobs)(delayed(tried)(estimate, rows, least) for rows in parts.values())
    outcomes = dict(zip(parts, found, strict=True))
    effects = {value: effect for value, effect in outcomes.items() if isinstance(effect, Effect)}
    called = {value: (names or {}).get(value, _Named(value)) for value in parts}
    set_aside = tuple(
        (called[value], reason, len(parts[value]))
        for value, reason in outcomes.items()
        if isinstance(reason, Message)
    )
    if len(effects) < LEAST_GROUPS:
        raise BadInput(
            Problem(
                f"column '{group}'",
                f"{len(effects)} of {len(parts)} groups have an effect",
                "Two at least are needed to compare: join small groups, or give a smaller 'least'."
                + "".join(f" {name.text('en')}: {reason.text('en')}." for name, reason, _ in set_aside),
            )
        )
    first = next(iter(effects.values()))
    used = {value: parts[value] for value in effects}
    covariance, df_rest = covariance_of(estimate, used, effects, cluster, n_jobs)
    figures = np.array([effect.estimate for effect in effects.values()])
    estimates = pd.DataFrame(
        {
            "group": list(effects),
            "n_treated": [effect.sample.n_treated for effect in effects.values()],
            "n_comparison": [effect.sample.n_comparison for effect in effects.values()],
        }
    ).join(pd.concat([effect.estimates.iloc[:1, 2:] for effect in effects.values()], ignore_index=True))
    estimates["adjusted"] = adjusted_for_groups(
        used, estimates["p_value"].to_numpy(), adjustment, lot, cluster
    )
    if certainty is not None:
        estimates = estimates.join(
            among_sure(estimate, used, certainty=certainty, sure=sure, least=least, n_jobs=n_jobs)
        )
    digest = hashlib.sha256("".join(effect.input_hash for effect in effects.values()).encode())
    return ByGroup(
        group,
        effects,
        estimates,
        pairs_of(list(effects), figures, covariance, df_rest, first.level),
        joint_test(figures, covariance, df_rest),
        called,
        set_aside,
        len(frame) - len(named),
        plan is not None and group in plan.subgroups,
        adjustment,
        first.level,
        {
            "unit": unit,
            "cluster": cluster,
            "least": least,
            "certainty": certainty,
            "sure": sure,
            "plan": None if plan is None else plan.hash,
            "n_draws": None if lot is None else lot.n_draws,
            "covariance": "independent" if np.isinf(df_rest) else "cluster_jackknife",
        },
        None if lot is None else lot.seed,
        digest.hexdigest(),
        any(effect.made for effect in effects.values()),
    )


@dataclass(frozen=True)
class _Named:
    """A group called as the column calls it."""

    value: object

    def text(self, language: Language) -> str:  # noqa: ARG002 - the same in both
        value = self.value
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)
