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
from pk_research.language import LANGUAGES

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


class Tabs(_Drawn):
    """A row of tabs; the panel of each is a widget with the class ``pk-panel-`` and its name.

    Arrow keys, Home and End go from tab to tab.

    Attributes
    ----------
    label
        What the row is called, for screen readers.
    options
        Pairs of name and text to show.
    value
        Name of the tab that is open.
    """

    _esm = _HERE / "tabs.js"
    label = traitlets.Unicode().tag(sync=True)
    options: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)


class Day(_Drawn):
    """A day of the calendar, or none.

    It is given as it was typed: whoever reads it checks it.

    Attributes
    ----------
    label
        Which day it is.
    value
        The day as ``2026-08-17``; empty for none; `WRONG` for what is no day.
    is_wrong
        Whether it is marked as wrong.
    """

    WRONG = "?"
    _esm = _HERE / "day.js"
    label = traitlets.Unicode().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
    is_wrong = traitlets.Bool(default_value=False).tag(sync=True)


class LanguageChoice(_Drawn):
    """The language of an app: the one its page was asked for in, until another button is pressed.

    A kernel may be older than its visit, so the browser says in which language the page came.

    Attributes
    ----------
    value
        ``"id"`` or ``"en"``.
    """

    _esm = _HERE / "language.js"
    value = traitlets.Enum(LANGUAGES, "id").tag(sync=True)

    def __init__(self, **traits: Any) -> None:  # noqa: ANN401
        super().__init__(**traits)
        self.on_msg(self._hear)

    def _hear(self, _widget: object, content: dict[str, object], _buffers: object) -> None:
        """Speak the language asked for, and say when everything does; whoever asks may send anything."""
        asked = content.get("asked")
        if asked in LANGUAGES:
            self.value = asked
        self.send({"spoken": True})


class VillageAddress(_Drawn):
    """The address of a village's page: what the visitor came with, and a button that copies it.

    A kernel may be older than its visit, so the browser says what stands in its address bar. It is
    given as it is: whoever reads it checks it. A click on a link with ``data-pk-village`` anywhere
    in the app comes as a message ``{"village": code}``.

    Attributes
    ----------
    search
        The part of the address from its question mark, as the browser has it.
    code
        Code of the village whose address it is; empty when none is chosen.
    copy_label, copied_label, print_label
        What the buttons say.
    """

    _esm = _HERE / "address.js"
    search = traitlets.Unicode().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    copy_label = traitlets.Unicode().tag(sync=True)
    copied_label = traitlets.Unicode().tag(sync=True)
    print_label = traitlets.Unicode().tag(sync=True)


class DirectionList(_Drawn):
    """Indicators to pick, each with a button that says which end is better and turns it.

    Attributes
    ----------
    label, search_label
        What is being chosen, and what the search field says.
    direction_labels
        What the button says where higher is better, and where lower is.
    options
        Name, text, heading it stands under and proposed direction (1 or -1) of each.
    value
        Direction of the chosen ones by name.
    """

    _esm = _HERE / "directions.js"
    label = traitlets.Unicode().tag(sync=True)
    search_label = traitlets.Unicode().tag(sync=True)
    direction_labels: traitlets.List[str] = traitlets.List().tag(sync=True)
    options: traitlets.List[list[object]] = traitlets.List().tag(sync=True)
    value: traitlets.Dict[str, int] = traitlets.Dict().tag(sync=True)


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
