"""What each app is called is said in one place, and everywhere the same."""

from __future__ import annotations

import pytest

from pk_research.apps.about import ABOUT
from pk_research.apps.programme.evidence import APPS
from pk_research.apps.shell.pages import find_apps


@pytest.mark.parametrize("name", ABOUT)
def test_the_title_of_an_app_is_written_in_one_place(project, name):
    files = [path for path in (project / "pk_research").rglob("*") if path.suffix in {".py", ".html", ".j2"}]
    title = ABOUT[name].title.template
    assert [path.name for path in files if title in path.read_text(encoding="utf-8")] == ["about.py"]


def test_each_app_is_listed_and_its_notebook_has_the_same_title(project):
    apps = find_apps(project / "notebooks" / "apps")
    assert {app.name: app.title for app in apps} == {
        name: about.title.text("id") for name, about in ABOUT.items()
    }
    assert [app.called("en") for app in apps] == [ABOUT[app.name].title.template for app in apps]


def test_every_app_that_can_be_evidence_has_a_title():
    assert set(APPS) <= set(ABOUT)
