"""A form on screen behind a small loopback server that can be killed, slowed and cut off at will."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, unquote, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page
from pyxform.xls2xform import convert

from pk_research.apps.form.script import script, style
from pk_research.apps.form.texts import house_texts
from pk_research.survey import Form, Surroundings, parse_form
from pk_research.survey.screen import Filling

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; base-uri 'none'"
)
PAGE = """<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Form</title>
<link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/form.css"></head><body>
<div class="pk-form" data-pk-form data-base="/survey/api/" data-draft="{draft}">{markup}
<script type="application/json">{data}</script></div>
<script type="module" src="/form.js"></script></body></html>"""

SETTLED = """async () => {
  const { queue } = document.querySelector("[data-pk-form]").pkForm.form;
  const begun = Date.now();
  while (!queue.isIdle && Date.now() - begun < 8000) await new Promise((resolve) => setTimeout(resolve, 15));
  return queue.isIdle;
}"""


@cache
def form_of(survey: str, choices: str = "", *, settings: str = "") -> Form:
    """Compile a questionnaire written as tables."""
    sheets = {"survey": survey, "choices": choices, "settings": settings}
    lines = [
        line
        for sheet, table in sheets.items()
        if table
        for line in (f"| {sheet} |", *(f"| {row}" for row in map(str.strip, table.strip().splitlines())))
    ]
    return parse_form(convert(xlsform="\n".join(lines), pretty_print=False).xform)


@dataclass
class Drafts:
    """What a real server keeps on disk: it outlives every server below."""

    form: Form
    saved: dict[str, tuple[str, dict]] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    sent: dict[str, tuple[str, dict]] = field(default_factory=dict)
    taken: list[dict] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def begin(self, language: str | None = None) -> str:
        filling = Filling.begin(self.form, surroundings=Surroundings(), language=language)
        draft = f"uuid:draft-{next(self.numbers)}"
        self.keep(draft, filling)
        return draft

    def filling(self, draft: str) -> Filling:
        snapshot, state = self.saved[draft]
        return Filling.restore(self.form, snapshot, json.loads(json.dumps(state)), Surroundings())

    def keep(self, draft: str, filling: Filling) -> None:
        self.saved[draft] = (filling.snapshot(), filling.state())

    def screen(self, draft: str) -> dict:
        return {**self.filling(draft).screen(), "draft": draft, "resume_code": "7K3M9QXR"}

    def values(self, draft: str) -> dict[str, str]:
        """Every answer kept of a draft, by the question's name and instance."""
        return dict(_values(self.filling(draft).screen()["tree"]))

    # --- what the script asks for

    def open(self, draft: str, **_: object) -> dict:
        return self.screen(draft)

    def sync(self, draft: str, client: str, ops: list[dict]) -> dict:
        filling = self.filling(draft)
        before = filling.state()["applied"].get(client, 0)
        self.taken += [{"client": client, **op} for op in ops if op["n"] > before]
        patch = filling.apply(client, ops)
        self.keep(draft, filling)
        return {**patch, "saved": True}

    def search(self, draft: str, path: str, query: str) -> list:
        return self.filling(draft).search(path, query)

    def submit(self, draft: str, client: str, ops: list[dict]) -> dict:
        if draft in self.sent:
            return {"receipt": self.sent[draft][1]}
        self.sync(draft, client, ops)
        filling = self.filling(draft)
        broken = [dict(violation) for violation in filling.check()]
        if broken:
            return {"violations": broken}
        receipt = {"code": "PK-7K3M-9QXR", "number": 1, "received_at": "2026-11-25T03:00:00Z"}
        self.sent[draft] = (filling.finish(), receipt)
        return {"receipt": receipt}


def _values(node: dict) -> Iterator[tuple[str, str]]:
    if node.get("value"):
        yield node["path"].split("/", 2)[2], node["value"]
    for child in node.get("children") or []:
        yield from _values(child)


