"""The secret key of the house: made once, by whoever comes first, and read by nobody else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from pk_research.errors import BadInput, NotReady
from pk_research.settings import read_settings
from pk_research.store import open_store
from pk_research.store.access import read_secret

posix = pytest.mark.skipif(os.name != "posix", reason="other systems have no such permissions")


def test_it_is_made_once_and_stays(tmp_path):
    home = tmp_path / "new" / "home"
    key = read_secret(home)
    assert len(key) == 32
    assert read_secret(home) == key
    assert [path.name for path in home.iterdir()] == ["secret.key"], "nothing is left of making it"
    assert read_secret(tmp_path / "another") != key


@posix
def test_only_its_owner_may_read_it(tmp_path):
    old = os.umask(0)
    try:
        read_secret(tmp_path)
    finally:
        os.umask(old)
    path = tmp_path / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(NotReady, match="chmod 600"):
        read_secret(tmp_path)


def test_processes_that_start_at_once_have_one_key(tmp_path):
    code = (
        "import sys; from pathlib import Path; from pk_research.store.access import read_secret\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(read_secret(Path(sys.argv[1])).hex())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    keys = [process.communicate()[0].strip() for process in processes]
    assert keys == [read_secret(tmp_path).hex()] * 6


@pytest.mark.parametrize("content", ["", "not hexadecimal", "abcd", "00" * 31, "é"])
def test_a_damaged_file_is_said_and_never_replaced(tmp_path, content):
    path = tmp_path / "secret.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(NotReady, match="damaged"):
        read_secret(tmp_path)
    assert path.read_text(encoding="utf-8") == content


def test_it_may_be_given_from_elsewhere(tmp_path):
    given = "0123456789abcdef" * 2
    assert read_secret(tmp_path, given=given) == read_secret(tmp_path / "another", given=given)
    assert list(tmp_path.iterdir()) == [], "no file is made then"
    with pytest.raises(BadInput, match="PK_SECRET: it has fewer than 32 characters"):
        read_secret(tmp_path, given="short")


def test_a_store_reads_the_key_of_its_house(tmp_path, monkeypatch):
    monkeypatch.setenv("PK_HOME", str(tmp_path))
    monkeypatch.delenv("PK_SECRET", raising=False)
    store = open_store("sqlite://")
    assert store.secret == read_secret(tmp_path) == store.access.secret
    monkeypatch.setenv("PK_SECRET", "0123456789abcdef" * 2)
    assert open_store("sqlite://").secret != store.secret


def test_the_settings_do_not_show_it(tmp_path):
    settings = read_settings({"PK_SECRET": "0123456789abcdef" * 2, "PK_ATTACHMENTS": str(tmp_path)})
    assert "0123456789abcdef" not in repr(settings)
    assert settings.attachments == tmp_path
