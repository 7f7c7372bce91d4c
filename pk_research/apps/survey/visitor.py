"""Who is looking at an app, as its kernel sees it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pk_research.store import Store
from pk_research.store.actors import HOUSE, Actor, Role

VARIABLE = "PK_VISITOR"


def current_actor(store: Store, *, environ: Mapping[str, str] = os.environ) -> Actor | None:
    """Return who opened the app that this kernel runs.

    Parameters
    ----------
    store
        Where the visitors are known.
    environ
        The variables of the kernel. The apps server puts the visitor's session there.

    Returns
    -------
    Actor or None
        The visitor; None when the session has ended. In JupyterLab, which sets no session, the
        supervisor of the house: whoever opens JupyterLab holds the files anyway.

    Examples
    --------
    >>> from pk_research.store import open_store
    >>> current_actor(open_store("sqlite://"), environ={}).identifier
    'house-supervisor'
    """
    session = environ.get(VARIABLE)
    return HOUSE[Role.SUPERVISOR] if session is None else store.access.who(session)
