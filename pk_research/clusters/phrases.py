"""Parts of sentences that several modules of this chapter put together."""

from __future__ import annotations

from pk_research.codebook import Label, Variable
from pk_research.language import Bilingual, Message


def joined(first: Bilingual, last: Bilingual) -> Message:
    """Put a comma between two parts; ``reduce(joined, parts)`` lists any number of them.

    Examples
    --------
    >>> joined(Message("low"), Message("high")).text("en")
    'low, high'
    """
    return Message("{first}, {last}", {"first": first, "last": last})


def inside_sentence(variable: Variable) -> Bilingual:
    """Return the variable's label as it stands inside a sentence: no capital unless it is a title.

    Examples
    --------
    >>> inside_sentence(Variable("iks", "Indeks Ketahanan Sosial", "Social resilience index")).text("en")
    'social resilience index'
    """
    return plain(Label(variable.name, variable.label_id, variable.label_en))


def plain(label: Label) -> Label:
    """Return a label as it stands inside a sentence: no capital unless it is a title.

    Examples
    --------
    >>> plain(Label("earth", "Tanah", "Bare earth")).text("en"), plain(Label("s", "SD", "SD")).text("en")
    ('bare earth', 'SD')
    """
    return Label(label.value, _lowered(label.label_id), _lowered(label.label_en))


def _lowered(label: str) -> str:
    words = label.split()
    is_plain = bool(words) and words[0][1:].islower() and not any(word[0].isupper() for word in words[1:])
    return label[0].lower() + label[1:] if is_plain else label
