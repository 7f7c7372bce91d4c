"""A plan's YAML, read strictly: everything that is wrong is said at once, each with its line."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml

from pk_research.errors import BadInput, Problem
from pk_research.policy.design.plan import (
    COMPARISONS,
    DIRECTIONS,
    METHODS,
    UNITS,
    BothLanguages,
    Exclusion,
    Family,
    Outcome,
    Plan,
    Treatment,
)

KEYS = (
    "title",
    "question",
    "unit",
    "treatment",
    "outcomes",
    "comparison",
    "estimator",
    "covariates",
    "subgroups",
    "clusters",
    "families",
    "alpha",
    "exclusions",
)
LARGEST_BYTES = 1_000_000
Part = TypeVar("Part")

TEMPLATE = """\
# A study declared before its data are seen. Replace every value; comments are not part of the plan.
title:
  id: Dampak BUM Desa terhadap pendapatan desa
  en: Effect of village-owned enterprises on village revenue
question:
  id: Apakah BUM Desa menaikkan pendapatan asli desa?
  en: Do village-owned enterprises raise a village's own revenue?
unit: village                     # village or household
treatment:
  variable: has_bumdes            # column that says who has it
  timing: bumdes_since            # column that says since when; null where all start at once
outcomes:                         # the most important first
  - name: own_revenue_idr_year
    label: {id: Pendapatan asli desa (Rp per tahun), en: Own revenue (Rp a year)}
    direction: increase           # increase, decrease or either
    family: economy               # outcomes tested together
    minimum_effect: 10000000      # smallest effect worth having, in the outcome's unit; or null
  - name: jobs
    label: {id: Lapangan kerja, en: Jobs}
    direction: increase
    family: economy
    minimum_effect: null
comparison: not_yet_treated       # randomised_control, never_treated, not_yet_treated, not_treated,
                                  # matched, synthetic or below_threshold
estimator: callaway_santanna
covariates: [population, distance_km]
subgroups: [is_remote]
clusters: village_code            # column; null for none
families:                         # none, bonferroni, holm, hochberg, benjamini_hochberg,
  economy: holm                   # benjamini_yekutieli, romano_wolf, westfall_young or index
alpha: 0.05
exclusions:
  - rule: population < 100
    reason: {id: Data terlalu sedikit, en: Too few people}
