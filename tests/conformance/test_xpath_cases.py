"""Every expression case recorded from ODK Web Forms, Enketo and JavaRosa.

`DIFFERENCES` lists the cases we answer otherwise and why. The test fails for an unlisted case that
differs, and for a listed one that no longer does.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pk_research.survey.markup import read_xml
from pk_research.survey.tree import Attribute, Document, Element, Instruction, Node, Parent, Text
from pk_research.survey.xpath import Expression, World
from pk_research.survey.xpath.values import each, number_of, text_of, truth_of

DIFFERENCES: dict[str, str] = {
    "en-96530b5648": "Enketo refuses a node outside any document; we let it stand for itself",
    "en-1b71aaa195": "area of points off the globe: ODK Web Forms answers 0, Enketo NaN",
    "en-074717debc": "area of what is no place: ODK Web Forms answers 0, Enketo NaN",
    "ja-9cedb633b2": "a path may begin at a parenthesis in ODK Web Forms, not in JavaRosa",
    "ja-293dec4f9d": "exponents are numbers in ODK Web Forms (int('7.9e-12') is 0), not in JavaRosa",
    "ja-b40cb7fa3e": "exponents are numbers in ODK Web Forms (int('7.9e-12') is 0), not in JavaRosa",
    "ja-163e2db8b2": "geofence of an empty point: ODK Web Forms answers false, JavaRosa refuses",
    "ja-9e6ebaa24b": "a date that is none: ODK Web Forms answers Invalid Date, JavaRosa refuses",
    "ja-3cc01a1aa9": "a date that is none: ODK Web Forms answers NaN, JavaRosa refuses",
    "ja-de51df9b91": "a decimal comma is no number in ODK Web Forms; JavaRosa reads it with the locale",
    "ja-dae0f79606": "ODK Web Forms rounds halves away from zero, JavaRosa up",
}

Case = dict[str, Any]


@pytest.fixture(scope="module")
def recorded(shared: Path) -> dict[str, Any]:
    with gzip.open(shared / "conformance" / "xpath_cases.json.gz", "rt") as file:
        return json.load(file)


def test_the_cases_agree_but_for_the_listed_ones(recorded: dict[str, Any]) -> None:
    zones = {name: ZoneInfo(source["timezone"]) for name, source in recorded["sources"].items()}
    differing = {
        case["id"]: f"{case['source']}: {case['expression']!r} gave {found!r}, not {case['expected']!r}"
        for case in recorded["cases"]
        for found in [answer_to(case, zones[case["source"]])]
        if not agrees(case, found)
    }
    unlisted = [text for identifier, text in differing.items() if identifier not in DIFFERENCES]
    assert unlisted == []
    assert set(DIFFERENCES) == set(differing), "a listed case agrees by now: take it off the list"


def test_at_least_99_in_100_agree(recorded: dict[str, Any]) -> None:
    assert len(DIFFERENCES) <= 0.01 * len(recorded["cases"])


def answer_to(case: Case, zone: ZoneInfo) -> object:  # noqa: PLR0911 - one way out per type of answer
    """Evaluate a case; an exception is an answer too."""
    document = read_xml(case["context_xml"], allow_doctype=True) if case["context_xml"] else None
    if document is None and case["source"] != "javarosa":
        document = Document()  # the browsers' cases without a form stand in an empty page
    context = node_at(document, case["context_node"])
    world = World(root=root_for(document, context), zone=zone)
    if document is not None:
        language = re.search(r"in language (\w+)$", case["test"])
        world.itext = lambda name: translated(document, name, language[1] if language else "")
        world.instance = lambda name: named_instance(document, name)
    try:
        value = Expression(case["expression"]).value(context, world)
        match case["type"]:
            case "string" | "date":
                return text_of(value)
            case "number":
                return number_of(value, zone)
            case "boolean":
                return truth_of(value)
            case "nodeset":
                if case["relation"] == "equal" and not isinstance(case["expected"], list):
                    return value
                return [place_of(node) for node in value]
            case "nodeset-count":
                return len(value)
            case _:
                return each(value)
    except Exception as error:  # noqa: BLE001
        return error


def agrees(case: Case, found: object) -> bool:  # noqa: PLR0911 - one way out per relation
    expected, relation = case["expected"], case["relation"]
    if relation == "throws":
        return isinstance(found, Exception)
    if isinstance(found, Exception):
        return False
    if isinstance(expected, dict):
        number = math.nan if expected.get("nan") else math.inf * expected["inf"]
        return isinstance(found, float) and (found == number or (math.isnan(found) and math.isnan(number)))
    if relation == "matches":
        return re.search(expected, str(found)) is not None
    if relation == "rounded":
        return abs(round(found * case["factor"]) / case["factor"] - expected) <= 1 / case["factor"]
    if relation == "close":
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    if relation == "equal-unordered":
        return sorted(found) == sorted(expected)
    return found == expected


def node_at(document: Document | None, place: str | None) -> Node | None:
    """Find a node by its path of child indices: ``/0:root/2:child/@id``."""
    if document is None or place is None:
        return document
    if place == "/#detached":
        return Attribute("detached", "")
    node: Node = document
    for part in place.strip("/").split("/"):
        if part.startswith("@"):
            return next(a for a in node.attributes if a.name == part[1:])
        node = node.children[int(part.partition(":")[0])]
    return node


def root_for(document: Document | None, context: Node | None) -> Node | None:
    """In a whole form, paths begin at the primary instance; in anything else, at the document."""
    if isinstance(context, Element) and context.local == "instance":
        return context
    instances = [
        node
        for node in (context.ancestors() if context is not None else ())
        if isinstance(node, Element) and node.local == "instance" and node.prefix == ""
    ]
    return instances[0] if instances and document.element.name == "h:html" else document


def place_of(node: Node) -> str:
    if node.parent is None:
        return "/#detached" if isinstance(node, Attribute) else "/"
    if isinstance(node, Attribute):
        return f"{place_of(node.parent)}/@{node.name}"
    index = next(i for i, child in enumerate(node.parent.children) if child is node)
    above = place_of(node.parent).rstrip("/")
    return f"{above}/{index}:{kind_name(node)}"


def kind_name(node: Node) -> str:
    if isinstance(node, Element):
        return node.name
    if isinstance(node, Text):
        return "#cdata" if node.is_cdata else "#text"
    if isinstance(node, Instruction):
        return "#pi"
    return "#comment" if type(node).__name__ == "Comment" else "?"


def translated(document: Document, name: str, language: str) -> list[Node]:
    elements = [node for node in document.descendants() if isinstance(node, Element)]
    translations = {e.get("lang"): e for e in elements if e.local == "translation"}
    default = next((e for e in translations.values() if e.get("default") is not None), None)
    chosen = translations.get(language) or default or next(iter(translations.values()))
    texts = [t for t in chosen.elements() if t.get("id") == name]
    return [value for text in texts for value in text.elements()]


def named_instance(document: Document, name: str) -> Parent | None:
    elements = [node for node in document.descendants() if isinstance(node, Element)]
    return next((e for e in elements if e.local == "instance" and e.get("id") == name), None)
