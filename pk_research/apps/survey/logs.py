"""The log of requests: which handler, what came of it, how long it took; never an address or a query.

Addresses of the survey app hold invitation tokens, codes and identifiers of drafts.
"""

from __future__ import annotations

import logging

from tornado.web import RequestHandler

log = logging.getLogger("tornado.access")


def log_request(handler: RequestHandler) -> None:
    """Write one line for a request that was answered; tornado's ``log_function``."""
    status = handler.get_status()
    level = logging.ERROR if status >= 500 else logging.WARNING if status >= 400 else logging.INFO
    name, asked = type(handler).__name__, str(handler.request.method)
    method = asked if asked in handler.SUPPORTED_METHODS else "?"
    taken_ms = 1000 * handler.request.request_time()
    facts = {"status": status, "method": method, "handler": name, "ms": round(taken_ms)}
    log.log(level, "%d %s %s %.0f ms", status, method, name, taken_ms, extra={"facts": facts})


def keep_addresses_out() -> None:
    """Let tornado's own logs tell nothing of who asked for what, either.

    A refusal is in the log of requests already; of what was not expected the traceback is kept.
    """
    logging.getLogger("tornado.general").addFilter(_is_no_refusal)
    logging.getLogger("tornado.application").addFilter(_without_request)


def _is_no_refusal(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("%d %s: ")


def _without_request(record: logging.LogRecord) -> bool:
    if str(record.msg).startswith("Uncaught exception %s"):
        record.msg, record.args = "Uncaught exception in a request", ()
    return True
