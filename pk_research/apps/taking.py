"""Files that visitors take away: each is in the audit log before it is handed over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from pk_research.apps.files import File

if TYPE_CHECKING:
    from pk_research.store import Store

log = logging.getLogger(__name__)

Make = Callable[[], File | None]


def recorded(make: Make, store: Store | None) -> Make:
    """Return what makes a file and writes into the audit log that it was taken away.

    Parameters
    ----------
    make
        Makes the file; None when there is nothing to give.
    store
        Whose log; without one nothing is handed over by a served app, so it is not written either.

    Notes
    -----
    A file that cannot be written down is not handed over.
    """

    def make_and_record() -> File | None:
        from pk_research.disclosure.outward import record_open

        try:
            file = make()
            if file is not None and store is not None:
                record_open(store, file.name, file.content, withheld=file.withheld)
        except Exception:
            log.exception("a download failed")
            return None
        return file

    return make_and_record
