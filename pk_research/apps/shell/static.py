"""Scripts and styles that lie in folders, as Jupyter and Voila serve them, with refusals of ours."""

from __future__ import annotations

from jupyter_server.base.handlers import FileFindHandler
from jupyterlab_server.themes_handler import ThemesHandler
from voila.static_file_handler import MultiStaticFileHandler

from pk_research.apps.survey.plain import Plain


class ThemeFile(Plain, ThemesHandler):
    """A style of JupyterLab."""


class TemplateFile(Plain, MultiStaticFileHandler):  # type: ignore[misc]
    """A script or style of Voila's templates."""


class ExtensionFile(Plain, FileFindHandler):
    """A script or style of a widget."""
