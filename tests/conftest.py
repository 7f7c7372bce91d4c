"""Fixtures every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """The checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data and published results, kept beside the checkout and never inside it."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the real data is not here: there is no folder shared/ beside the checkout")
    return folder
