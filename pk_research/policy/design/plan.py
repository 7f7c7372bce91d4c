"""A study declared before its data are seen: what will be judged, how, and by whom it is compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pk_research.language import Language

Unit = Literal["village", "household"]
Direction = Literal["increase", "decrease", "either"]
UNITS = ("village", "household")
DIRECTIONS = ("increase", "decrease", "either")
COMPARISONS = (
    "randomised_control",
    "never_treated",
    "not_yet_treated",
    "not_treated",
    "matched",
    "synthetic",
    "below_threshold",
)
METHODS = (
    "none",
    "bonferroni",
    "holm",
    "hochberg",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "romano_wolf",
    "westfall_young",
    "index",
)
FORM = 1


@dataclass(frozen=True, slots=True)
class BothLanguages:
    """A text of the plan in both languages.

    Attributes
    ----------
    id, en
        Bahasa Indonesia, English.
    """

    id: str
    en: str

    def text(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.id if language == "id" else self.en


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is judged.

    Attributes
    ----------
    variable
        Column that says who has it.
    timing
        Column that says since when; None where all start at once.
    """

    variable: str
    timing: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What it should change.

    Attributes
    ----------
    name
        Column.
    label
        For people.
    direction
        Expected: ``"increase"``, ``"decrease"`` or ``"either"``.
    family
        Outcomes that are tested together; a name among the plan's families.
    minimum_effect
        Smallest effect worth having, in the outcome's own unit; above zero. None where none is named.
    """

    name: str
    label: BothLanguages
    direction: Direction
    family: str
    minimum_effect: float | None


@dataclass(frozen=True, slots=True)
class Family:
    """Outcomes tested together, and how the number of tests is allowed for.

    Attributes
    ----------
    name
        As the outcomes give it.
    method
        One of ``none``, ``bonferroni``, ``holm``, ``hochberg``, ``benjamini_hochberg``,
        ``benjamini_yekutieli``, ``romano_wolf``, ``westfall_young``, ``index``.
    """

    name: str
    method: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Rows that will be left out.

    Attributes
    ----------
    rule
        As it is run, such as ``area_km2 < 0.1``.
    reason
        For people.
    """

    rule: str
    reason: BothLanguages


@dataclass(frozen=True, slots=True)
class Plan:
    """A declared study; `read_plan` reads one, `plan_template` writes an example.

    Attributes
    ----------
    title, question
        For people.
    unit
        ``"village"`` or ``"household"``.
    treatment
        What is judged.
    outcomes
        What it should change, the most important first.
    comparison
        Whom the treated are compared to: ``randomised_control``, ``never_treated``,
        ``not_yet_treated``, ``not_treated``, ``matched``, ``synthetic`` or ``below_threshold``.
    estimator
        Name of the method, as it will be run.
    covariates, subgroups
        Columns.
    clusters
        Column of the clusters of the standard errors; None for none.
    families
        How the number of tests is allowed for.
    alpha
        Two-sided; above 0, at most 0.5.
    exclusions
        Rows that will be left out.

    Examples
    --------
    >>> from pk_research.policy.design import plan_template, read_plan
    >>> plan = read_plan(plan_template())
    >>> plan.unit, plan.alpha, len(plan.hash)
    ('village', 0.05, 64)
    """

    title: BothLanguages
    question: BothLanguages
    unit: Unit
    treatment: Treatment
    outcomes: tuple[Outcome, ...]
    comparison: str
    estimator: str
    covariates: tuple[str, ...]
    subgroups: tuple[str, ...]
    clusters: str | None
    families: tuple[Family, ...]
    alpha: float
    exclusions: tuple[Exclusion, ...]

    @property
    def content(self) -> dict[str, Any]:
        """The plan as JSON holds it."""
        content: dict[str, Any] = json.loads(json.dumps({"form": FORM} | asdict(self)))
        return content

    @property
    def hash(self) -> str:
        """SHA-256 of the content: the same whatever the order of keys, the comments or the spacing."""
        return content_hash(self.content)

    def outcome(self, name: str) -> Outcome | None:
        """Return the outcome of this name; None where the plan has none."""
        return next((outcome for outcome in self.outcomes if outcome.name == name), None)


def content_hash(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a JSON object in one fixed spelling.

    Examples
    --------
    >>> content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(fixed_spelling(content)).hexdigest()


def fixed_spelling(content: dict[str, Any]) -> bytes:
    """Write a JSON object in one fixed spelling: keys in order, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
