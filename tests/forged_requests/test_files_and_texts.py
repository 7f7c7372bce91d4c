"""Files that are no answer, and texts that only look dangerous, given to the running survey app.

A file is taken as nothing but a file; a text comes back as the text it is.
"""

from __future__ import annotations

import http.client
from html.parser import HTMLParser

import pytest
from forged_survey import (
    Filler,
    assert_only_what_is_honest,
    assert_told,
    send_honestly,
    upload,
)
from survey_server import Answer

HTML = b"<script>alert(1)</script>"

# --- files


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "/etc/passwd", "a/b.png", "..\\b.png", "C:\\b.png", "..", ".", "", " ",
        "a\x00.png", "a\n.png", "a\r\nSet-Cookie: x=1", "a" * 300 + ".png", "é" * 150,
        "<script>alert(1)</script>.png", 'x" onload="alert(1).png', "photo.png ", "a|b.png", "a\u202egnp.exe",
    ],
    ids=ascii,
)  # fmt: skip
def test_a_file_name_that_is_more_than_a_name_is_not_taken(filler, name):
    assert_told(upload(filler, name), 400)
    assert filler.visitor.house.store.drafts.attachments(filler.draft, by=filler.actor) == {}


@pytest.mark.parametrize(
    "path",
    ["/data/owner", "/data", "/data/nothing", "", "/data/photo/..", "//photo", "/data/tax", "x" * 9000],
)
def test_a_file_is_no_answer_to_a_question_that_asks_for_none(filler, path):
    assert_told(upload(filler, "photo.png", path=path), 404)
    assert filler.visitor.house.store.drafts.attachments(filler.draft, by=filler.actor) == {}


@pytest.mark.parametrize("query", ["", "draft=DRAFT", "path=/data/photo", "draft=%ff&path=%ff"])
def test_an_upload_that_does_not_say_where_to_is_not_taken(filler, query):
    address = f"/survey/api/upload?{query.replace('DRAFT', filler.draft)}"
    assert_told(filler.visitor.ask(address, b"x", X_PK_Form="1", X_File_Name="a.png"), 400)


@pytest.mark.parametrize(
    ("what", "length", "status"),
    [
        ("upload?draft=DRAFT&path=/data/photo", str(50 * 1024**2 + 1), 413),
        ("upload?draft=DRAFT&path=/data/photo", str(10**15), 413),
        ("sync", str(2 * 1024**2 + 1), 413),
        ("submit", str(10**15), 413),
    ],
)
def test_a_body_that_is_announced_too_large_is_not_waited_for(filler, what, length, status):
    house = filler.visitor.house
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=20)
    connection.putrequest("POST", f"/survey/api/{what.replace('DRAFT', filler.draft)}")
    cookie = f"pk_session={filler.cookie('pk_session')}"
    headers = {"Origin": house.address, "X-PK-Form": "1", "Cookie": cookie, "Content-Length": length}
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()  # and not a byte of body
    answer = connection.getresponse()
    assert_told(Answer(answer.status, answer.read().decode(), {}, ""), status)
    connection.close()


@pytest.mark.parametrize(
    "name", ["a.html", "a.htm", "a.svg", "a.xhtml", "a.txt", "a.js", "a.xml", "a", "a.png.html"]
)
def test_a_file_that_could_be_a_page_is_only_to_be_saved(house, name):
    filler = Filler.invited(house)
    assert_told(upload(filler, name, HTML), 200)
    answer = filler.visitor.ask(f"/survey/api/file?draft={filler.draft}&name={name}")
    assert_told(answer, 200)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


# --- what only looks dangerous

HOSTILE = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>', "' onfocus=alert(1) autofocus='", "]]><script>alert(1)</script>",
    "<!--<script>", "</textarea></title></style><iframe src=javascript:alert(1)>", "${7*7} {{7*7}} {% raw %}",
    "'; DROP TABLE submission; --", "=cmd|' /C calc'!A0", "&lt;script&gt; &#60;script>",
    "javascript:alert(1)",
]  # fmt: skip


class Page(HTMLParser):
    """What a browser makes of a page: its texts, and whatever could act."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.acting: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.words += given.values()
        is_ours = given.get("type") == "application/json" or given.get("src", "").startswith(
            "/survey/static/"
        )
        if (tag == "script" and not is_ours) or tag in {"iframe", "object", "embed"}:
            self.acting.append(tag)
        self.acting += [f"{tag} {name}" for name, value in given.items() if acts(name, value)]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def holds(self, text: str) -> bool:
        return any(text in word for word in self.words)


def acts(attribute: str, value: str) -> bool:
    """Tell whether an attribute makes a browser run something."""
    is_address = attribute in {"href", "src", "action", "formaction"}
    return attribute.startswith("on") or (is_address and value.strip().startswith("javascript:"))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_dangerous_comes_back_as_the_text_it_is(house, sent, text):
    filler = Filler.invited(house)
    filler.sync(owner=text)
    opened = filler.visitor.api("open", draft=filler.draft)
    assert opened.headers["Content-Type"].startswith("application/json")
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert text in [node.get("value") for node in nodes(opened.json["tree"])]
    code = send_honestly(filler, sent, text)
    sheet = Page(filler.visitor.ask(f"/survey/sheet/filled/{code}").text)
    assert sheet.holds(text)
    assert sheet.acting == []


@pytest.mark.parametrize("text", HOSTILE)
def test_the_page_that_is_filled_holds_it_as_text_too(house, text):
    filler = Filler.invited(house)
    filler.sync(owner=text)
    page = Page(filler.visitor.ask(f"/survey/fill/{filler.draft}").text)
    assert page.holds(text)
    assert page.acting == []


def nodes(tree: dict[str, object]) -> list[dict[str, object]]:
    return [tree, *(found for child in tree.get("children") or () for found in nodes(child))]


# --- in the end


def test_the_store_holds_what_was_honestly_sent_and_the_log_verifies(house, filler, sent):
    """After everything above; alone, after one honest filling."""
    send_honestly(Filler.invited(house), sent, "Ibu Terakhir")
    assert_only_what_is_honest(house, sent)
