"""The desk: the engine works in threads, so that the server never waits, one hand at a draft at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from weakref import WeakValueDictionary

from pk_research.apps.survey.fillings import Fillings
from pk_research.store import Store

N_THREADS = 8

T = TypeVar("T")


class Desk:
    """Where the handlers of the survey app have their work done.

    Parameters
    ----------
    store
        The store.

    Attributes
    ----------
    fillings
        The drafts at work.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.fillings = Fillings(store)
        self._threads = ThreadPoolExecutor(N_THREADS, thread_name_prefix="survey")
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def do(self, work: Callable[[], T]) -> T:
        """Do something in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def do_with(self, draft_id: str, work: Callable[[], T]) -> T:
        """Do something with a draft in a thread, after all that others asked to do with it."""
        turn = self._turns.get(draft_id)
        if turn is None:
            self._turns[draft_id] = turn = asyncio.Lock()
        async with turn:
            return await self.do(work)
