"""The plan of the house: chapters in order, a light front door, nothing that names a machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHAPTERS = [
    "errors",
    "settings",
    "language",
    "compute",
    "writing",
    "codebook",
    "register",
    "sources",
    "survey",
    "store",
    "quality",
    "palette",
    "sheet",
    "indicators",
    "sample",
    "clusters",
    "products",
    "policy",
    "disclosure",
    "publish",
    "apps",
    "workbench",
    "cli",
    "__main__",
]
HEAVY = {"pandas", "numpy", "sklearn", "matplotlib", "scipy", "sqlalchemy", "babel", "pyarrow", "typer"}


def chapter_files(package: Path) -> list[tuple[str, Path]]:
    return [
        (path.relative_to(package).parts[0].removesuffix(".py"), path)
        for path in sorted(package.rglob("*.py"))
        if path.name != "__init__.py" or path.parent != package
    ]


def chapters_imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are written in full"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    parts = [name.split(".") for name in names]
    return {part[1] for part in parts if part[0] == "pk_research" and len(part) > 1} & set(CHAPTERS)


def test_a_chapter_imports_only_from_chapters_above_it(project):
    files = chapter_files(project / "pk_research")
    assert {chapter for chapter, _ in files} <= set(CHAPTERS), "a new chapter needs its place in the order"
    for chapter, path in files:
        below = {name for name in chapters_imported(path) if CHAPTERS.index(name) > CHAPTERS.index(chapter)}
        assert below == set(), f"{path} imports {below}, which come later"


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, pk_research; print(' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True).split())
    assert loaded & HEAVY == set()


def test_importing_the_light_chapters_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from pk_research import errors, settings, language, codebook, register\n"
        "print(' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    )
    loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True).split())
    assert loaded & HEAVY == set()


def test_every_dependency_is_locked_by_hash_and_no_index_is_named(project):
    lock = (project / "requirements.lock").read_text(encoding="utf-8")
    wanted = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [line.split(">=")[0] for line in wanted["dependencies"] + wanted["optional-dependencies"]["test"]]
    for name in names:
        assert f"\n{name.replace('[binary]', '')}==" in f"\n{lock}", (
            f"{name} is not in requirements.lock: run `make lock`"
        )
    assert "://" not in lock
    for block in lock.split("\n\n"):
        assert "==" not in block or "--hash=sha256:" in block


CONDA_NAMES = {"brotli": "brotli-python", "playwright": "playwright-python", "psycopg[binary]": "psycopg"}


def conda_lines(text: str) -> list[str]:
    listed = text.partition("dependencies:")[2]
    lines = [line.strip()[2:] for line in listed.splitlines() if line.strip().startswith("- ")]
    return [line for line in lines if line != "pip:"]


def conda_line(requirement: str) -> str:
    name, bound = requirement.split(">=")
    return f"{CONDA_NAMES.get(name, name)}>={bound}"


def test_conda_makes_the_same_environment(project):
    wanted = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    expected = ["pip", f"python{wanted['requires-python']}"]
    expected += [conda_line(r) for r in wanted["dependencies"] + wanted["optional-dependencies"]["test"]]
    given = conda_lines((project / "environment.yml").read_text(encoding="utf-8"))
    assert sorted(given) == sorted(expected)


@pytest.mark.parametrize("tree", ["pk_research", "tests", "notebooks", "data", "docs"])
def test_no_file_names_a_machine_path(project, tree):
    for path in (project / tree).rglob("*"):
        if path.suffix in {".py", ".md", ".ipynb", ".csv", ".json", ".toml", ".yml", ".po", ".j2", ".js"}:
            text = path.read_text(encoding="utf-8")
            for prefix in ("/" + "work/", "/" + "root/"):
                assert prefix not in text, path


def test_no_test_runs_a_loop_in_the_thread_where_a_browser_may_have_left_one(project):
    """Whether one did depends on the files of tests a worker had before; `awaiting.awaited` does not mind."""
    of_their_own_process = {"survey_process.py"}
    for path in (project / "tests").rglob("*.py"):
        if path.name not in of_their_own_process:
            running = r"asyncio\.run\(|\.run_sync\(|\.run_until_complete\("
            assert not re.search(running, path.read_text(encoding="utf-8")), path
