"""Texts: joined, cut, searched, compared with patterns, hashed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re

from pk_research.survey.xpath.functions.registry import MANY, context_of, function
from pk_research.survey.xpath.patterns import fits
from pk_research.survey.xpath.problems import EvaluationError
from pk_research.survey.xpath.values import Value, each, number_of, text_of
from pk_research.survey.xpath.world import Focus

_SPACE = re.compile(r"[ \t\r\n]+")
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


@function("string", 0, 1)
def string(focus: Focus, *values: Value) -> str:
    """Turn a value into text."""
    return text_of(values[0]) if values else context_of(focus, "string").text


@function("concat", 0, MANY)
def concat(_focus: Focus, *values: Value) -> str:
    """Join texts; every node of a list counts."""
    return "".join(text for value in values for text in each(value))


@function("join", 1, MANY)
def join(_focus: Focus, glue: Value, *values: Value) -> str:
    """Join texts with something between; every node of a list counts."""
    return text_of(glue).join(text for value in values for text in each(value))


@function("starts-with", 2)
def starts_with(_focus: Focus, text: Value, start: Value) -> bool:
    """Tell whether a text begins with another."""
    return text_of(text).startswith(text_of(start))


@function("ends-with", 2)
def ends_with(_focus: Focus, text: Value, end: Value) -> bool:
    """Tell whether a text ends with another."""
    return text_of(text).endswith(text_of(end))


@function("contains", 2)
def contains(_focus: Focus, text: Value, part: Value) -> bool:
    """Tell whether a text holds another."""
    return text_of(part) in text_of(text)


@function("substring-before", 2)
def substring_before(_focus: Focus, text: Value, mark: Value) -> str:
    """Return what stands before the first occurrence."""
    before, found, _ = text_of(text).partition(text_of(mark) or "\0")
    return before if found else ""


@function("substring-after", 2)
def substring_after(_focus: Focus, text: Value, mark: Value) -> str:
    """Return what stands after the first occurrence."""
    if text_of(mark) == "":
        return text_of(text)
    return text_of(text).partition(text_of(mark))[2]


@function("substring", 2, 3)
def substring(focus: Focus, text: Value, start: Value, *length: Value) -> str:
    """Cut by place and length, counted from 1 by XPath's rounding."""
    first = _rounded(number_of(start, focus.world.zone))
    last = first + _rounded(number_of(length[0], focus.world.zone)) if length else math.inf
    return "".join(
        character for position, character in enumerate(text_of(text), start=1) if first <= position < last
    )


def _rounded(value: float) -> float:
    return float(math.floor(value + 0.5)) if math.isfinite(value) else value


@function("substr", 2, 3)
def substr(focus: Focus, text: Value, start: Value, *end: Value) -> str:
    """Cut from a place up to another, counted from 0, from the end where negative."""
    whole = text_of(text)
    first = number_of(start, focus.world.zone)
    last = number_of(end[0], focus.world.zone) if end else math.inf
    return whole[slice(_index(first, len(whole)), _index(last, len(whole)))]


def _index(value: float, length: int) -> int:
    if math.isnan(value):
        return 0
    return int(max(-length, min(value, length)))


@function("string-length", 0, 1)
def string_length(focus: Focus, *values: Value) -> float:
    """Count characters."""
    text = text_of(values[0]) if values else context_of(focus, "string-length").text
    return float(len(text))


@function("normalize-space", 0, 1)
def normalize_space(focus: Focus, *values: Value) -> str:
    """Trim, and make every run of white space one space."""
    text = text_of(values[0]) if values else context_of(focus, "normalize-space").text
    return _SPACE.sub(" ", text).strip(" ")


@function("translate", 3)
def translate(_focus: Focus, text: Value, old: Value, new: Value) -> str:
    """Replace characters one by one."""
    replacements = text_of(new)
    table: dict[str, str] = {}
    for index, character in enumerate(text_of(old)):
        table.setdefault(character, replacements[index : index + 1])
    return "".join(table.get(character, character) for character in text_of(text))


@function("regex", 2)
def regex(_focus: Focus, text: Value, pattern: Value) -> bool:
    """Tell whether a pattern is found in a text."""
    return fits(text_of(text), text_of(pattern))


@function("digest", 2, 3)
def digest(_focus: Focus, text: Value, algorithm: Value, encoding: Value = "base64") -> str:
    """Return the hash of a text: MD5, SHA-1, SHA-256, SHA-384 or SHA-512, in hex or base64."""
    name = _HASHES.get(text_of(algorithm).upper())
    if name is None:
        raise EvaluationError(f"digest() knows {', '.join(_HASHES)}, not {text_of(algorithm)!r}")
    result = hashlib.new(name, text_of(text).encode(), usedforsecurity=False)
    match text_of(encoding):
        case "hex":
            return result.hexdigest()
        case "base64":
            return base64.b64encode(result.digest()).decode()
        case other:
            raise EvaluationError(f"digest() writes 'hex' or 'base64', not {other!r}")


@function("base64-decode", 1)
def base64_decode(_focus: Focus, text: Value) -> str:
    """Decode base64 into text; empty for what is none."""
    try:
        return base64.b64decode(text_of(text), validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""


@function("uuid", 0, 1)
def uuid(focus: Focus, *length: Value) -> str:
    """Return a new identifier, cut to a length if one is given."""
    identifier = focus.world.new_uuid()
    if not length:
        return identifier
    wanted = number_of(length[0], focus.world.zone)
    if not 0 <= wanted <= 10_000:
        raise EvaluationError(f"uuid() takes a length up to 10000, not {text_of(length[0])!r}")
    while len(identifier) < wanted:
        identifier += focus.world.new_uuid()
    return identifier[: int(wanted)]
