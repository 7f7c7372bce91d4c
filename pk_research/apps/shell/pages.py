"""The pages of the server: the list of apps, an app, and what stands where nothing is."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import tornado.web
from tornado.iostream import StreamClosedError
from voila.handler import BaseVoilaHandler
from voila.tornado.handler import TornadoVoilaHandler

from pk_research.apps.survey.base import SESSION
from pk_research.apps.survey.visitor import VARIABLE
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
    needs
        Roles of those it is for; empty where it is for everybody.
    is_page
        Whether pages of ours stand at its address, and the notebook is for JupyterLab only.
    """

    name: str
    title: str
    needs: frozenset[str] = frozenset()
    is_page: bool = False

    @property
    def is_preheated(self) -> bool:
        """Whether a kernel may run it before anybody asks: not one that has to know for whom."""
        return not self.needs and not self.is_page


def find_apps(folder: Path) -> tuple[App, ...]:
    """List the app notebooks of a folder by name."""
    return tuple(_read_app(path) for path in sorted(folder.glob("*.ipynb")))


def _read_app(path: Path) -> App:
    metadata = json.loads(path.read_text(encoding="utf-8")).get("metadata", {})
    ours = metadata.get("pk", {})
    needs = frozenset(role.strip() for role in ours.get("needs", "").split(",") if role.strip())
    return App(path.stem, str(metadata.get("title", path.stem)), needs, is_page=bool(ours.get("page")))


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


class KernelsFor:
    """The kernels of a server, each told for which visitor it is started.

    Parameters
    ----------
    kernels
        Voila's manager of kernels.
    session
        The visitor's session token.
    """

    def __init__(self, kernels: Any, session: str) -> None:  # noqa: ANN401 - Voila is not typed
        self._kernels = kernels
        self._session = session

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Leave everything else to Voila's."""
        return getattr(self._kernels, name)

    def start_kernel(self, *, env: dict[str, str], **options: Any) -> Any:  # noqa: ANN401
        """Start a kernel that knows its visitor."""
        return self._kernels.start_kernel(env={**env, VARIABLE: self._session}, **options)


class AppPage(Page, TornadoVoilaHandler):  # type: ignore[misc]
    """An app: its findings at once, then the live widgets."""

    session: str | None = None

    @property
    def kernel_manager(self) -> Any:  # noqa: ANN401
        """The kernels, for this visitor where the app must know them."""
        kernels = super().kernel_manager
        return kernels if self.session is None else KernelsFor(kernels, self.session)

    @tornado.web.authenticated
    async def get(self, name: str) -> None:
        """Send the first page, then what Voila makes of the notebook."""
        app = next((app for app in find_apps(self.folder) if app.name == name), None)
        if app is None:
            raise tornado.web.HTTPError(404)
        if app.needs:
            session = self.get_cookie(SESSION)
            who = partial(self.settings["pk_store"].access.who, session)
            actor = await asyncio.get_running_loop().run_in_executor(None, who)
            if actor is None or actor.kind != "account":
                self.redirect(f"{self.base_url}survey/signin?next={name}")
                return
            if actor.role not in app.needs:
                self.set_status(403)
                self.finish(self.render_template("refused.html", app=app))
                return
            self.session = session
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
