"""A house that phones talk to, one of its forms with files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openrosa_phone import PHOTOS, PICTURE, VILLAGES
from pyxform.xls2xform import convert
from survey_server import RESEARCHER, SurveyHouse, survey_house


@pytest.fixture(scope="module")
def house(project, tmp_path_factory) -> Iterator[SurveyHouse]:
    """Run a server for phones in front of a new house; in the end, nothing failed there unseen."""
    with survey_house(tmp_path_factory.mktemp("openrosa"), project=project) as house:
        files = {"peta.png": PICTURE, "villages.csv": VILLAGES}
        xform = convert(xlsform=PHOTOS, pretty_print=False).xform
        house.store.forms.publish(xform, by=RESEARCHER, files=files)
        yield house
        assert "Traceback" not in house.log.read_text()
