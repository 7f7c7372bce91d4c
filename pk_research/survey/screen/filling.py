"""One filling on some screen: operations in, patches out; retrying is harmless."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pk_research.errors import NotFound, PkError, Problem
from pk_research.language import Language, Message
from pk_research.survey.definition import Form
from pk_research.survey.instance import Origin
from pk_research.survey.screen.drawing import Drawing, Drawn
from pk_research.survey.screen.lists import LongList, offered
from pk_research.survey.screen.pages import plan_pages
from pk_research.survey.screen.typed import plain
from pk_research.survey.session import Session
from pk_research.survey.state import State
from pk_research.survey.surroundings import Change, Surroundings
from pk_research.survey.tree import Element

MAX_OPERATIONS = 2_000
MAX_CHARACTERS = 100_000
MAX_CLIENTS = 100
NOT_UNDERSTOOD = Message("This was not understood and is left out.")
TOO_LONG = Message("The answer is longer than {n} characters and was not kept.", {"n": MAX_CHARACTERS})


class Filling:
    """One filling of a form on some screen.

    Use `begin` or `restore`.

    Examples
    --------
    >>> from pk_research.survey import Surroundings, parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance><bind nodeset="/data/kk" type="int"/>
    ...   </model></h:head><h:body><input ref="/data/kk"/></h:body></h:html>''')
    >>> filling = Filling.begin(form, surroundings=Surroundings())
    >>> patch = filling.apply("phone", [{"n": 1, "op": "answer", "path": "/data/kk", "value": "150"}])
    >>> patch["nodes"]["/data/kk"]["value"], patch["applied"]
    ('150', {'phone': 1})
    """

    def __init__(self, session: Session, *, applied: Mapping[str, int], page: str) -> None:
        self.session = session
        self.page = page
        self._applied = dict(applied)
        self._plans = plan_pages(session.form.controls, session.form.root.path)
        self._drawing = Drawing(session, house_language(session.speaker.language))

    @classmethod
    def begin(cls, form: Form, *, surroundings: Surroundings, language: str | None = None) -> Filling:
        """Begin a filling.

        Parameters
        ----------
        form
            The form.
        surroundings
            The clock, the dice, the user.
        language
            A language of the form, or ``id`` or ``en``; the form's own default where it has none.
        """
        session = form.start(surroundings)
        wanted = next((name for name in form.languages if language and _is_named(name, language)), None)
        if wanted is not None:
            session.set_language(wanted)
        return cls(session, applied={}, page="")

    @classmethod
    def restore(
        cls,
        form: Form,
        snapshot: str,
        state: Mapping[str, Any],
        surroundings: Surroundings,
        *,
        origin: Origin = "restored",
    ) -> Filling:
        """Go on with a filling where `snapshot` and `state` left it; see `Session` for ``origin``.

        Raises
        ------
        BadInput
            When the snapshot is not a filling of this form.
        """
        session = form.start(surroundings, instance=snapshot, origin=origin)
        if state.get("language") in form.languages:
            session.set_language(str(state["language"]))
        return cls(session, applied=state.get("applied", {}), page=str(state.get("page", "")))

    def snapshot(self) -> str:
        """Return the answers as XML, those to questions that do not apply now included."""
        return self.session.snapshot()

    def state(self) -> dict[str, Any]:
        """Return what else is needed to go on: language, page, and how far each client has come."""
        return {
            "language": self.session.speaker.language,
            "page": self.page,
            "applied": dict(self._applied),
        }

    # --- drawing

    def screen(self) -> Drawn:
        """Return everything there is to draw."""
        form = self.session.form
        tree = self._drawing.tree(self._plans)
        return {
            "form": {
                "id": form.identifier,
                "version": form.version,
                "title": form.title,
                "languages": list(form.languages),
                "language": self.session.speaker.language,
                "doubts": list(form.doubts),
            },
            "applied": dict(self._applied),
            "page": self.page,
            "pages": [page["path"] for page in tree["children"]],
            "tree": tree,
            "progress": self.progress(),
        }

    def progress(self) -> dict[str, int]:
        """Return how many of the questions that can be answered now are answered, as the form allows."""
        asked = [state for state in self._states() if state.is_relevant and not state.is_readonly]
        answered = [state for state in asked if state.text != "" and state.is_constrained_well]
        return {"answered": len(answered), "asked": len(asked)}

    def _states(self) -> list[State]:
        return [
            element.state
            for element in self.session.root.descendants()
            if isinstance(element, Element)
            and element.state is not None
            and element.state.definition.is_leaf
            and element.state.definition.control is not None
        ]

    # --- what was typed

    def apply(self, client: str, operations: Sequence[Any]) -> Drawn:
        """Apply what was typed on one client, in order, and return what is to be drawn anew.

        Parameters
        ----------
        client
            Names the device or the tab.
        operations
            Each with its number ``n`` and what it does: ``answer`` (path, value), ``add`` and
            ``remove`` (path), ``language`` and ``page`` (value). Those that were applied before
            are passed over, so that sending them again is harmless.

        Returns
        -------
        dict
            ``applied``, ``nodes`` by path, ``tree`` and ``pages`` where more than single questions
            changed, ``progress``, and ``errors`` for operations that could not be carried out;
            the others are.
        """
        errors: list[dict[str, Any]] = []
        paths: dict[str, None] = {}
        has_structure = False
        fresh = self._fresh(client, operations, errors)
        for number, operation in fresh:
            try:
                change, redraws = self._carry_out(operation)
            except PkError as error:
                problem = error.problems[0]
                errors.append({"n": number, "message": f"{problem.what}. {problem.remedy}"})
                paths[str(operation.get("path", ""))] = None
            else:
                paths |= dict.fromkeys(change.paths)
                has_structure = has_structure or change.structure or redraws
            self._applied[client] = number
        return self._patch(paths, errors, is_whole=has_structure)

    def _fresh(
        self, client: str, operations: Sequence[Any], errors: list[dict[str, Any]]
    ) -> list[tuple[int, Mapping[str, Any]]]:
        """Return the operations not applied before, by number; what makes no sense is told."""
        is_known = isinstance(client, str) and 0 < len(client) <= 64
        if not is_known or (client not in self._applied and len(self._applied) >= MAX_CLIENTS):
            errors.append({"n": None, "message": NOT_UNDERSTOOD.text(self._drawing.house)})
            return []
        found: dict[int, Mapping[str, Any]] = {}
        for operation in list(operations)[:MAX_OPERATIONS]:
            number = operation.get("n") if isinstance(operation, dict) else None
            if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 2**53:
                errors.append({"n": None, "message": NOT_UNDERSTOOD.text(self._drawing.house)})
            elif number > self._applied.get(client, 0):
                found.setdefault(number, operation)
        return sorted(found.items())

    def _carry_out(self, operation: Mapping[str, Any]) -> tuple[Change, bool]:
        """Carry an operation out; the second value says whether everything is to be drawn anew."""
        kind, path, value = operation.get("op"), operation.get("path", ""), operation.get("value", "")
        value = "" if value is None else value
        if not isinstance(path, str) or not isinstance(value, str):
            raise _not_understood(str(path)[:80])
        value = plain(value)
        if len(value) > MAX_CHARACTERS:
            raise NotFound(Problem(path, TOO_LONG.text(self._drawing.house), ""))
        if kind == "answer":
            return self.session.answer(path, value), False
        if kind == "add":
            return self.session.add_repeat(path), True
        if kind == "remove":
            return self.session.remove_repeat(path), True
        if kind == "language":
            change = self.session.set_language(value)
            self._drawing.house = house_language(value)
            return change, True
        if kind == "page":
            self.page = value[:500]
            return Change((), structure=False), False
        raise _not_understood(path)

    def _patch(self, paths: Mapping[str, None], errors: list[dict[str, Any]], *, is_whole: bool) -> Drawn:
        patch: Drawn = {
            "applied": dict(self._applied),
            "nodes": {},
            "tree": None,
            "pages": None,
            "progress": self.progress(),
            "errors": errors,
        }
        states = [] if is_whole else [state for path in paths if (state := self._state(path)) is not None]
        if is_whole or any(not state.definition.is_leaf for state in states):
            tree = self._drawing.tree(self._plans)
            return patch | {
                "tree": tree,
                "pages": [page["path"] for page in tree["children"]],
                "language": self.session.speaker.language,
            }
        drawn = (self._drawing.question(state) for state in states)
        return patch | {"nodes": {node["path"]: node for node in drawn if node is not None}}

    def _state(self, path: str) -> State | None:
        try:
            return self.session.state(path)
        except NotFound:
            return None

    # --- lists

    def search(self, path: str, query: str, *, limit: int = 50) -> list[list[str]]:
        """Return the choices of a question whose label or value holds every word of a query.

        Raises
        ------
        NotFound
            When there is no such question, or it has no choices.
        """
        state = self.session.state(path)
        control = state.definition.control
        if control is None or not control.has_choices:
            raise NotFound(Problem(path, "it has no choices", "Ask for a question with choices."))
        found = offered(control, state.node, self.session.speaker)
        if isinstance(found, LongList):
            return found.search(query, limit=limit)
        words = query.casefold().split()
        fitting = ([choice.value, choice.label] for choice in found)
        return [pair for pair in fitting if all(word in pair[1].casefold() for word in words)][:limit]

    def choice_list(self, name: str) -> bytes:
        """Return a long list as JSON, for the browser to keep.

        Raises
        ------
        NotFound
            When no question that was drawn has it.
        """
        if name not in self._drawing.lists:
            self._drawing.tree(self._plans)
        if name not in self._drawing.lists:
            raise NotFound(Problem(name, "the form has no such list", "Load the form again."))
        return self._drawing.lists[name].content

    # --- the end

    def check(self) -> list[dict[str, str]]:
        """Return every rule that is broken, in the order of the form."""
        return [
            {
                "path": violation.path,
                "rule": violation.rule,
                "message": violation.message.text(self._drawing.house),
            }
            for violation in self.session.problems()
        ]

    def finish(self) -> str:
        """Finish the filling and return the XML to send."""
        return self.session.finish()


def _not_understood(path: str) -> NotFound:
    return NotFound(Problem(path, NOT_UNDERSTOOD.text("en").rstrip("."), "Load the form again."))


def house_language(form_language: str) -> Language:
    """Return the language the house speaks beside a form's.

    Examples
    --------
    >>> house_language("English (en)"), house_language("Bahasa Indonesia (id)"), house_language("")
    ('en', 'id', 'id')
    """
    return "en" if _is_named(form_language, "en") else "id"


def _is_named(form_language: str, wanted: str) -> bool:
    names = {"en": ("english", "inggris"), "id": ("indonesia", "bahasa indonesia", "indonesian")}
    given = form_language.strip().casefold()
    wanted = wanted.strip().casefold()
    return given == wanted or given.endswith(f"({wanted})") or given in names.get(wanted, ())
