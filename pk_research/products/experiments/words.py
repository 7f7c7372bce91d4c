"""Names of segments."""

from __future__ import annotations

from pk_research.language import Message


def segment_name(group: str) -> Message:
    """Return what a segment is called: ``class2`` is segment 2.

    Examples
    --------
    >>> segment_name("class2").text("en")
    'Segment 2'
    """
    return Message("Segment {n}", {"n": group.removeprefix("class")})
