"""The OpenRosa endpoint: ODK Collect on a phone gets its forms here and sends what was filled offline.

A phone is given ``/key/<token>``, where the token is that of an invitation (`pk_research.store.access`),
or ``/openrosa`` with the name and password of an account. It is part of the apps server; a Jupyter server
answers the same addresses with this package as its extension.
"""

from __future__ import annotations

from typing import Any

from pk_research.apps.openrosa.collect import collect_qr, collect_settings

__all__ = ["collect_qr", "collect_settings"]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "pk_research.apps.openrosa"}]


def _load_jupyter_server_extension(server: Any) -> None:  # noqa: ANN401 - whichever Jupyter server
    from pk_research.apps.openrosa.extension import mount

    mount(server.web_app)
