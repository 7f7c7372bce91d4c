"""The pages of the server: the list of apps, an app, and what stands where nothing is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import tornado.web
from tornado.iostream import StreamClosedError
from voila.handler import BaseVoilaHandler
from voila.tornado.handler import TornadoVoilaHandler

from pk_research.language import Language, translate

LANGUAGE: Language = "id"


@dataclass(frozen=True, slots=True)
class App:
    """An app that can be opened.

    Attributes
    ----------
    name
        Name of its notebook without suffix, and its address.
    title
        What people call it.
    """

    name: str
    title: str


def find_apps(folder: Path) -> tuple[App, ...]:
    """List the app notebooks of a folder by name."""
    return tuple(_read_app(path) for path in sorted(folder.glob("*.ipynb")))


def _read_app(path: Path) -> App:
    metadata = json.loads(path.read_text(encoding="utf-8")).get("metadata", {})
    return App(path.stem, str(metadata.get("title", path.stem)))


class Page(BaseVoilaHandler):  # type: ignore[misc]
    """A page that speaks the visitor's language."""

    @property
    def folder(self) -> Path:
        """The folder of the app notebooks."""
        return Path(self.contents_manager.root_dir)

    def render_template(self, name: str, **values: Any) -> str:  # noqa: ANN401 - values of a template
        """Fill a template; texts go through the catalogue."""
        say = partial(translate, language=LANGUAGE)
        return str(super().render_template(name, say=say, language=LANGUAGE, **values))


class StartPage(Page):
    """The list of apps."""

    @tornado.web.authenticated
    def get(self) -> None:
        """Show what there is to open."""
        self.finish(self.render_template("start.html", apps=find_apps(self.folder)))


class NotFoundPage(Page):
    """What is shown where there is nothing."""

    async def prepare(self) -> None:
        """Answer every method alike."""
        await super().prepare()
        raise tornado.web.HTTPError(404)


class AppPage(Page, TornadoVoilaHandler):  # type: ignore[misc]
    """An app: its findings at once, then the live widgets."""

    @tornado.web.authenticated
    async def get(self, name: str) -> None:
        """Send the first page, then what Voila makes of the notebook."""
        app = next((app for app in find_apps(self.folder) if app.name == name), None)
        if app is None:
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        scripts, first = self.settings["pk_scripts"], self._first_page(name)
        self.write(self.render_template("first.html", app=app, first=first, scripts=scripts))
        await self.flush()
        try:
            async for html in self.get_generator(path=f"{name}.ipynb"):
                self.write(html)
                await self.flush()
        except StreamClosedError:
            self.log.info("a visitor of %s left before the page was complete", name)
        except Exception:
            self.log.exception("the live part of %s failed", name)
            self.write(self.render_template("broken.html"))

    def _first_page(self, name: str) -> str | None:
        path = self.settings["pk_first_pages"] / f"{name}.html"
        return path.read_text(encoding="utf-8") if path.is_file() else None
