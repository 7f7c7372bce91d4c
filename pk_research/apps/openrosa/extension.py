"""The endpoint in a Jupyter server."""

from __future__ import annotations

import tornado.web

from pk_research.apps.openrosa.routes import handlers
from pk_research.apps.survey.assets import AssetFile
from pk_research.apps.survey.base import SurveyHandler
from pk_research.apps.survey.logs import log_request
from pk_research.apps.survey.routes import handlers as survey_handlers
from pk_research.settings import read_settings
from pk_research.store import store_of


def mount(application: tornado.web.Application) -> None:
    """Let a server answer phones, and the survey app's pages that theirs lead to.

    Parameters
    ----------
    application
        Of the Jupyter server.
    """
    store = store_of(read_settings())
    base = application.settings["base_url"]
    application.add_handlers(".*$", [*handlers(store, base), *survey_handlers(store, base)])
    log_others = application.settings.get("log_function")

    def log(handler: tornado.web.RequestHandler) -> None:
        # Jupyter writes addresses down, and ours hold tokens.
        if log_others is None or isinstance(handler, SurveyHandler | AssetFile):
            log_request(handler)
        else:
            log_others(handler)

    application.settings["log_function"] = log