class FormServer:
    """The HTTP side; stopping it and starting it again is a killed and restarted server."""

    def __init__(self, drafts: Drafts, markup: str = "") -> None:
        self.drafts, self.markup = drafts, markup
        self.port = 0
        self.lock = threading.Lock()
        self.loses_replies_to: set[str] = set()  # done, but the answer never arrives
        self.asked: list[str] = []
        self.lists: dict[str, bytes] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, draft: str) -> str:
        return f"{self.address}/fill/{draft}"

    def start(self) -> None:
        handler = type("Handler", (_Handler,), {"server_of_forms": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def page(self, draft: str) -> str:
        data = {"screen": self.drafts.screen(draft), "texts": house_texts(), "language": "id"}
        safe = json.dumps(data).replace("<", "\\u003c")
        return PAGE.format(draft=draft, markup=self.markup, data=safe)


class _Handler(BaseHTTPRequestHandler):
    server_of_forms: FormServer

    def log_message(self, *_: object) -> None:
        """Keep the tests' output quiet."""

    def do_GET(self) -> None:
        site, path = self.server_of_forms, urlsplit(self.path)
        if path.path == "/form.js":
            self.answer(script().encode(), "text/javascript")
        elif path.path == "/form.css":
            self.answer(style().encode(), "text/css")
        elif path.path.startswith("/fill/"):
            self.answer(site.page(unquote(path.path[6:])).encode(), "text/html; charset=utf-8")
        elif path.path.startswith("/survey/api/list/"):
            site.asked.append("list")
            digest = path.path.rpartition("/")[2].removesuffix(".json")
            if digest not in site.lists:
                draft = next(iter(site.drafts.saved))
                site.lists[digest] = site.drafts.filling(draft).choice_list(digest)
            self.answer(site.lists[digest])
        elif path.path == "/survey/api/file":
            query = parse_qs(path.query)
            self.answer(site.drafts.files[query["draft"][0], query["name"][0]], "image/png")
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        site, path = self.server_of_forms, urlsplit(self.path)
        what = path.path.removeprefix("/survey/api/")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        site.asked.append(what)
        assert self.headers["X-PK-Form"] == "1"
        with site.lock:
            if what == "upload":
                name = unquote(self.headers["X-File-Name"])
                site.drafts.files[parse_qs(path.query)["draft"][0], name] = body
                answer: object = {"name": name}
            else:
                answer = getattr(site.drafts, what)(**json.loads(body))
        if what in site.loses_replies_to:
            self.close_connection = True  # the reader sees a connection that breaks
        else:
            self.answer(json.dumps(answer).encode())

    def answer(self, content: bytes, kind: str = "application/json") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(form: Form, *, markup: str = "") -> Iterator[FormServer]:
    """Run a server of one form on a free port."""
    server = FormServer(Drafts(form), markup)
    server.start()
    yield server
    server.stop()


@dataclass
class Desk:
    """Somebody at a screen with a form before them."""

    browser: Browser
    context: BrowserContext
    page: Page
    site: FormServer
    draft: str
    complaints: list[str] = field(default_factory=list)

    @property
    def answers(self) -> dict[str, str]:
        """What the server has, once nothing is on its way any more."""
        self.settle()
        return self.site.drafts.values(self.draft)

    def settle(self) -> None:
        assert self.page.evaluate(SETTLED), "the answers do not reach the server"

    def load(self, page: Page | None = None) -> Page:
        """Open the draft, in this tab or another."""
        page = page or self.page
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.site.url(self.draft))
        page.wait_for_selector(".pk-form-frame, .pk-receipt")
        return page

    def question(self, label: str):
        """The part of the screen that belongs to one question."""
        return self.page.locator(".pk-question", has=self.page.get_by_text(label, exact=True))

    def kept_here(self) -> list[str]:
        """Names of what this browser keeps."""
        return self.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('pk-form/'))")


@contextmanager
def filling(
    browser: Browser, form: Form, *, markup: str = "", language: str | None = None, **options: object
) -> Iterator[Desk]:
    """Sit somebody down before a new draft of a form; the script may not fail meanwhile."""
    screen = {"viewport": {"width": 1000, "height": 800}, "locale": "id-ID", **options}
    with serving(form, markup=markup) as site:
        context = browser.new_context(**screen)
        context.set_default_timeout(8000)
        desk = Desk(browser, context, context.new_page(), site, site.drafts.begin(language))
        desk.load()
        yield desk
        context.close()
        assert desk.complaints == []
