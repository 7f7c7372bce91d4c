"""The documents of OpenRosa 1.0: the list of forms, the manifest of a form, the answer to a submission."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from xml.etree import ElementTree as ET

from pk_research.store.forms import FormVersion

FORMS = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"
RESPONSE = "http://openrosa.org/http/response"

Address = Callable[[str, Mapping[str, str]], str]
"""Where a document is: from its name and what tells it from others of that name."""


def md5(content: bytes) -> str:
    """Return a hash as OpenRosa writes it: by it a phone knows whether it has something already.

    Examples
    --------
    >>> md5(b"")
    'md5:d41d8cd98f00b204e9800998ecf8427e'
    """
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


def form_bytes(version: FormVersion) -> bytes:
    """Return a form as it is sent."""
    return version.xml.encode()


def form_list(versions: Iterable[FormVersion], address: Address, *, is_verbose: bool = False) -> bytes:
    """Return the list of forms.

    Parameters
    ----------
    versions
        The forms.
    address
        Says where each is.
    is_verbose
        Describe each: here, by the day it was published.
    """
    root = ET.Element("xforms", xmlns=FORMS)
    for version in versions:
        entry, which = ET.SubElement(root, "xform"), named(version)
        texts = {
            "formID": version.form_id,
            "name": version.title,
            "version": version.version,
            "hash": md5(form_bytes(version)),
        }
        if is_verbose:
            texts["descriptionText"] = f"{version.title}, {version.published_at:%Y-%m-%d}"
        texts["downloadUrl"] = address("form.xml", which)
        if version.files:
            texts["manifestUrl"] = address("manifest", which)
        _add(entry, texts)
    return _written(root)


def manifest(version: FormVersion, hashes: Mapping[str, str], address: Address) -> bytes:
    """Return the list of the files of a form.

    Parameters
    ----------
    version
        The form.
    hashes
        By the name of each file.
    address
        Says where each is.
    """
    root = ET.Element("manifest", xmlns=MANIFEST)
    for file in version.files:
        where = address("media", {**named(version), "name": file.name})
        texts = {"filename": file.name, "hash": hashes[file.name], "downloadUrl": where}
        _add(ET.SubElement(root, "mediaFile"), texts)
    return _written(root)


def response(message: str, *, nature: str) -> bytes:
    r"""Return what a phone shows after it sent something.

    Examples
    --------
    >>> response("Received\x00.", nature="submit_success").decode().partition("\n")[2]
    '<OpenRosaResponse xmlns="..."><message nature="submit_success">Received.</message></OpenRosaResponse>'
    """
    root = ET.Element("OpenRosaResponse", xmlns=RESPONSE)
    kept = "".join(letter for letter in message if letter.isprintable() or letter == "\n")
    ET.SubElement(root, "message", nature=nature).text = kept
    return _written(root)


def named(version: FormVersion) -> dict[str, str]:
    """Return what tells a version of a form from all others."""
    return {"formID": version.form_id, "version": version.version}


def _add(element: ET.Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        ET.SubElement(element, name).text = text


def _written(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))
