"""The key of the house: one, private, and never half written."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pytest

from pk_research.errors import NotReady
from pk_research.store.access import read_secret


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    key = read_secret(tmp_path, environ={})
    assert len(key) == 32
    assert read_secret(tmp_path, environ={}) == key
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def _read(folder: Path) -> bytes:
    return read_secret(folder, environ={})


def test_processes_that_begin_at_once_get_the_same_key(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_read, [tmp_path] * 16))) == 1


def test_a_key_that_is_given_comes_first(tmp_path):
    assert read_secret(tmp_path, environ={"PK_SECRET": "ab" * 32}) == b"\xab" * 32
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.parametrize("given", ["short", "ab" * 31, "zz" * 32])
def test_a_key_that_is_none_is_refused(tmp_path, given):
    with pytest.raises(NotReady, match="PK_SECRET: it is not a key of 32 bytes"):
        read_secret(tmp_path, environ={"PK_SECRET": given})


def test_a_damaged_key_is_refused_rather_than_replaced(tmp_path):
    (tmp_path / "secret.key").write_bytes(b"cut")
    with pytest.raises(NotReady, match="Restore the key from your backup"):
        read_secret(tmp_path, environ={})
