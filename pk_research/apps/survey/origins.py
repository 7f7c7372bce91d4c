"""Where a request comes from, and by which scheme: as it was made, or as a trusted proxy says."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from pk_research.settings import Networks


def origin_of(peer: str, forwarded: Sequence[str], proxies: Networks) -> str:
    """Return the network address of whoever asks.

    Parameters
    ----------
    peer
        The address the connection comes from.
    forwarded
        The ``X-Forwarded-For`` headers, in order. Anybody can send one; each proxy adds at its end whom
        it was asked by, so they are read from there, as far as trusted proxies wrote them.
    proxies
        The proxies that are trusted.

    Examples
    --------
    >>> from ipaddress import ip_network
    >>> origin_of("127.0.0.1", ["198.51.100.9, 203.0.113.7"], (ip_network("127.0.0.1"),))
    '203.0.113.7'
    >>> origin_of("127.0.0.1", ["198.51.100.9, 203.0.113.7"], ())
    '127.0.0.1'
    """
    origin = peer
    for said in reversed(",".join(forwarded).split(",")):
        before = _address(said)
        if before is None or not _is_in(origin, proxies):
            break
        origin = str(before)
    return origin


def scheme_of(protocol: str, peer: str, forwarded: str, proxies: Networks) -> str:
    """Return ``https`` or ``http``, as the visitor's browser sees it.

    Parameters
    ----------
    protocol
        The scheme of the connection itself.
    peer, proxies
        As in `origin_of`.
    forwarded
        The ``X-Forwarded-Proto`` header; with several proxies, the outermost one's word stands first.

    Examples
    --------
    >>> from ipaddress import ip_network
    >>> scheme_of("http", "127.0.0.1", "https", (ip_network("127.0.0.1"),))
    'https'
    >>> scheme_of("http", "127.0.0.1", "https", ())
    'http'
    """
    said = forwarded.partition(",")[0].strip().lower()
    return said if said in {"http", "https"} and _is_in(peer, proxies) else protocol


def _is_in(origin: str, networks: Networks) -> bool:
    address = _address(origin)
    return address is not None and any(address in network for network in networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    # A server that listens on both kinds sees the older one so.
    return getattr(address, "ipv4_mapped", None) or address
