"""A house to attack, whoever is in it, and what was honestly sent there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from forged_survey import FORM, Filler, upload
from pyxform.xls2xform import convert
from survey_server import RESEARCHER, SurveyHouse, survey_house


@pytest.fixture(scope="module")
def house(project, tmp_path_factory) -> Iterator[SurveyHouse]:
    with survey_house(tmp_path_factory.mktemp("forged"), project=project) as house:
        house.store.forms.publish(convert(xlsform=FORM, pretty_print=False).xform, by=RESEARCHER)
        yield house


@pytest.fixture(scope="module")
def filler(house) -> Filler:
    filler = Filler.invited(house)
    filler.sync(owner="Aminah", workers="4", licensed="yes", number="7")
    return filler


@pytest.fixture(scope="module")
def victim(house) -> Filler:
    """Somebody else, with answers and a file that are nobody's business."""
    victim = Filler.invited(house)
    victim.sync(owner="Ibu Rahasia")
    assert upload(victim, "rahasia.png").status == 200
    return victim


@pytest.fixture(scope="module")
def sent(house) -> dict[str, str]:
    """What was sent honestly: the owner by receipt code."""
    return {}
