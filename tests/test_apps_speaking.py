"""An app speaks the language in which its page was asked for, whatever else a browser sends."""

from __future__ import annotations

import pytest

from pk_research import sample
from pk_research.apps import findings, policy, products
from pk_research.apps.first import part_in
from pk_research.apps.widgets import LanguageChoice
from pk_research.store import Store, open_store

TITLES = {
    findings: ("Desa mana yang serupa?", "Which villages are alike?"),
    policy: ("Bantuan mana yang berhasil", "Which help for villages works"),
    products: ("Apa produk desa", "What could each village make"),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite'}")
    store.keep(sample.load_sample())
    return store


@pytest.mark.parametrize(
    "app", [products, *(pytest.param(app, marks=pytest.mark.slow) for app in (findings, policy))]
)
def test_a_first_page_lies_ready_in_both_languages_and_one_is_sent(store, app):
    page = app.first_pages(store)["findings"] if app is findings else app.first_page(store)
    indonesian, english = TITLES[app]
    assert indonesian in part_in(page, "id")
    assert english not in part_in(page, "id")
    assert english in part_in(page, "en")
    assert indonesian not in part_in(page, "en")
    # The other language can be chosen there, before anything lives.
    assert "<a href='?language=en' lang='en'>English</a>" in part_in(page, "id")


@pytest.mark.parametrize(
    ("content", "spoken"),
    [({"asked": "en"}, "en"), ({"asked": "fr"}, "id"), ({"asked": ["en"]}, "id"), ({}, "id")],
)
def test_a_language_that_is_not_spoken_changes_nothing(content, spoken):
    choice = LanguageChoice()
    choice._hear(choice, content, [])
    assert choice.value == spoken
