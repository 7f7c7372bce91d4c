"""The README claims only what runs: its Python is run, its commands exist, its links lead somewhere."""

from __future__ import annotations

import contextlib
import io
import re

import pytest

from pk_research.cli import app


@pytest.fixture(scope="module")
def readme(project):
    packed = project / "WORKBENCH.md"  # in a replication package README.md is that of the data editors
    return (packed if packed.exists() else project / "README.md").read_text(encoding="utf-8")


def test_its_python_runs(readme):
    blocks = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block, "README.md", "exec"), {})
        assert "villages were sorted into" in printed.getvalue()


def test_its_commands_exist(readme, project):
    verbs = {command.name or command.callback.__name__ for command in app.registered_commands}
    groups = {group.name: group.typer_instance.registered_commands for group in app.registered_groups}
    for first, second in re.findall(r"\bpk ([a-z]+)(?: ([a-z-]+))?", readme):
        assert first in verbs or second in {command.name for command in groups[first]}, (first, second)
    makefile = (project / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z-]+)`", readme)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


@pytest.mark.parametrize("name", ["README.md", "README.id.md", "CONTRIBUTING.md", "data/README.md"])
def test_its_links_lead_somewhere(project, name):
    folder = (project / name).parent
    text = (project / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert "://" in target or (folder / target).exists(), target
