"""A form on screen: one widget in JupyterLab and Voila, and the same script for pages of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pk_research.apps.form.widget import FormWidget

__all__ = ["FormWidget"]


def __getattr__(name: str) -> object:
    # A server that sends the script alone does not load the widget machinery.
    if name == "FormWidget":
        from pk_research.apps.form.widget import FormWidget

        return FormWidget
    raise AttributeError(name)
