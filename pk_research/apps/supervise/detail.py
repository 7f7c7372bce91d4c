"""One submission as HTML: answers, flags, versions and what was said. All of it escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from pk_research.apps.markup import moved_sideways, say, section, sentence, table
from pk_research.apps.supervise.dossier import Answer, Dossier, in_language
from pk_research.apps.supervise.fieldwork import Entry
from pk_research.apps.supervise.listing import moment
from pk_research.apps.supervise.states import badge
from pk_research.language import Language, Message, translate
from pk_research.store.changes import Difference


def title_html(entry: Entry, language: Language) -> str:
    """Return which submission it is, and its state."""
    state = badge(entry.filled.review_state, language)
    return section("submission", f"<h3>{escape(entry.title)}</h3><p>{state}</p>")


def flags_html(entry: Entry, language: Language) -> str:
    """Return the reasons to look at it again."""
    if not entry.flags:
        return f"<p class='pk-hint'>{say('Nothing about it is unusual.', language)}</p>"
    lines = "".join(f"<li>{sentence(flag.message, language)}</li>" for flag in entry.flags)
    hint = say("A flag is a reason to look again, not a verdict.", language)
    return f"<div class='pk-callout'><ul>{lines}</ul><p class='pk-hint'>{hint}</p></div>"


def answers_html(dossier: Dossier, language: Language) -> str:
    """Return what was answered, with the words of the form; files by name, and whether they have come."""
    rows = [[_question(answer, language), _value(answer, dossier, language)] for answer in dossier.answers]
    made = table([say("Question", language), say("Answer", language)], rows)
    box = moved_sideways(made, translate("Answers", language))
    return section("answers", f"<h3 class='pk-step'>{say('Answers', language)}</h3>{box}")


def _question(answer: Answer, language: Language) -> str:
    group = f"<small>{escape(answer.group)}</small>" if answer.group else ""
    return f"{escape(in_language(answer.question, language))}{group}"


def _value(answer: Answer, dossier: Dossier, language: Language) -> str:
    if answer.is_hidden:
        return f"<em class='pk-hint'>{say('Personal: not for your role', language)}</em>"
    value = in_language(answer.value, language)
    is_missing = value in dossier.filled.attachments and dossier.filled.attachments[value] is None
    note = f"<small>{say('The file has not come yet', language)}</small>" if is_missing else ""
    return f"{escape(value)}{note}"


def history_html(dossier: Dossier, language: Language) -> str:
    """Return its versions and what was said about it, in the order of time."""
    lines = sorted([*_versions(dossier, language), *_events(dossier, language)])
    items = "".join(f"<li>{line}</li>" for _, _, line in lines)
    return section(
        "history", f"<h3 class='pk-step'>{say('History', language)}</h3><ol class='pk-history'>{items}</ol>"
    )


def _versions(dossier: Dossier, language: Language) -> Iterator[tuple[str, int, str]]:
    for version in dossier.history:
        what = Message("Received" if version.number == 1 else "Corrected").text(language)
        reason = f"<blockquote>{escape(version.reason)}</blockquote>" if version.reason else ""
        changed = dossier.changes.get(version.number, ())
        who = dossier.people.called(version.by, language)
        line = f"{_head(escape(what), who, moment(version.at))}{reason}{_changes(changed, dossier, language)}"
        yield version.at.isoformat(), 0, line


def _events(dossier: Dossier, language: Language) -> Iterator[tuple[str, int, str]]:
    for number, event in enumerate(dossier.events, start=1):
        is_comment = event.state is None
        what = badge(event.state, language) if event.state else say("Comment", language)
        said = f"<blockquote>{escape(event.comment)}</blockquote>" if event.comment else ""
        if said or not is_comment:
            head = _head(what, dossier.people.called(event.by, language), moment(event.at))
            yield event.at.isoformat(), number, f"{head}{said}"


def _head(what: str, who: str, at: str) -> str:
    return f"{what} · {escape(who)} <small>{at}</small>"


def _changes(changed: tuple[Difference, ...], dossier: Dossier, language: Language) -> str:
    if not changed:
        return ""
    rows = [
        [escape(dossier.question(one.path, language)), escape(one.before or "–"), escape(one.after or "–")]
        for one in changed
    ]
    headings = [say(heading, language) for heading in ("Question", "Before", "After")]
    return moved_sideways(table(headings, rows), translate("Answers", language))
