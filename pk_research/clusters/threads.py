"""One thread for small numerical work: more only wait for each other, and may change rounding."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import cast

import sklearn.cluster  # noqa: F401 - loads the thread pools, so that they are found
from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which BLAS and OpenMP work on one thread, in this process."""
    return cast("AbstractContextManager[object]", _pools().limit(limits=1))


@cache
def _pools() -> ThreadpoolController:
    """Find the thread pools once: looking for them takes longer than a small fit."""
    return ThreadpoolController()
