"""The pages of the server: the list of apps, an app, and what stands where nothing is."""

from __future__ import annotations

import asyncio
import json
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
from pk_research.apps.survey.base import LANGUAGE, SESSION
from pk_research.apps.survey.visitor import VARIABLE
from pk_research.language import LANGUAGES, Language, Message, translate
from pk_research.store.actors import Actor

YEAR_DAYS = 365
T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class About:
    """What the list of apps says of one.

    Attributes
    ----------
    title
        What people call it.
    purpose
        What it is for, and for whom.
    """

    title: Message
    purpose: Message


ABOUT = {
    "findings": About(
        Message("Which villages are alike?"),
        Message("Types of villages, compared and ranked. For everybody; nobody has to sign in."),
    ),
    "policy": About(
        Message("Which help for villages works, for whom, and what does it cost?"),
        Message("Try help out, spend a budget, and read what was found so far. For everybody."),
    ),
    "products": About(
        Message("What could each village make, with whom, and for whom?"),
        Message("Products, plans, shared plants, buyers and a market to try out. For everybody."),
    ),
    "programme": About(
        Message("Which office does what, for which village, by when?"),
        Message("Agreed actions, what is late, and what was decided on which evidence. For everybody."),
    ),
    "supervise": About(
        Message("Watch over the survey"),
        Message(
            "What has come in, what needs a decision, and files to take away. "
            "For supervisors and researchers, with an account."
        ),
    ),
    "survey": About(
        Message("Fill in a survey"),
        Message(
            "Forms to answer, on a telephone too. For respondents with a link or code, "
            "and for enumerators with an account."
        ),
    ),
}
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

    def render_template(self, name: str, **values: Any) -> str:  # noqa: ANN401 - values of a template
        """Fill a template; texts go through the catalogue."""
        language = values.pop("language", self.language)
        say = partial(translate, language=language)
        return str(super().render_template(name, say=say, language=language, **values))

    async def find_actor(self) -> Actor | None:
        """Return who came in, if anybody did."""
        who = partial(self.settings["pk_store"].access.who, self.get_cookie(SESSION))
        return await in_thread(who)


class StartPage(Page):
    """The list of apps: what each is for, and whether somebody is signed in."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """Show what there is to open."""
        if self.asked_language == self.language:
            self.set_cookie(
                LANGUAGE,
                self.language,
                path=self.base_url,
                expires_days=YEAR_DAYS,
                httponly=True,
                samesite="Lax",
                secure=self.request.protocol == "https",
            )
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
    """The kernels of a server, each told for which visitor it is started, and in which language.

    Parameters
    ----------
    kernels
        Voila's manager of kernels.
    session
        The visitor's session token.
    language
        The visitor's language.
    """

    def __init__(self, kernels: Any, session: str, language: Language) -> None:  # noqa: ANN401 - not typed
        self._kernels = kernels
        self._told = {VARIABLE: session, supervise.LANGUAGE_VARIABLE: language}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Leave everything else to Voila's."""
        return getattr(self._kernels, name)

    def start_kernel(self, *, env: dict[str, str], **options: Any) -> Any:  # noqa: ANN401
        """Start a kernel that knows its visitor."""
        return self._kernels.start_kernel(env={**env, **self._told}, **options)


class AppPage(Page, TornadoVoilaHandler):  # type: ignore[misc]
    """An app: its findings at once, then the live widgets."""

    session: str | None = None

    @property
    def kernel_manager(self) -> Any:  # noqa: ANN401
        """The kernels, for this visitor where the app must know them."""
        kernels = super().kernel_manager
        return kernels if self.session is None else KernelsFor(kernels, self.session, self.language)

    @tornado.web.authenticated
    async def get(self, name: str) -> None:
        """Send the first page, then what Voila makes of the notebook."""
        app = next((app for app in find_apps(self.folder) if app.name == name), None)
        if app is None:
            raise tornado.web.HTTPError(404)
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
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        scripts, first = self.settings["pk_scripts"], await self._first_page(name, actor)
        # what lies in the folder was written before anybody asked, in the language of the house
        language = self.language if app.needs else LANGUAGES[0]
        title = ABOUT[name].title.text(language) if name in ABOUT else app.title
        said = {"app": app, "title": title, "first": first, "scripts": scripts, "language": language}
        self.write(self.render_template("first.html", **said))
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
