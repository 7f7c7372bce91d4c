"""What a review state is called elsewhere."""

from __future__ import annotations

from pk_research.survey.filled import Filled

_CENTRAL = {"has issues": "hasIssues", "approved": "approved", "rejected": "rejected"}
_KOBO = {
    "has issues": "validation_status_on_hold",
    "approved": "validation_status_approved",
    "rejected": "validation_status_not_approved",
}


def central_review(filled: Filled) -> str:
    """Return Central's word; empty for a filling only received, ``edited`` for one edited since.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> central_review(Filled("uuid:1", "desa", "", "", datetime(2026, 5, 1, tzinfo=UTC), edits=2))
    'edited'
    """
    return _CENTRAL.get(filled.review_state, "edited" if filled.edits else "")


def kobo_review(filled: Filled) -> str:
    """Return KoboToolbox's word; empty for a filling only received."""
    return _KOBO.get(filled.review_state, "")


def review_of(word: str) -> str:
    """Return the house's word for one of Central's or KoboToolbox's.

    Examples
    --------
    >>> review_of("hasIssues"), review_of("validation_status_approved"), review_of("edited")
    ('has issues', 'approved', 'received')
    """
    ours = {theirs: state for words in (_CENTRAL, _KOBO) for state, theirs in words.items()}
    return ours.get(word, "received")
