"""What a phone sends: a filling and some of its files, as one multipart body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tornado.httputil import HTTPFile, HTTPInputError, ParseMultipartConfig, parse_multipart_form_data
from tornado.web import HTTPError

from pk_research.apps.openrosa.trouble import Unclear
from pk_research.language import Message
from pk_research.store.attachments import composed

FILLING = "xml_submission_file"
UNFINISHED = "*isIncomplete*"
_LIMITS = ParseMultipartConfig(max_parts=1000)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent in one request.

    Attributes
    ----------
    xml
        The filling.
    files
        Name, with accents composed, to content of those of its files that came along.
    is_partial
        Whether the phone says that more will follow.
    """

    xml: bytes
    files: Mapping[str, bytes]
    is_partial: bool


def read_parts(content_type: str, body: bytes) -> Sent:
    r"""Read a multipart body.

    Raises
    ------
    tornado.web.HTTPError
        400 when it is none, or holds no filling or several.
    Unclear
        When two different files have one name.

    Examples
    --------
    >>> disposition = b'Content-Disposition: form-data; name="xml_submission_file"; filename="a.xml"'
    >>> body = b"--x\r\n" + disposition + b"\r\n\r\n<data/>\r\n--x--\r\n"
    >>> read_parts("multipart/form-data; boundary=x", body)
    Sent(xml=b'<data/>', files={}, is_partial=False)
    """
    kind, _, parameters = content_type.partition(";")
    boundary = next((value for name, _, value in _parameters(parameters) if name.lower() == "boundary"), "")
    fields: dict[str, list[bytes]] = {}
    files: dict[str, list[HTTPFile]] = {}
    if kind.strip().lower() != "multipart/form-data" or not boundary:
        raise HTTPError(400)
    try:
        parse_multipart_form_data(boundary.encode(), body, fields, files, config=_LIMITS)
    except (HTTPInputError, UnicodeDecodeError):
        raise HTTPError(400) from None
    fillings = [*(file.body for file in files.pop(FILLING, [])), *fields.pop(FILLING, [])]
    if len(fillings) != 1:
        raise HTTPError(400)
    contents = _by_name(file for some in files.values() for file in some)
    return Sent(fillings[0], contents, UNFINISHED in fields)


def _by_name(files: Iterable[HTTPFile]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for file in files:
        name = composed(file.filename)
        if contents.setdefault(name, file.body) != file.body:
            raise Unclear(Message("Two different files are named {name}.", {"name": name[:80]}))
    return contents


def _parameters(text: str) -> list[tuple[str, str, str]]:
    return [part.strip().partition("=") for part in text.split(";")]
