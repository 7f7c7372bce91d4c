"""A filling that was sent, as the rest of the house passes it around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Filled:
    """A filling that was sent, with what is known about its sending.

    Attributes
    ----------
    instance_id
        Identifier of the submission: that of its first version, however often it was edited.
    form_id, version
        The form and the version of the form it fills.
    xml
        The filling, as it was received; in a list, with the engine's calculations where a phone's
        came stale.
    submitted_at
        When the first version was received, UTC.
    updated_at
        When the newest version was received, UTC; None where it was never edited.
    submitter_id, submitter_name
        Who sent it: an account or an invitation, by identifier and by display name. Neither is
        taken from the answers.
    device_id
        What the client calls its device; empty where it does not say.
    review_state
        ``received``, ``has issues``, ``approved`` or ``rejected``.
    edits
        How many later versions there are.
    attachments
        File name, as the filling gives it, to SHA-256 of the content; None where the file has not
        come yet.
    """

    instance_id: str
    form_id: str
    version: str
    xml: str
    submitted_at: datetime
    updated_at: datetime | None = None
    submitter_id: str = ""
    submitter_name: str = ""
    device_id: str = ""
    review_state: str = "received"
    edits: int = 0
    attachments: Mapping[str, str | None] = field(default_factory=dict)
