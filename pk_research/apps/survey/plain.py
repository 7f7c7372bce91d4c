"""What somebody is told who is not answered: a sentence in every language, on a page that needs nothing."""

from __future__ import annotations

from typing import Any

import tornado.web

from pk_research.apps.survey.trouble import told
from pk_research.language import LANGUAGES, Message

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def plain_page(message: Message, *, head: str = "") -> str:
    """Return the page.

    Parameters
    ----------
    message
        The sentence.
    head
        HTML that stands in the head besides.

    Examples
    --------
    >>> plain_page(Message("This is too large to be taken.")).count("<p ")
    2
    """
    said = "".join(f'<p lang="{language}">{message.text(language)}</p>' for language in LANGUAGES)
    return (
        f'<!doctype html><html lang="{LANGUAGES[0]}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}'
        "<title>Pabrik Kampoeng</title>"
        '<body style="font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:1rem">'
        f"{said}"
    )


def refuse(handler: tornado.web.RequestHandler, status_code: int) -> None:
    """Answer with the page for a status: what went wrong, and nothing about how."""
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.set_header("Content-Security-Policy", POLICY)
    handler.set_header("Cache-Control", "no-store")
    handler.finish(plain_page(told(tornado.web.HTTPError(status_code))[1]))


class Plain(tornado.web.RequestHandler):
    """Whose refusals are such pages, rather than those of the library that serves it."""

    def write_error(self, status_code: int, **_options: Any) -> None:  # noqa: ANN401 - tornado's
        """Say what went wrong."""
        refuse(self, status_code)
