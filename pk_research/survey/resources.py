"""Lists that come in files beside the form: CSV, XML, GeoJSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pk_research.errors import BadInput, Problem
from pk_research.survey.markup import read_xml
from pk_research.survey.tree import Element, Text
from pk_research.survey.xpath.values import number_text

DELIMITERS = ",;\t|"
MAX_ITEMS = 500_000


def read_resource(name: str, content: bytes) -> Element:
    r"""Read an attached list into a node above its outermost element.

    Parameters
    ----------
    name
        File name; its ending says the format, CSV where it says nothing.
    content
        The file.

    Raises
    ------
    BadInput
        When the file cannot be read, with its name.

    Examples
    --------
    >>> read_resource("v.csv", b"name,label\n1,Satu\n").elements()[0].text
    '1Satu'
    """
    ending = name.lower().rpartition(".")[2]
    if ending == "xml":
        return _above(read_xml(content, where=name).element)
    if ending in ("geojson", "json"):
        return _read_geojson(name, content)
    return _read_csv(name, content)


def files_beside(folder: Path) -> Callable[[str], bytes | None]:
    """Return what finds a form's attached files in a folder, by name alone.

    Parameters
    ----------
    folder
        Where the files lie. Addresses that name another folder find nothing.

    Examples
    --------
    >>> files_beside(Path("nowhere"))("jr://file-csv/villages.csv") is None
    True
    """

    def find(address: str) -> bytes | None:
        name = address.rpartition("/")[2]
        # pulldata('villages.csv', ...) makes the compiler ask for villages.csv.csv
        for candidate in (name, name.removesuffix(".csv")):
            path = folder / candidate
            if candidate not in ("", ".", "..") and path.is_file():
                return path.read_bytes()
        return None

    return find


def empty_resource() -> Element:
    """Return a list without items, for a file that is missing on purpose."""
    return _above(Element("root"))


def keep_indices(element: Element) -> Element:
    """Let look-ups keep indices on an unchanging tree; returns it."""
    element.keyed = {}
    for node in element.descendants():
        if isinstance(node, Element):
            node.keyed = {}
    return element


def _above(element: Element) -> Element:
    holder = Element("instance")
    holder.append(element)
    return holder


def _read_csv(name: str, content: bytes) -> Element:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(Problem(name, "it is not UTF-8", "Save it again as CSV UTF-8.")) from None
    header, _, _ = text.partition("\n")
    delimiter = max(DELIMITERS, key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = next(rows, [])
    if len(columns) == 1 and not re.fullmatch(r"[\w .:-]*", columns[0]):
        raise BadInput(
            Problem(
                name,
                f"its columns cannot be told apart in {columns[0]!r}",
                "Put commas, semicolons or tabs between them.",
            )
        )
    root = Element("root")
    for number, row in enumerate(rows):
        if number >= MAX_ITEMS:
            raise BadInput(Problem(name, f"it has more than {MAX_ITEMS:,} rows", "Split the list."))
        if any(row):
            root.append(_item(dict(zip(columns, row, strict=False))))
    return _above(root)


def _item(fields: dict[str, str]) -> Element:
    item = Element("item")
    for name, value in fields.items():
        field = Element(name)
        if value:
            field.append(Text(value))
        item.append(field)
    return item


def _read_geojson(name: str, content: bytes) -> Element:
    try:
        features = json.loads(content)["features"]
        items = [_feature(feature) for feature in features]
    except (ValueError, KeyError, TypeError, IndexError):
        raise BadInput(
            Problem(name, "it is not a GeoJSON FeatureCollection", "Export the layer as GeoJSON.")
        ) from None
    root = Element("root")
    for fields in items:
        root.append(_item(fields))
    return _above(root)


def _feature(feature: dict[str, Any]) -> dict[str, str]:
    geometry = feature.get("geometry")
    fields = {"geometry": "" if geometry is None else _geometry(geometry)}
    if feature.get("id") is not None:
        fields["id"] = _plain(feature["id"])
    fields.update({key: _plain(value) for key, value in (feature.get("properties") or {}).items()})
    return fields


def _geometry(geometry: dict[str, Any]) -> str:
    points = geometry["coordinates"]
    if geometry["type"] == "Point":
        points = [points]
    elif geometry["type"] == "Polygon":
        points = points[0]
    return ";".join(f"{_plain(point[1])} {_plain(point[0])} 0 0" for point in points)


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(float(value)) if isinstance(value, int | float) else str(value)
