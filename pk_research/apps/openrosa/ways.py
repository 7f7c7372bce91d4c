"""By which way a request came: in the clear or not, straight from this machine or through a proxy on it."""

from __future__ import annotations

from ipaddress import ip_address

from tornado.httputil import HTTPServerRequest

_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto")


def scheme(request: HTTPServerRequest) -> str:
    """Return ``https`` or ``http``, as the phone sees it: a proxy on this machine is believed."""
    said = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower()
    is_believed = said in {"http", "https"} and is_this_machine(str(request.remote_ip))
    return said if is_believed else str(request.protocol)


def is_private(request: HTTPServerRequest) -> bool:
    """Return whether nobody can listen on the way: it is encrypted, or does not leave this machine."""
    is_proxied = any(name in request.headers for name in _OF_PROXIES)
    return scheme(request) == "https" or (is_this_machine(str(request.remote_ip)) and not is_proxied)


def is_this_machine(origin: str) -> bool:
    """Return whether a network address is that of this machine itself.

    Examples
    --------
    >>> [is_this_machine(origin) for origin in ("127.0.0.1", "::1", "192.168.1.4", "0.0.0.0/x")]
    [True, True, False, False]
    """
    try:
        return ip_address(origin).is_loopback
    except ValueError:
        return False
