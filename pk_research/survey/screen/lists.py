"""Long lists of choices: sent once, kept by the browser under the hash of what they hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from pk_research.survey.choices import Choice, choices_of, is_static
from pk_research.survey.definition import Control
from pk_research.survey.texts import Speaker
from pk_research.survey.tree import Node

LONGEST_INLINE = 300


@dataclass(frozen=True, slots=True)
class LongList:
    """A list too long to be drawn.

    Attributes
    ----------
    hash
        Names it.
    content
        JSON: pairs of value and label, one a line, so that a browser can read it line by line.
    labels
        Label by value.
    """

    hash: str
    content: bytes
    labels: dict[str, str]

    def search(self, query: str, *, limit: int) -> list[list[str]]:
        """Return the choices whose label or value holds every word of a query."""
        words = query.casefold().split()
        found: list[list[str]] = []
        for value, label in self.labels.items():
            text = f"{label} {value}".casefold()
            if all(word in text for word in words):
                found.append([value, label])
                if len(found) == limit:
                    break
        return found


def long_list(choices: Iterable[Choice]) -> LongList:
    """Make a long list of choices.

    Examples
    --------
    >>> long_list([Choice("3216012001", "Sagara Makmur")]).search("makmur", limit=5)
    [['3216012001', 'Sagara Makmur']]
    """
    labels = {choice.value: choice.label for choice in choices}
    lines = (json.dumps(pair, ensure_ascii=False, separators=(",", ":")) for pair in labels.items())
    content = "[\n{}\n]".format(",\n".join(lines)).encode()
    return LongList(hashlib.sha256(content).hexdigest()[:32], content, labels)


# A list that no answer filters is the same for everybody who fills the form: made once.
_STATIC: WeakKeyDictionary[Control, dict[str, LongList | list[Choice]]] = WeakKeyDictionary()


def offered(control: Control, node: Node, speaker: Speaker) -> LongList | list[Choice]:
    """Return what a question offers now: choices, or a long list of them."""
    if not is_static(control):
        return _sized(choices_of(control, node, speaker))
    kept = _STATIC.setdefault(control, {})
    if speaker.language not in kept:
        kept[speaker.language] = _sized(choices_of(control, node, speaker))
    return kept[speaker.language]


def _sized(choices: list[Choice]) -> LongList | list[Choice]:
    return long_list(choices) if len(choices) > LONGEST_INLINE else choices
