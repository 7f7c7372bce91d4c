"""Every column of every table in the house is explained, beside it or in the README of its folder."""

from __future__ import annotations

from pk_research.publish.dictionary import explained
from pk_research.publish.guard import unanswered_data
from pk_research.publish.sources import OURS


def test_a_codebook_beside_a_table_counts_and_no_readme_then():
    files = {
        "data/a.csv": "\ufeffcode,poor\n1,2\n".encode(),
        "data/README.md": b"`code`, `poor`",
        "data/a.codebook.csv": b"name,label_en\ncode,Code\n",
    }
    assert explained("data/a.csv", files) == ("data/a.codebook.csv", ("poor",))
    del files["data/a.codebook.csv"]
    assert explained("data/a.csv", files) == ("data/README.md", ())
    assert explained("data/a.csv", {"data/a.csv": b"code"}) == (None, ("code",))


def test_every_table_of_the_house_is_explained(project):
    files = {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in (project / "data").rglob("*")
        if path.is_file()
    }
    assert [str(one) for one in unanswered_data(files, OURS)] == []
    tables = [name for name in files if name.endswith(".csv") and not name.endswith(".codebook.csv")]
    assert len(tables) == 6
    for name in tables:
        without = {path: b"" if path.endswith("README.md") else text for path, text in files.items()}
        without.pop(f"{name.removesuffix('.csv')}.codebook.csv", None)
        assert any(one.where == name for one in unanswered_data(without, OURS)), name
