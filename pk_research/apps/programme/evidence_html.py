"""Evidence as a department head reads it: what it is, where to look at it, and what stands behind it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pk_research.apps.about import ABOUT
from pk_research.apps.markup import say, sentence
from pk_research.apps.programme.exhibit_html import exhibit_html
from pk_research.apps.programme.pieces import badge
from pk_research.apps.provenance import Data, data_html, folded_html
from pk_research.codebook import Label
from pk_research.language import Language, Message, translate

if TYPE_CHECKING:
    from pk_research.apps.programme.evidence import Evidence
    from pk_research.publish import Explanation

EXHIBITS = {
    "figure": Message("Evidence, a figure"),
    "table": Message("Evidence, a table"),
    "text": Message("Evidence, a sentence of a notebook"),
}
NOT_COMPUTED = (
    "It has not been computed on this server yet, so that it can be neither shown nor checked. Whoever runs"
    " the server computes it with:"
)
ENDINGS = {"png": "figure", "csv": "table", "md": "text"}


def evidence_html(written: str, known: Evidence | None, language: Language) -> str:
    """Return the evidence of a decision.

    Parameters
    ----------
    written
        As people wrote it; empty where none was named, or where it may not be shown.
    known
        What it is; None where it is none of ours.
    language
        ``"id"`` or ``"en"``.
    """
    if known is not None:
        return {"app": _app, "notebook": _notebook, "exhibit": _exhibit}[known.kind](known, language)
    if not written:
        return f"<p>{badge('undated', translate('No evidence was named.', language))}</p>"
    return f"<p>{say('Evidence in words, not checked here', language)}: {escape(written)}</p>"


def _app(known: Evidence, language: Language) -> str:
    return f"<p>{say('Evidence, an app', language)}: {_link(known.app, language)}</p>"


def _link(app: str, language: Language) -> str:
    return f"<a href='{escape(app)}'>{escape(ABOUT[app].title.text(language))}</a>"


def _notebook(known: Evidence, language: Language) -> str:
    asked = f"<p>{say('Evidence, a notebook', language)}: {_asked(known, language)}</p>"
    file = f"<code>notebooks/{escape(known.name)}.ipynb</code>"
    return asked + _also(known, language) + f"<p class='pk-hint'>{file}</p>"


def _asked(known: Evidence, language: Language) -> str:
    return escape(translate(known.question, language))


def _also(known: Evidence, language: Language) -> str:
    """Return where everybody can look at it; nothing where no app answers the question."""
    if not known.app:
        return ""
    return f"<p>{say('To look at it', language)}: {_link(known.app, language)}</p>"


def _exhibit(known: Evidence, language: Language) -> str:
    kind = EXHIBITS[ENDINGS[known.name.rpartition(".")[2]]].text(language)
    chain = known.chain
    title = "" if chain is None else f" <q>{escape(chain.exhibit.title)}</q>"
    head = f"<p>{escape(kind)}:{title} {_asked(known, language)}</p>{_also(known, language)}"
    if chain is None:
        number = known.name.partition("-")[0]
        text, command = say(NOT_COMPUTED, language), f"<code>pk notebooks {number}</code>"
        return f"{head}<p class='pk-hint'>{text} {command} · <code>{escape(known.name)}</code></p>"
    return head + _changed(chain, language) + _shown(known, chain, language) + _behind(known, chain, language)


def _shown(known: Evidence, chain: Explanation, language: Language) -> str:
    """Return the exhibit itself, or why it is not shown; nothing where its file is no longer what it was."""
    if known.content is not None:
        heard = f"{chain.exhibit.title}. {translate(known.question, language)}"
        return exhibit_html(chain, known.content, heard, language)
    if known.withheld is None:
        return ""
    text = Message("It is not shown here: {why}", {"why": known.withheld})
    return f"<p>{sentence(text, language)}</p>"


def _changed(chain: Explanation, language: Language) -> str:
    """Return that the evidence is no longer what was computed; nothing while it is."""
    if not chain.is_unchanged:
        text = "The file of this evidence was changed after it was computed. Do not rely on it."
    elif chain.code is None:
        text = "The notebook was changed after this evidence was computed. Have it computed anew."
    else:
        return ""
    return f"<p class='pk-trouble'>{say(text, language)}</p>"


def _behind(known: Evidence, chain: Explanation, language: Language) -> str:
    rows = [
        (say("File", language), f"<code>{escape(known.name)}</code>"),
        (say("Hash", language), f"<code>SHA-256 {escape(chain.exhibit.sha256)}</code>"),
        (
            say("Made by", language),
            f"<code>notebooks/{escape(chain.exhibit.notebook)}.ipynb, {escape(chain.exhibit.cell)}</code>",
        ),
        *(
            (say("Data", language), data_html(Data(name, version, digest, made=made), language))
            for name, version, digest, made in chain.data
        ),
        (say("Computed by", language), escape(f"{chain.package}, Python {chain.python}")),
        (say("Everything behind it", language), f"<code>pk explain {escape(known.name)}</code>"),
    ]
    title = Label("", chain.exhibit.title, chain.exhibit.title)
    return folded_html(Message("Where this evidence comes from"), title, rows, language)
