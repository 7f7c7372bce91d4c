"""The pages of the server: the list of apps, an app, and what stands where nothing is."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import tornado.web
from tornado.iostream import StreamClosedError
from voila.handler import BaseVoilaHandler
from voila.tornado.handler import TornadoVoilaHandler

from pk_research.apps import supervise
from pk_research.apps.about import ABOUT
from pk_research.apps.first import part_in
from pk_research.apps.shell.buckets import household
from pk_research.apps.shell.places import Place, Waiting
from pk_research.apps.survey.base import LANGUAGE, SESSION
from pk_research.apps.survey.plain import refuse
from pk_research.apps.survey.visitor import VARIABLE
from pk_research.language import LANGUAGES, Language, translate
from pk_research.store.actors import Actor

YEAR_DAYS = 365
TICKET = "pk_ticket"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class App:
    """An app that can be opened.

    Attributes
    ----------
    name
        Name of its notebook without suffix, and its address.
    title
        Of its notebook.
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

    def called(self, language: Language) -> str:
        """Return what people call it in a language; the title of its notebook where it is none of ours."""
        about = ABOUT.get(self.name)
        return self.title if about is None else about.title.text(language)


FIRST_PAGES = {"supervise": supervise.first_page}
"""First pages that are made for whoever looks; those that are the same for all lie in a folder."""


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

    @property
    def language(self) -> Language:
        """The language the visitor chose; Indonesian by default."""
        named = (self.asked_language, self.get_cookie(LANGUAGE))
        return next((language for name in named for language in LANGUAGES if language == name), LANGUAGES[0])

    @property
    def asked_language(self) -> str:
        """What the address says of the language; a page of errors, too, may be asked so."""
        asked: bytes = self.request.query_arguments.get("language", [b""])[-1]
        return asked.decode(errors="replace")

    def keep_language(self) -> None:
        """Go on in the language that the address asks for, in every app."""
        if self.asked_language == self.language:
            self.set_cookie(
                LANGUAGE,
                self.language,
                path=self.base_url,
                expires_days=YEAR_DAYS,
                httponly=True,
                samesite="Lax",
            )

    def set_cookie(self, name: str, value: str | bytes, **options: Any) -> None:  # noqa: ANN401 - tornado's
        """Set a cookie, one that keeps to the encrypted way where the page came by it."""
        super().set_cookie(name, value, **{**options, "secure": self.request.protocol == "https"})

    def render_template(self, name: str, **values: Any) -> str:  # noqa: ANN401 - values of a template
        """Fill a template; texts go through the catalogue."""
        language = values.pop("language", self.language)
        say = partial(translate, language=language)
        return str(super().render_template(name, say=say, language=language, **values))

    def write_error(self, status_code: int, **options: Any) -> None:  # noqa: ANN401 - tornado's
        """Say what went wrong; of what no browser asks no more than elsewhere, and whoever it is."""
        if 400 <= status_code < 500 and status_code != 404:
            refuse(self, status_code)
        else:
            self.set_header("Cache-Control", "no-store")
            super().write_error(status_code, **options)

    async def find_actor(self) -> Actor | None:
        """Return who came in, if anybody did."""
        who = partial(self.settings["pk_store"].access.who, self.get_cookie(SESSION))
        return await in_thread(who)


class StartPage(Page):
    """The list of apps: what each is for, and whether somebody is signed in."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """Show what there is to open."""
        self.keep_language()
        actor = await self.find_actor()
        is_signed_in = actor is not None and actor.kind == "account"
        apps = [(app, ABOUT.get(app.name)) for app in find_apps(self.folder)]
        self.set_header("Cache-Control", "no-store")
        self.finish(self.render_template("start.html", apps=apps, is_signed_in=is_signed_in))


class NotFoundPage(Page):
    """What is shown where there is nothing."""

    async def prepare(self) -> None:
        """Answer every method alike."""
        await super().prepare()
        raise tornado.web.HTTPError(404)


async def in_thread(work: Callable[[], T]) -> T:
    """Do something that takes a while, without keeping other visitors waiting."""
    return await asyncio.get_running_loop().run_in_executor(None, work)


class KernelsFor:
    """The kernels of a server for one visitor, who has one of its places.

    Parameters
    ----------
    kernels
        The manager of kernels.
    place
        The visitor's place.
    told
        Variables by which the kernel knows its visitor and their language.
    """

    def __init__(self, kernels: Any, place: Place, told: dict[str, str]) -> None:  # noqa: ANN401 - not typed
        self._kernels, self._place, self._told = kernels, place, told

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Leave everything else to the manager."""
        return getattr(self._kernels, name)

    async def start_kernel(self, *, env: dict[str, str], **options: Any) -> str:  # noqa: ANN401
        """Start a kernel that knows its visitor."""
        return self._seat(await self._kernels.start_kernel(env={**env, **self._told}, **options))

    async def get_rendered_notebook(self, **options: Any) -> tuple[Any, list[str], str]:  # noqa: ANN401
        """Hand over a preheated kernel."""
        task, cache, kernel_id = await self._kernels.get_rendered_notebook(**options)
        return task, cache, self._seat(kernel_id)

    def _seat(self, kernel_id: str) -> str:
        self._place.kernel_id = kernel_id
        if session := self._told.get(VARIABLE):
            self._kernels.keep_for(kernel_id, session)
        self._kernels.hand_over(kernel_id)
        return kernel_id