"""


def plan_template() -> str:
    """Return an example of a plan, with a comment at each key; `read_plan` reads it.

    Examples
    --------
    >>> plan_template().splitlines()[7]
    'unit: village                     # village or household'
    """
    return TEMPLATE


def read_plan(source: Path | str) -> Plan:
    """Read a declared study from YAML.

    Parameters
    ----------
    source
        File, or the text itself (anything of more than one line is a text).

    Raises
    ------
    BadInput
        With everything that is wrong: YAML that cannot be read, keys that are unknown, missing or given
        twice, values of another type, names given twice, families that are not declared.

    Examples
    --------
    >>> read_plan(plan_template()).outcomes[0].name
    'own_revenue_idr_year'
    """
    name, text = _text_of(source)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = name if mark is None else f"{name}, line {mark.line + 1}"
        what = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise BadInput(Problem(where, f"it is not YAML ({what})", "Start from `plan_template()`.")) from error
    reading = _Reading(name)
    plan = _plan(reading, node)
    if reading.problems:
        raise BadInput(reading.problems)
    return plan


def _text_of(source: Path | str) -> tuple[str, str]:
    if isinstance(source, str) and "\n" in source:
        return "plan", source
    path = Path(source)
    try:
        content = path.read_bytes()
        if len(content) > LARGEST_BYTES:
            raise BadInput(
                Problem(str(path), f"it has {len(content)} bytes", "A plan has fewer than a million.")
            )
        return str(path), content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(Problem(str(path), "it is not UTF-8", "Save it as UTF-8.")) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(Problem(str(path), f"it cannot be read ({reason})", "Check the path.")) from error


@dataclass
class _Reading:
    """Values out of YAML nodes; what is wrong is gathered in `problems`."""

    name: str
    problems: list[Problem] = field(default_factory=list)

    def complain(self, node: yaml.Node | None, place: str, what: str, remedy: str) -> None:
        line = "" if node is None else f", line {node.start_mark.line + 1}"
        self.problems.append(Problem(f"{self.name}{line}, `{place}`", what, remedy))

    def pairs(self, node: yaml.Node | None, place: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            if node is not None or place == "plan":
                self.complain(node, place, f"it is {_kind(node)}", "Give keys with values.")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            written = str(key.value)
            if written in found:
                self.complain(key, f"{place}.{written}", "it is given twice", "Keep one of the two.")
            found[written] = value
        return found

    def mapping(self, node: yaml.Node | None, place: str, keys: Iterable[str]) -> dict[str, yaml.Node]:
        known, found = tuple(keys), self.pairs(node, place)
        if not isinstance(node, yaml.MappingNode):
            return {}
        for key in found:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(known)}."
                self.complain(found[key], place, f"'{key}' is not known here", hint)
        for key in known:
            if key not in found:
                self.complain(node, place, f"'{key}' is missing", "Add it; `plan_template()` shows how.")
        return found

    def items(
        self, node: yaml.Node | None, place: str, each: Callable[[_Reading, yaml.Node, str], Part]
    ) -> tuple[Part, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.complain(node, place, f"it is {_kind(node)}", "Give a list; `[]` for none.")
            return ()
        return tuple(each(self, item, f"{place}[{n}]") for n, item in enumerate(node.value, start=1))

    def scalar(self, node: yaml.Node, place: str) -> Any:  # noqa: ANN401 - whatever the plan holds
        kind = node.tag.rpartition(":")[2]
        if isinstance(node, yaml.ScalarNode) and kind in {"str", "int", "float", "bool", "null"}:
            try:
                return yaml.SafeLoader("").construct_object(node)
            except ValueError:
                self.complain(node, place, f"'{node.value}' is not of its type", "Drop the tag.")
        return node

    def text(self, node: yaml.Node | None, place: str) -> str:
        if node is None:
            return ""
        value = self.scalar(node, place)
        if isinstance(value, str) and value.strip():
            return unicodedata.normalize("NFC", value.strip())
        self.complain(
            node, place, f"{_kind(node)} where a text belongs", "Write a text, in quotes if need be."
        )
        return ""

    def optional_text(self, node: yaml.Node | None, place: str) -> str | None:
        is_null = node is None or node.tag == "tag:yaml.org,2002:null"
        return None if is_null else self.text(node, place)

    def choice(self, node: yaml.Node | None, place: str, known: tuple[str, ...]) -> str:
        value = self.text(node, place)
        if value and value not in known:
            near = get_close_matches(value, known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(known)}."
            self.complain(node, place, f"'{value}' is not known here", hint)
        return value

    def number(self, node: yaml.Node | None, place: str, most: float = math.inf) -> float:
        if node is None:
            return math.nan
        value = self.scalar(node, place)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 < value <= most and math.isfinite(value):
            return float(value)
        bound = "above 0" if math.isinf(most) else f"above 0, at most {most:g}"
        self.complain(node, place, f"{_kind(node)} where a number {bound} belongs", "Write it like 0.05.")
        return math.nan

    def optional_number(self, node: yaml.Node | None, place: str) -> float | None:
        is_null = node is None or node.tag == "tag:yaml.org,2002:null"
        return None if is_null else self.number(node, place)


def _kind(node: yaml.Node | None) -> str:
    if node is None:
        return "empty"
    if isinstance(node, yaml.ScalarNode):
        kind = node.tag.rpartition(":")[2]
        return "empty" if kind == "null" else f"'{node.value}' ({kind})"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a set of keys"


def _plan(reading: _Reading, node: yaml.Node | None) -> Plan:
    found = reading.mapping(node, "plan", KEYS)
    get = found.get
    plan = Plan(
        title=_both(reading, get("title"), "title"),
        question=_both(reading, get("question"), "question"),
        unit=reading.choice(get("unit"), "unit", UNITS),  # type: ignore[arg-type]
        treatment=_treatment(reading, get("treatment")),
        outcomes=reading.items(get("outcomes"), "outcomes", _outcome),
        comparison=reading.choice(get("comparison"), "comparison", COMPARISONS),
        estimator=reading.text(get("estimator"), "estimator"),
        covariates=reading.items(get("covariates"), "covariates", _Reading.text),
        subgroups=reading.items(get("subgroups"), "subgroups", _Reading.text),
        clusters=reading.optional_text(get("clusters"), "clusters"),
        families=_families(reading, get("families")),
        alpha=reading.number(get("alpha"), "alpha", 0.5),
        exclusions=reading.items(get("exclusions"), "exclusions", _exclusion),
    )
    _check_names(reading, plan, found)
    return plan


def _both(reading: _Reading, node: yaml.Node | None, place: str) -> BothLanguages:
    found = reading.mapping(node, place, ("id", "en"))
    return BothLanguages(
        reading.text(found.get("id"), f"{place}.id"), reading.text(found.get("en"), f"{place}.en")
    )


def _treatment(reading: _Reading, node: yaml.Node | None) -> Treatment:
    found = reading.mapping(node, "treatment", ("variable", "timing"))
    return Treatment(
        reading.text(found.get("variable"), "treatment.variable"),
        reading.optional_text(found.get("timing"), "treatment.timing"),
    )


def _outcome(reading: _Reading, node: yaml.Node, place: str) -> Outcome:
    keys = ("name", "label", "direction", "family", "minimum_effect")
    get = reading.mapping(node, place, keys).get
    return Outcome(
        reading.text(get("name"), f"{place}.name"),
        _both(reading, get("label"), f"{place}.label"),
        reading.choice(get("direction"), f"{place}.direction", DIRECTIONS),  # type: ignore[arg-type]
        reading.text(get("family"), f"{place}.family"),
        reading.optional_number(get("minimum_effect"), f"{place}.minimum_effect"),
    )


def _families(reading: _Reading, node: yaml.Node | None) -> tuple[Family, ...]:
    # In order of their names: the order in which they are written means nothing.
    return tuple(
        Family(name, reading.choice(method, f"families.{name}", METHODS))
        for name, method in sorted(reading.pairs(node, "families").items())
    )


def _exclusion(reading: _Reading, node: yaml.Node, place: str) -> Exclusion:
    get = reading.mapping(node, place, ("rule", "reason")).get
    return Exclusion(
        reading.text(get("rule"), f"{place}.rule"), _both(reading, get("reason"), f"{place}.reason")
    )


def _check_names(reading: _Reading, plan: Plan, found: dict[str, yaml.Node]) -> None:
    if "outcomes" in found and isinstance(found["outcomes"], yaml.SequenceNode) and not plan.outcomes:
        reading.complain(found["outcomes"], "outcomes", "there is none", "Name at least one outcome.")
    names = {
        "outcomes": [outcome.name for outcome in plan.outcomes],
        "covariates": plan.covariates,
        "subgroups": plan.subgroups,
        "exclusions": [exclusion.rule for exclusion in plan.exclusions],
    }
    for place, given in names.items():
        for name in sorted({name for name in given if name and list(given).count(name) > 1}):
            reading.complain(found[place], place, f"'{name}' stands there twice", "Name each once.")
    for name in sorted(set(plan.covariates) & {*names["outcomes"], plan.treatment.variable} - {""}):
        reading.complain(
            found["covariates"], "covariates", f"'{name}' is an outcome or the treatment", "Leave it out."
        )
    declared = {family.name for family in plan.families}
    used = {outcome.family for outcome in plan.outcomes if outcome.family}
    for name in sorted(used - declared):
        near = get_close_matches(name, sorted(declared), n=1)
        hint = f"Did you mean '{near[0]}'?" if near else "Add it to `families` with its method."
        reading.complain(found.get("families"), "families", f"'{name}' is used and not declared", hint)
    for name in sorted(declared - used):
        reading.complain(
            found.get("families"), "families", f"no outcome belongs to '{name}'", "Leave it out or use it."
        )
