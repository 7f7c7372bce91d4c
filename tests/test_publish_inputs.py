"""What a run is made of is compared with an earlier one: where, what, and what to do."""

from __future__ import annotations

import json

import pytest

from pk_research.errors import BadInput
from pk_research.publish import inputs_of, machine, off_the_lock, unlike


def test_every_file_of_data_and_code_and_the_lock_is_an_input_and_nothing_else(tmp_path):
    for name in ("data/a.csv", "pk_research/x.py", "requirements.lock", "README.md", "workspace/store.sqlite",
                 "pk_research/__pycache__/x.pyc"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    was = inputs_of(tmp_path)
    assert [*was] == ["data/a.csv", "pk_research/x.py", "requirements.lock"]
    (tmp_path / "data" / "a.csv").write_text("4", encoding="utf-8")
    assert {name for name, digest in inputs_of(tmp_path).items() if was[name] != digest} == {"data/a.csv"}


def entry(**changed):
    return {"notebook": "01-a", "sha256": "0", "parameters": "SEED = 7  # of the lots\nK = 3"} | changed


BEFORE = {
    "inputs": {"data/a.csv": "0", "data/b.csv": "0", "data/c.csv": None},
    "notebooks": [entry(), entry(notebook="02-b")],
    "python": "3.11.7",
    "system": "Linux x86_64",
    "libraries": {"numpy": "2.1", "scipy": "1.0"},
    "outside": [],
}
OTHERWISE = "Put it back as it was, or expect other numbers."
CHANGES = {
    "a twin": (
        {"inputs": {"data/a.csv": "0", "data/b.csv": "0", "data/c.csv": "9"}},
        (
            "data/c.csv: it is a made twin of restricted data, from which the exhibits were made."
            " Expect other numbers, or get the data: see the README."
        ),
    ),
    "a value": (
        {"inputs": {"data/a.csv": "1", "data/b.csv": "0"}},
        f"data/a.csv: it was changed. {OTHERWISE}\ndata/c.csv: it is missing. Put it back.",
    ),
    "a seed": (
        {"notebooks": [entry(sha256="1", parameters="SEED = 8\nK = 3")]},
        "notebooks/01-a.ipynb: its parameters were changed: was `SEED = 7`, is `SEED = 8`. " + OTHERWISE,
    ),
    "a cell": (
        {"notebooks": [entry(sha256="1")]},
        f"notebooks/01-a.ipynb: its cells were changed. {OTHERWISE}",
    ),
    "a library": (
        {"libraries": {"numpy": "2.0", "scipy": "1.0"}},
        "numpy: it was version 2.1 and is 2.0. Remove `.venv`, then `make install`.",
    ),
    "the processor": (
        {"system": "Linux aarch64"},
        (
            "system: it was Linux x86_64 and is Linux aarch64. Expect other last digits, and other points of"
            " pictures."
        ),
    ),
    "a setting": (
        {"outside": [{"setting": "PK_BOUNDARIES", "name": "map.geojson", "sha256": "0"}]},
        "PK_BOUNDARIES: map.geojson was read, which the earlier run did not. Run without that setting.",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_unlike_is_told_with_its_place_and_what_to_do(change):
    now, expected = CHANGES[change]
    assert "\n".join(str(one) for one in unlike(BEFORE, now)) == expected


def test_a_run_that_does_not_say_of_which_files_it_was_made_is_told():
    [told] = unlike({"python": "3.11.7"}, {"inputs": {"data/a.csv": "0"}, "python": "3.11.7"})
    assert str(told).startswith("the earlier run: an earlier version of the package made it")


def test_the_same_is_unlike_in_nothing():
    here = machine()
    json.dumps(here)
    assert unlike(here | {"inputs": {"a": "0"}}, here | {"inputs": {"a": "0"}}) == ()
    assert here["processor"] or here["system"]


def test_a_library_of_another_version_than_the_lock_pins_for_this_system_is_told():
    lock = (
        "numpy==2.5.5 ; python_version < '3' \\\n    --hash=sha256:00\n"
        "numpy==2.1.0 ; python_version >= '3' \\\n    --hash=sha256:00\n"
        "et-xmlfile==2.0.0\n    # via openpyxl\nnot-here==1.0\n"
    )
    assert off_the_lock(lock, {"numpy": "2.1.0", "et_xmlfile": "2.0.0"}) == ()
    [told] = off_the_lock(lock, {"numpy": "2.0.9", "et_xmlfile": "2.0.0"})
    assert str(told) == (
        "numpy: version 2.0.9 is installed, requirements.lock says 2.1.0."
        " Remove `.venv`, then `make install`."
    )


def test_lines_of_the_lock_that_cannot_be_read_are_told_all_at_once():
    with pytest.raises(BadInput) as caught:
        off_the_lock("numpy==2.1.0\nscipy==1.0 ; when I say\nesda==one two\n", {})
    assert [one.where for one in caught.value.problems] == [
        "requirements.lock, line 2",
        "requirements.lock, line 3",
    ]
