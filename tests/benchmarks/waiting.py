"""Waiting for a page, and for the servers behind it to have nothing left to do."""

from __future__ import annotations

import time

import psutil
from playwright.sync_api import Page


def until(page: Page, expression: str, timeout_s: float = 30) -> float:
    """Wait until a page gives a number other than zero.

    Playwright's own waiting evaluates strings, which the policy of our pages forbids.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if number := page.evaluate(expression):
            return float(number)
        page.wait_for_timeout(20)
    raise AssertionError(f"there is no {expression} after {timeout_s} s")


def wait_until_quiet(timeout_s: float = 20) -> None:
    """Wait until no server of ours is busy, with preheating a kernel for instance."""
    deadline = time.monotonic() + timeout_s
    before = _busy_s()
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = _busy_s()
        if now - before < 0.03:
            return
        before = now


def _busy_s() -> float:
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                continue
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