class AppPage(Page, TornadoVoilaHandler):  # type: ignore[misc]
    """An app: its findings at once, then the live widgets; where all places are taken, a page to wait on."""

    cost = 10
    session: str | None = None
    place: Place

    @property
    def kernel_manager(self) -> Any:  # noqa: ANN401
        """The kernels, for this visitor, whom they know where the app must."""
        known = {VARIABLE: self.session, supervise.LANGUAGE_VARIABLE: self.language}
        told = {} if self.session is None else {name: value for name, value in known.items() if value}
        return KernelsFor(super().kernel_manager, self.place, told)

    @tornado.web.authenticated
    async def get(self, name: str) -> None:
        """Send the first page, then what Voila makes of the notebook."""
        app = next((app for app in find_apps(self.folder) if app.name == name), None)
        if app is None:
            raise tornado.web.HTTPError(404)
        self.keep_language()
        actor: Actor | None = None
        if app.needs:
            actor = await self.find_actor()
            if actor is None or actor.kind != "account":
                self.redirect(f"{self.base_url}survey/signin?next={name}")
                return
            if actor.role not in app.needs:
                self.set_status(403)
                self.finish(self.render_template("refused.html", app=app))
                return
            self.session = self.get_cookie(SESSION)
        place = await self._take_place()
        if isinstance(place, Waiting):
            self._let_wait(app, place)
            return
        with place:
            self.place = place
            await self._show(name, app, actor)

    async def _take_place(self) -> Place | Waiting:
        """Return a place, after a look for one that nobody needs any more."""
        places, kernels = self.settings["pk_places"], super().kernel_manager
        address = household(self.application.limits.origin(self.request))
        if places.n_free == 0:
            await kernels.make_room(places.crowd(address))
        taken: Place | Waiting = places.take(self.get_cookie(TICKET), address)
        return taken

    def _let_wait(self, app: App, waiting: Waiting) -> None:
        """Say how many wait, and let the browser ask again for just this address."""
        self.set_status(503)
        refresh_s = math.ceil(self.settings["pk_places"].line.refresh_s)
        self.set_header("Retry-After", str(refresh_s))
        self.set_header("Cache-Control", "no-store")
        self.set_cookie(TICKET, waiting.ticket, path=self.base_url, httponly=True, samesite="Lax")
        self.finish(
            self.render_template(
                "waiting.html",
                languages=sorted(LANGUAGES, key=lambda language: language != self.language),
                in_language=translate,
                title_in=app.called,
                survey_in=ABOUT["survey"].title.text,
                waiting=waiting,
                refresh_s=refresh_s,
            )
        )

    async def _show(self, name: str, app: App, actor: Actor | None) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        scripts, first = self.settings["pk_scripts"], await self._first_page(name, actor)
        language = self.language
        said = {
            "app": app,
            "title": app.called(language),
            "first": part_in(first, language),
            "scripts": scripts,
            "language": language,
        }
        self.write(self.render_template("first.html", **said))
        await self.flush()
        await super().kernel_manager.vet(f"{name}.ipynb")
        try:
            async for html in self.get_generator(path=f"{name}.ipynb"):
                self._require_kernel()
                self.write(html)
                await self.flush()
        except StreamClosedError:
            self.log.info("a visitor of %s left before the page was complete", name)
            if self.place.kernel_id is not None:
                await super().kernel_manager.put_away(self.place.kernel_id)
        except Exception:
            self.log.exception("the live part of %s failed", name)
            self.write(self.render_template("broken.html"))

    def _require_kernel(self) -> None:
        """Stop where the kernel died: Voila would say for ever that it is not ready yet."""
        if self.place.kernel_id is not None and self.place.kernel_id not in super().kernel_manager:
            raise RuntimeError("the kernel died before its page was complete")

    async def _first_page(self, name: str, actor: Actor | None) -> str | None:
        if name in FIRST_PAGES and actor is not None:
            make = partial(FIRST_PAGES[name], self.settings["pk_store"], self.language, by=actor)
            try:
                return await in_thread(make)
            except Exception:
                self.log.exception("the first page of %s could not be made", name)
                return None
        path = self.settings["pk_first_pages"] / f"{name}.html"
        return path.read_text(encoding="utf-8") if path.is_file() else None


class FirstAnswer(Page):
    """What was made before for a choice on a first page."""

    @tornado.web.authenticated
    async def get(self, name: str) -> None:
        """Send a piece of a page."""
        path = self.settings["pk_first_pages"] / f"{name}.html"
        if not path.is_file():
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(part_in(path.read_text(encoding="utf-8"), self.language) or "")
