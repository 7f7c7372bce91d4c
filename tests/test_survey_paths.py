"""A path names a node or none, whatever a client writes into it."""

from __future__ import annotations

import pytest

from pk_research.errors import NotFound
from pk_research.survey import parse_form
from pk_research.survey.paths import find_state, path_of_node

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>Desa</h:title><model>
<instance><data id="desa"><kk><jiwa/></kk></data></instance></model></h:head>
<h:body><repeat nodeset="/data/kk"><input ref="/data/kk/jiwa"/></repeat></h:body></h:html>"""


@pytest.mark.parametrize("path", ["/data/kk/jiwa", "/data/kk[1]/jiwa", "/data/kk[000000001]/jiwa"])
def test_a_path_with_or_without_a_number_is_found(path):
    session = parse_form(FORM).start()
    assert path_of_node(find_state(session.root, path).node) == "/data/kk[1]/jiwa"


@pytest.mark.parametrize("number", ["0", "2", "999999999", "1000000001", "9" * 5000, "-1", "1.0", "", "x"])
def test_a_number_of_no_instance_finds_nothing(number):
    session = parse_form(FORM).start()
    with pytest.raises(NotFound, match="no such question"):
        find_state(session.root, f"/data/kk[{number}]/jiwa")
