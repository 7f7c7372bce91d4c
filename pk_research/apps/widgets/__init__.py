"""The few controls that plain ipywidgets lack, each a small anywidget.

They work in JupyterLab and in Voila alike. What they show is HTML of our own making, with every
value escaped by whoever made it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from pk_research.apps.files import File

_HERE = Path(__file__).parent


class _Drawn(anywidget.AnyWidget):
    """A widget that our own script draws; until it has, the shell keeps the first page."""

    def __init__(self, **traits: Any) -> None:  # noqa: ANN401 - traits as given
        super().__init__(**traits)
        self.add_class("pk-drawn")


class VillagePicture(_Drawn):
    """A picture whose villages (elements with ``data-village-code``) can be chosen.

    It sends a message when it is first seen.

    Attributes
    ----------
    html
        The picture, as `pk_research.clusters.html` makes it.
    selected
        Code of the chosen village; empty when none is.
    language
        Language of the app it is part of, for screen readers.
    """

    _esm = _HERE / "picture.js"
    language = traitlets.Unicode("id").tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)
    selected = traitlets.Unicode().tag(sync=True)


class CheckList(_Drawn):
    """Several choices from a long list.

    Attributes
    ----------
    label
        What is being chosen.
    search_label
        What the search field says.
    options
        Pairs of name and text to show.
    value
        Chosen names, in the order of the list.
    """

    _esm = _HERE / "checklist.js"
    label = traitlets.Unicode().tag(sync=True)
    search_label = traitlets.Unicode().tag(sync=True)
    options: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    value: traitlets.List[str] = traitlets.List().tag(sync=True)


class Download(_Drawn):
    """A button that makes a file when it is pressed and hands it to the browser.

    Parameters
    ----------
    make
        Makes the file; None when there is nothing to give.

    Attributes
    ----------
    label
        What the button says.
    """

    _esm = _HERE / "download.js"
    label = traitlets.Unicode().tag(sync=True)

    def __init__(self, make: Callable[[], File | None], **traits: Any) -> None:  # noqa: ANN401
        super().__init__(**traits)
        self._make = make
        self.on_msg(lambda *_: self.hand_over())

    def hand_over(self) -> None:
        """Make the file and send it to the browser."""
        file = self._make()
        if file is None:
            self.send({})
        else:
            self.send({"name": file.name, "type": file.media_type}, buffers=[file.content])
