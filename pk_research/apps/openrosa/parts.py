"""What a phone sends: a filling and some of its files, as one multipart body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tornado.httputil import HTTPFile, HTTPInputError, ParseMultipartConfig, parse_multipart_form_data
from tornado.web import HTTPError

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
        Name to content of those of its files that came along.
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
    contents = {file.filename: file.body for some in files.values() for file in some}
    return Sent(fillings[0], contents, UNFINISHED in fields)


def _parameters(text: str) -> list[tuple[str, str, str]]:
    return [part.strip().partition("=") for part in text.split(";")]
