"""A house with four submissions to supervise."""

from __future__ import annotations

import pytest
from store_house import BUDI, FORM, KEY, RESEARCHER, SITI, filling
from supervise_pages import NEIGHBOUR

from pk_research.store import Store, open_store


@pytest.fixture
def store() -> Store:
    """Siti sent two submissions from one village, Budi one from the next and one from nowhere."""
    opened = open_store("sqlite://", key=KEY)
    opened.forms.publish(FORM, by=RESEARCHER)
    for by, answers in [
        (SITI, {"owner": "Ibu Aminah", "workers": "4"}),
        (SITI, {"owner": "Pak Joko", "workers": "2"}),
        (BUDI, {"owner": "Ibu Rini", "village_code": NEIGHBOUR}),
        (BUDI, {"owner": "Pak Darto", "village_code": "9999999999"}),
    ]:
        opened.submissions.receive(filling(**answers), by=by, via="survey")
    return opened
