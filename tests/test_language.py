"""Two languages: every text a stakeholder sees has its Indonesian, and numbers follow the language."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from pk_research.language import CATALOGUES, Message, catalogue, number_text, translate

CALLS = {"Message", "translate", "say", "_"}


def texts_in(source: Path) -> set[str]:
    """Every literal that a module hands to a translating call."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in CALLS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and node.args[0].value
    }


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_text_has_its_indonesian(project):
    wanted = set().union(*(texts_in(path) for path in (project / "pk_research").rglob("*.py")))
    wanted.discard("{n} villages")
    assert sorted(wanted - set(catalogue("id"))) == []


def test_translations_keep_the_named_places():
    wrong = {text for text, translation in catalogue("id").items() if places(text) != places(translation)}
    assert wrong == set()


def test_catalogues_agree_with_each_other():
    seen: dict[str, str] = {}
    for path in sorted((CATALOGUES / "id").glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file):
                if entry.id:
                    assert not entry.fuzzy, (path.name, entry.id)
                    assert entry.string, (path.name, entry.id)
                    assert seen.setdefault(entry.id, entry.string) == entry.string, (path.name, entry.id)


def test_a_percent_sign_follows_its_number_without_a_space():
    both = {text for pair in catalogue("id").items() for text in pair}
    assert [text for text in sorted(both) if re.search(r"[\d}]\s%", text)] == []


@pytest.mark.parametrize(
    ("value", "decimals", "indonesian", "english"),
    [
        (1187, None, "1.187", "1,187"),
        (0.5, None, "0,5", "0.5"),
        (2 / 3, 2, "0,67", "0.67"),
        (-1234.5, 1, "−1.234,5", "−1,234.5"),
        (float("nan"), None, "–", "–"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, decimals, indonesian, english):
    assert number_text(value, "id", decimals) == indonesian
    assert number_text(value, "en", decimals) == english


def test_a_message_translates_the_messages_inside_it():
    message = Message("{what}: {n}", {"what": Message("Villages"), "n": 1200})
    assert message.text("en") == "Villages: 1,200"
    assert message.text("id") == "Desa/kelurahan: 1.200"


def test_unknown_text_stays_english():
    assert translate("no such text", "id") == "no such text"
