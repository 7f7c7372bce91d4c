"""A phone as the OpenRosa endpoint meets it, a form that has files, and fillings as Collect writes them.

No library on PyPI does what ODK Collect does (pyodk speaks the REST interface of ODK Central, osm-fieldwork
likewise), so `Phone` is written from the OpenRosa 1.0 pages and Collect's habits with the standard library
alone. It shares no line with the server.
"""

from __future__ import annotations

import copy
import hashlib
import http.client
import re
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from xml.etree import ElementTree as ET

from survey_server import PASSWORD, SUPERVISOR, SurveyHouse

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
RESPONSE = "{http://openrosa.org/http/response}"
XFORMS = "{http://www.w3.org/2002/xforms}"
MIB = 1024 * 1024
PICTURE, VILLAGES = b"\x89PNG a map", b"name,label\nv1,Karangsatria\nv2,Sriamur\n"
PHOTOS = """
| survey |
|  | type                              | name    | label             | media::image |
|  | select_one_from_file villages.csv | village | Desa mana?        | peta.png     |
|  | begin_repeat                      | item    | Produk            |              |
|  | image                             | photo   | Foto              |              |
|  | end_repeat                        |         |                   |              |
| settings |
|  | form_id   | version | form_title           |
|  | foto & co | 2 "b"   | Foto <produk> & desa |
"""
FORM, OTHER = "usaha", "foto & co"


@dataclass
class Answer:
    """What came back."""

    status: int
    content: bytes
    headers: http.client.HTTPMessage

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(self.content)

    @property
    def message(self) -> str:
        """What Collect shows."""
        assert self.xml.tag == f"{RESPONSE}OpenRosaResponse", self.content
        return self.xml.find(f"{RESPONSE}message").text


@dataclass
class Phone:
    """ODK Collect, as far as the wire shows: the address of a project, and perhaps name and password."""

    url: str
    headers: dict[str, str] = field(default_factory=lambda: {"X-OpenRosa-Version": "1.0"})

    def ask(self, url: str, body: bytes | None = None, *, method: str | None = None, **headers) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, body, {**self.headers, **named}, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=120)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Answer(answer.status, answer.read(), answer.headers)

    def forms(self, query: str = "") -> list[dict[str, str]]:
        """Return the list of forms."""
        entries = self.ask(f"{self.url}/formList{query}").xml
        assert entries.tag == f"{LIST}xforms"
        return [{child.tag.removeprefix(LIST): child.text for child in entry} for entry in entries]

    def form(self, form_id: str) -> bytes:
        """Download a form, and make sure that it is whole."""
        [entry] = [entry for entry in self.forms() if entry["formID"] == form_id]
        content = self.ask(entry["downloadUrl"]).content
        assert entry["hash"] == md5(content)
        return content

    def media(self, form_id: str) -> dict[str, bytes]:
        """Download what belongs to a form."""
        [entry] = [entry for entry in self.forms() if entry["formID"] == form_id]
        listed = self.ask(entry["manifestUrl"]).xml
        assert listed.tag == f"{MANIFEST}manifest"
        files = {}
        for file in listed:
            name, digest, url = (
                file.find(f"{MANIFEST}{what}").text for what in ("filename", "hash", "downloadUrl")
            )
            files[name] = self.ask(url).content
            assert digest == md5(files[name])
        return files

    def post(
        self, xml: bytes, files: dict[str, bytes] | None = None, *, query: str = "", **options
    ) -> Answer:
        """Send one request."""
        kind, body = multipart(xml, files or {}, is_partial=options.pop("is_partial", False))
        return self.ask(f"{self.url}/submission{query}", body, Content_Type=kind, **options)

    def send(self, xml: bytes, files: dict[str, bytes], *, at_once: int) -> list[Answer]:
        """Send a filling as Collect does: ask first, then in as many requests as the size asks for."""
        first = self.ask(f"{self.url}/submission?deviceID=collect%3Aabc", method="HEAD")
        assert first.status == 204
        assert urlsplit(first.headers["Location"]).hostname == urlsplit(self.url).hostname
        limit = min(at_once, int(first.headers["X-OpenRosa-Accept-Content-Length"]))
        parts: list[dict[str, bytes]] = [{}]
        for name, content in files.items():
            if parts[-1] and sum(map(len, parts[-1].values())) + len(content) + len(xml) > limit:
                parts.append({})
            parts[-1][name] = content
        return [
            self.post(xml, part, query="?deviceID=collect%3Aabc", is_partial=part is not parts[-1])
            for part in parts
        ]


def md5(content: bytes) -> str:
    return "md5:" + hashlib.md5(content).hexdigest()


def multipart(xml: bytes, files: dict[str, bytes], *, is_partial: bool = False) -> tuple[str, bytes]:
    boundary = f"--------{uuid4().hex}"
    parts = [("xml_submission_file", "filling.xml", "text/xml", xml)]
    parts += [(name, name, "image/jpeg", content) for name, content in files.items()]
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: {kind}\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, filename, kind, content in parts
    )
    if is_partial:
        disposition = 'Content-Disposition: form-data; name="*isIncomplete*"'
        body += f"--{boundary}\r\n{disposition}\r\n\r\nyes\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def key(house: SurveyHouse, form_id: str = FORM, **options: Any) -> Phone:
    """Return a phone that was given an invitation."""
    return Phone(f"{house.address}/key/{house.invite(form_id, **options).rpartition('/')[2]}")


def basic(name: str, password: str = PASSWORD) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def enumerator(house: SurveyHouse, name: str = "siti", password: str = PASSWORD) -> Phone:
    return Phone(f"{house.address}/openrosa", {"Authorization": basic(name, password)})


def filled(form: bytes, answers: dict[str, str], *, photos: list[str] = (), instance: str = "") -> bytes:
    """Fill a form as Collect does: its first instance, without what is not relevant."""
    root = copy.deepcopy(ET.fromstring(form).find(f".//{XFORMS}instance")[0])
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name in [name for name in element.attrib if name.startswith("{")]:
            del element.attrib[name]
    for group in [*root.iter()]:
        for child in [child for child in group if child.tag in {"number", "item"}]:
            group.remove(child)
    for path, answer in answers.items():
        root.find(path).text = answer
    for photo in photos:
        item = ET.Element("item")
        ET.SubElement(item, "photo").text = photo
        root.insert(1, item)
    root.find("meta/instanceID").text = instance or f"uuid:{uuid4()}"
    return b"<?xml version='1.0' ?>" + ET.tostring(root)


def business(house: SurveyHouse, owner: str = "Bu Aminah", **answers: str) -> bytes:
    """Return a filling of the form about businesses."""
    paths = {f"usaha/{name}": value for name, value in {"owner": owner, **answers}.items()}
    return filled(house.store.forms.find(FORM).xml.encode(), paths)


def instance_of(xml: bytes) -> str:
    return re.search(rb"uuid:[0-9a-f-]{36}", xml)[0].decode()


def kept(house: SurveyHouse, xml: bytes) -> Any:
    """Return the submission that has the identifier of a filling."""
    return house.store.submissions.read(instance_of(xml), by=SUPERVISOR)


def n_kept(house: SurveyHouse, xml: bytes, form_id: str = FORM) -> int:
    every = house.store.submissions.list(form_id, by=SUPERVISOR)
    return sum(one.instance_id == instance_of(xml) for one in every)
