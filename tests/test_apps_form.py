"""The form as a widget: what the browser asks, and what the kernel answers."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pyxform.xls2xform import convert

from pk_research.apps.form import FormWidget
from pk_research.apps.form.script import script, style
from pk_research.apps.form.texts import house_texts
from pk_research.errors import NotFound
from pk_research.store import Store, open_store
from pk_research.store.actors import HOUSE, Actor, Role
from pk_research.survey import Form, parse_form

SURVEY = """
| survey |
| | type    | name   | label       | required |
| | text    | who    | Nama        | yes      |
| | integer | stalls | Jumlah kios |          |
| settings |
| | form_title | form_id | version | name  |
| | Pasar      | pasar   | 1       | pasar |
"""
ENUMERATOR = Actor("account", "e1", Role.ENUMERATOR)


def xform() -> str:
    return convert(xlsform=SURVEY, pretty_print=False).xform


@pytest.fixture(scope="module")
def form() -> Form:
    return parse_form(xform())


@pytest.fixture
def store(tmp_path) -> Store:
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", key=b"k" * 32)
    opened.forms.publish(xform(), by=HOUSE[Role.ADMIN])
    return opened


class Browser:
    """Stands for the script: asks, and reads the answer."""

    def __init__(self, widget: FormWidget, monkeypatch: pytest.MonkeyPatch) -> None:
        self.widget = widget
        self.said: list[tuple[dict, list]] = []
        monkeypatch.setattr(
            widget, "send", lambda content, buffers=None: self.said.append((content, buffers))
        )

    def ask(self, request: str, buffers: list[bytes] | None = None, **body: Any) -> dict:
        self.widget._on_message(self.widget, {"id": 7, "request": request, **body}, buffers or [])
        content, sent = self.said.pop()
        assert content["id"] == 7
        return json.loads(sent[0]) if sent else content

    def type(self, number: int, path: str, value: str) -> dict:
        ops = [{"n": number, "op": "answer", "path": path, "value": value}]
        return self.ask("send", client="tab", ops=ops)["result"]


def test_a_form_is_tried_out_without_a_store(form, monkeypatch):
    sent: list[str] = []
    browser = Browser(FormWidget(form, on_submit=sent.append), monkeypatch)
    assert browser.ask("open")["result"]["form"]["title"] == "Pasar"
    assert not browser.type(1, "/pasar/stalls", "4")["saved"], "it is nowhere but in the kernel"
    assert browser.widget.options == {"is_held": True}
    refused = browser.ask("submit", client="tab", ops=[])["result"]
    assert refused["violations"][0]["path"] == "/pasar/who"
    browser.type(2, "/pasar/who", "Siti")
    assert browser.widget.answers == {"/pasar/who": "Siti", "/pasar/stalls": "4"}
    assert "receipt" in browser.ask("submit", client="tab", ops=[])["result"]
    assert "<who>Siti</who>" in sent[0]


def test_a_killed_kernel_loses_nothing_and_sending_twice_gives_one_submission(store, monkeypatch):
    first = Browser(FormWidget("pasar", store=store, by=ENUMERATOR), monkeypatch)
    resume_code = first.ask("open")["result"]["resume_code"]
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z-]{8,11}", resume_code)
    first.type(1, "/pasar/who", "Siti")

    again = FormWidget("pasar", store=store, by=ENUMERATOR, draft_id=first.widget.draft_id)
    second = Browser(again, monkeypatch)
    assert second.widget.answers == {"/pasar/who": "Siti"}
    second.type(1, "/pasar/who", "Siti")  # sent before, the answer to it lost
    receipt = second.ask("submit", client="tab", ops=[])["result"]["receipt"]
    assert second.widget.receipt == receipt
    assert first.ask("submit", client="tab", ops=[])["result"]["receipt"]["code"] == receipt["code"]
    (kept,) = store.submissions.list("pasar", by=HOUSE[Role.SUPERVISOR])
    assert "<who>Siti</who>" in kept.xml


def test_what_is_not_understood_is_answered_in_a_sentence(form, monkeypatch, caplog):
    browser = Browser(FormWidget(form), monkeypatch)
    assert "not understood" in browser.ask("drop")["error"]["message"]
    assert "no such question" in browser.ask("search", path="/x", query="a")["error"]["message"]
    monkeypatch.setattr(browser.widget._desk, "open", lambda: 1 / 0)
    answer = browser.ask("open")["error"]["message"]
    assert answer == "Terjadi kesalahan di sini. Yang sudah Anda ketik tersimpan di peramban ini."
    assert "ZeroDivisionError" in caplog.text


def test_a_form_by_name_needs_a_store_that_has_it(store):
    with pytest.raises(NotFound, match="needs a store"):
        FormWidget("pasar")
    with pytest.raises(NotFound):
        FormWidget("nothing", store=store, by=ENUMERATOR)


def test_the_script_asks_for_texts_that_are_there_in_both_languages():
    texts = house_texts()
    asked = set(re.findall(r"\bt\(\"(\w+)\"", script()))
    assert asked - set(texts["id"]) == set()
    assert set(texts["id"]) == set(texts["en"])


def test_the_script_is_one_module_and_fetches_nothing_from_elsewhere():
    assert not re.search(r"^import ", script(), re.MULTILINE)
    assert not re.search(r"https?://(?!www\.w3\.org)", script() + style())
    assert not re.search(r"\beval\(|new Function\(", script())
