"""Apps for some only: who they are asked for is known in their kernel, and nobody else gets in."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from awaiting import awaited
from nbformat.v4 import new_code_cell, new_notebook
from survey_server import SurveyHouse, Visitor, survey_house
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from pk_research.apps.survey.notebook import SurveyView
from pk_research.apps.survey.visitor import current_actor
from pk_research.language import catalogue
from pk_research.store import open_store
from pk_research.store.actors import HOUSE, Role

WHO = """
from pk_research.apps.survey.visitor import current_actor
from pk_research.settings import read_settings
from pk_research.store import open_store

actor = current_actor(open_store(read_settings().database_url))
None if actor is None else f"the role is {actor.role}"
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server with one app for supervisors, and one for everybody."""
    project = tmp_path_factory.mktemp("project")
    folder = project / "notebooks" / "apps"
    folder.mkdir(parents=True)
    for name, ours in {"watch": {"needs": "supervisor, admin"}, "open": {}}.items():
        kernel = {"name": "python3", "display_name": "", "language": "python"}
        metadata = {"title": name, "kernelspec": kernel, "pk": ours}
        notebook = new_notebook(cells=[new_code_cell(WHO)], metadata=metadata)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    with survey_house(project / "home", project=project) as house:
        yield house


def test_a_supervisor_signs_in_and_the_kernel_knows_it(house: SurveyHouse):
    ratna = Visitor(house)
    asked = ratna.ask("/watch")
    assert asked.address.endswith("/survey/signin?next=watch")
    assert 'name="next" value="watch"' in asked.text
    page = ratna.send("/survey/signin", name="ratna", password="empat kata acak lagi", next="watch")
    assert page.address.endswith("/watch")
    assert "the role is supervisor" in page.text


def test_the_kernel_of_a_supervisor_has_no_line_to_any_other_browser(house: SurveyHouse):
    ratna, rini = Visitor(house), Visitor(house)
    ratna.sign_in("ratna")
    rini.sign_in("ratna")  # the same account elsewhere is another session
    kernel = re.search(r'kernelId":\s*"([0-9a-f-]{36})', ratna.ask("/watch").text)[1]

    async def status(*cookies: str) -> int:
        address = f"{house.address.replace('http', 'ws')}/api/kernels/{kernel}/channels"
        try:
            line = await websocket_connect(HTTPRequest(address, headers={"Cookie": "; ".join(cookies)}))
        except HTTPClientError as refused:
            return refused.code
        line.close()
        return 101

    mine, another = ([f"{one.name}={one.value}" for one in visitor.jar] for visitor in (ratna, rini))
    of_others = ([], another, ["pk_session="], ["pk_session=x"])
    assert [awaited(status(*cookies)) for cookies in of_others] == [404] * 4
    assert awaited(status(*mine)) == 101


def test_whose_role_it_is_not_for_is_told_so_and_may_sign_in_as_somebody_else(house: SurveyHouse):
    siti = Visitor(house)
    siti.sign_in("siti")
    page = siti.ask("/watch")
    assert page.status == 403
    assert "Akun Anda tidak dapat membuka aplikasi ini" in page.text
    assert 'href="/survey/signin?next=watch"' in page.text


def test_in_an_app_for_everybody_the_kernel_knows_nobody(house: SurveyHouse):
    ratna = Visitor(house)
    ratna.sign_in("ratna")
    page = ratna.ask("/open")
    assert page.status == 200
    assert "the role is" not in page.text


def test_in_jupyterlab_it_is_the_supervisor_of_the_house():
    store = open_store("sqlite://", key=b"k" * 32)
    assert current_actor(store, environ={}) == HOUSE[Role.SUPERVISOR]
    assert current_actor(store, environ={"PK_VISITOR": "forged"}) is None
    assert current_actor(store, environ={"PK_VISITOR": ""}) is None


def test_in_a_notebook_a_form_is_chosen_and_filled(house: SurveyHouse):
    view = SurveyView(house.store, by=HOUSE[Role.SUPERVISOR])
    choice, button = view.root.children[0].children
    choice.label = "Usaha rumah tangga"
    button.click()
    [form] = view.place.children
    assert form.answers == {}


def test_in_a_notebook_nobody_may_fill_nothing(house: SurveyHouse):
    view = SurveyView(house.store, by=None)
    assert "Saat ini tidak ada formulir" in view.root.children[0].value


def test_every_text_of_the_pages_has_its_indonesian(project: Path):
    folder = project / "pk_research" / "apps" / "survey" / "templates"
    pages = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.html"))
    texts = {
        text for pair in re.findall(r"""say\((?:"([^"]+)"|'([^']+)')\)""", pages) for text in pair if text
    }
    assert len(texts) > 20
    assert sorted(texts - set(catalogue("id"))) == []
