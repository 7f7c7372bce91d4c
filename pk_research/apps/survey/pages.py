"""The pages of the survey app: forms to fill, signing in, the form itself, the receipt, sheets to print."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from re import fullmatch
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote

import tornado.web
from markupsafe import Markup

from pk_research.apps.form.texts import house_texts
from pk_research.apps.survey.base import KEYRING, SESSION, SurveyHandler
from pk_research.apps.survey.keyring import Key, owner_of
from pk_research.apps.survey.markup import form_markup
from pk_research.apps.survey.trouble import told
from pk_research.errors import NotFound, PkError
from pk_research.language import Message, translate
from pk_research.store.access import NotEntered, Rate, TooMany
from pk_research.store.actors import Actor, NotAllowed, Right
from pk_research.store.codes import normalised
from pk_research.store.forms import FormVersion
from pk_research.store.receiving import ZONE

KIB = 1024
APP = r"[a-z][a-z0-9-]*"
"""What the address of an app of this server looks like."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft of this visitor's, to go on with.

    Attributes
    ----------
    title
        Of its form.
    address
        Where it is filled.
    saved
        When it was saved last, as the language writes it.
    """

    title: str
    address: str
    saved: str


class SurveyPage(SurveyHandler):
    """A page, Indonesian first."""

    largest_body: ClassVar[int] = 64 * KIB
    # Without it, browsers would hide from us whose page a form was sent from.
    referrer: ClassVar[str] = "same-origin"

    def show(self, template: str, *, actor: Actor | None = None, **values: Any) -> None:  # noqa: ANN401
        """Answer with a page."""
        language = self.language
        if self.get_query_argument("language", None) == language:
            self.keep_language(language)
        say = partial(translate, language=language)
        shared = {"say": say, "language": language, "base": self.house.base, "asset": self.house.asset}
        page = self.house.templates.get_template(template)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page.render(**shared, actor=actor, **values))

    def tell(self, message: str, error: BaseException | None) -> None:
        """Answer with a page that says what went wrong."""
        status = told(error)[0]
        self.show("message.html", message=message, is_ours=status >= 500)

    def field(self, name: str) -> str:
        """Return what was written into a field of a form."""
        try:
            fields = parse_qs(bytes(self.body).decode(), max_num_fields=20)
        except ValueError:
            raise tornado.web.HTTPError(400) from None
        value = fields.get(name, [""])[0]
        if "\0" in value:
            raise tornado.web.HTTPError(400)
        return value

    def go_to(self, place: str) -> None:
        """Send the visitor to another page of this server."""
        self.redirect(f"{self.house.base}{place}", status=303)

    def day(self, moment: datetime) -> str:
        """Return a moment as the language writes it."""
        from babel.dates import format_datetime

        pattern = "d MMMM y HH.mm" if self.language == "id" else "d MMMM y HH:mm"
        local = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(ZONE)
        return f"{format_datetime(local, pattern, locale=self.language)} WIB"


class Start(SurveyPage):
    """What a visitor may fill, and how to come in."""

    async def get(self) -> None:
        """Show it."""
        await self.show_start()

    async def show_start(self, *, trouble: str = "") -> None:
        """Show the page, with what did not work."""
        actor = await self.find_actor()
        forms, waiting = await self.house.desk.do(partial(self._look_up, actor))
        self.show("start.html", actor=actor, forms=forms, waiting=waiting, trouble=trouble, next="")

    def _look_up(self, actor: Actor | None) -> tuple[list[FormVersion], list[Waiting]]:
        if actor is None:
            return [], []
        forms = [form for form in self.store.forms.list() if actor.may(Right.FILL, form_id=form.form_id)]
        owned = [key for key in self.keyring.keys if key.owner == owner_of(actor)]
        return forms, [entry for key in owned if (entry := self._waiting(key, actor)) is not None]

    def _waiting(self, key: Key, actor: Actor) -> Waiting | None:
        try:
            draft = self.store.drafts.find(key.draft_id, by=self._held_by(key.draft_id, actor))
            title = self.store.forms.find(draft.form_id, draft.version).title
        except PkError:
            return None
        if draft.is_finished:
            return None
        return Waiting(title, f"{self.house.base}survey/fill/{key.draft_id}", self.day(draft.saved_at))


class Begin(SurveyPage):
    """A new draft."""

    async def post(self) -> None:
        """Open it and go there."""
        actor = await self.require_actor()
        key = await self.begin(self.field("form"), actor)
        self.go_to(f"survey/fill/{key.draft_id}")


class Resume(Start):
    """A draft found again by its code."""

    async def post(self) -> None:
        """Give this device the key and go there."""
        access = self.store.access
        try:
            access.limiter.spend(Rate.RESUME_BY_ORIGIN, access.keyed("origin", self.origin))
            actor = await self.find_actor()
            key = await self.house.desk.do(partial(self._find, self.field("code"), actor))
        except (NotFound, NotAllowed, NotEntered, TooMany) as error:
            self.set_status(told(error)[0])
            message = _NO_CODE if isinstance(error, NotFound | NotAllowed) else told(error)[1]
            await self.show_start(trouble=message.text(self.language))
            return
        self.keep_keyring(self.keyring.with_key(key))
        self.go_to(f"survey/fill/{key.draft_id}")

    def _find(self, code: str, actor: Actor | None) -> Key:
        draft, opener = self.house.desk.fillings.opener(code)
        code = normalised(code)
        if actor is not None and actor.may(Right.FILL, form_id=draft.form_id):
            self.store.drafts.resume(code, by=actor)
            return Key(draft.draft_id, code, owner_of(actor))
        if opener.kind != "invitation":
            raise NotEntered(_SIGN_IN_FIRST)
        self.store.access.require_standing(opener.identifier)
        return Key(draft.draft_id, code, owner_of(opener), guest=opener)


class Invitation(SurveyPage):
    """An invitation link: it becomes a cookie, and leaves the address bar."""

    referrer: ClassVar[str] = "no-referrer"

    async def get(self, token: str) -> None:
        """Let the visitor in."""
        work = partial(self.store.access.enter, token, origin=self.origin)
        session = await self.house.desk.do(work)
        self.keep_cookie(SESSION, session.token)
        self.go_to("survey")


class SignIn(SurveyPage):
    """Coming in with name and password."""

    async def get(self) -> None:
        """Ask for them."""
        self.ask(self.get_query_argument("next", ""))

    async def post(self) -> None:
        """Let the visitor in, or say that it did not work."""
        name, password, place = (self.field(field) for field in ("name", "password", "next"))
        try:
            work = partial(self.store.access.sign_in, name, password, origin=self.origin)
            session = await self.house.desk.do(work)
        except (NotEntered, TooMany) as error:
            self.set_status(told(error)[0])
            self.ask(place, trouble=told(error)[1].text(self.language))
            return
        self.keep_cookie(SESSION, session.token)
        self.go_to(place if fullmatch(APP, place) else "survey")

    def ask(self, place: str, *, trouble: str = "") -> None:
        """Show the fields."""
        self.show("signin.html", next=place if fullmatch(APP, place) else "", trouble=trouble)


class SignOut(SurveyPage):
    """Leaving: this device forgets everything."""

    async def post(self) -> None:
        """End the session."""
        await self.house.desk.do(partial(self.store.access.sign_out, self.session))
        for name in (SESSION, KEYRING):
            self.clear_cookie(name, path=self.house.base)
        self.go_to("survey")


class Fill(SurveyPage):
    """A form being filled."""

    referrer: ClassVar[str] = "no-referrer"

    async def get(self, draft_id: str) -> None:
        """Send the form whole; one that was sent already has a receipt."""
        actor, fillings = await self.holder(draft_id), self.house.desk.fillings
        draft = await self.house.desk.do(partial(self.store.drafts.find, draft_id, by=actor))
        if draft.is_finished:
            receipt = await self.house.desk.do(partial(fillings.receipt, draft_id, by=actor))
            self.go_to(f"survey/receipt/{receipt.code}")
            return
        screen = await self.house.desk.do_with(draft_id, partial(self._screen, draft_id, actor))
        key = self.keyring.find(draft_id)
        code = key.code if key is not None else ""
        media = f"{self.house.base}survey/api/media?draft={quote(draft_id)}&name="
        data = {
            "screen": {**screen, "resume_code": shown(code)},
            "texts": house_texts(), "language": self.language, "media": media,
        }  # fmt: skip
        self.show(
            "fill.html",
            actor=actor,
            title=screen["form"]["title"],
            draft_id=draft_id,
            base_address=f"{self.scheme}://{self.request.host}{self.house.base}survey",
            code=shown(code),
            markup=form_markup(screen, self.language),
            data=embedded(data),
        )

    def _screen(self, draft_id: str, actor: Actor) -> dict[str, Any]:
        fillings = self.house.desk.fillings
        fillings.speak(draft_id, by=actor, language=self.language)
        return fillings.screen(draft_id, by=actor)


class NothingHere(SurveyPage):
    """Where there is nothing."""

    async def prepare(self) -> None:
        """Answer every method alike."""
        raise tornado.web.HTTPError(404)


def embedded(data: dict[str, Any]) -> Markup:
    r"""Return data as JSON that can stand inside a script element.

    Examples
    --------
    >>> print(embedded({"label": "</script>"}))
    {"label":"\u003c/script>"}
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - nothing in it can end the element


def shown(code: str) -> str:
    """Return a resume code in two halves, easier to copy.

    Examples
    --------
    >>> shown("7K3M9QXR")
    '7K3M-9QXR'
    """
    return f"{code[:4]}-{code[4:]}" if code else ""


_NO_CODE = Message("No filling has this code. Check what you typed.")
_SIGN_IN_FIRST = Message(
    "This was begun by somebody with an account. Sign in first, then enter the code again."
)
