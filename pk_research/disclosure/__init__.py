"""What may leave the building: tables, rows, places and texts, by `rules` that can be read.

`cells_of` tabulates with all totals and `suppress` hides what may not be shown; `alike` reports how far
rows can be told apart, `release_rows` makes them safe and `record_release` writes down what left.
"""

from pk_research.disclosure.alike import Alike, alike, blanked
from pk_research.disclosure.cells import Cells, cells_of
from pk_research.disclosure.linked import Earlier, record_table, released_before, suppress_linked
from pk_research.disclosure.makers import few_makers, without_few
from pk_research.disclosure.outward import Log, OpenTable, log_of, open_table, record_open, tells_who
from pk_research.disclosure.places import Moved, moved
from pk_research.disclosure.release import Release, record_release, release_rows
from pk_research.disclosure.rules import Rules
from pk_research.disclosure.shares import headings_of_shares
from pk_research.disclosure.submissions import Leaving, exported
from pk_research.disclosure.suppression import Suppressed, intervals, suppress
from pk_research.disclosure.texts import found_in, reviewed, to_review
from pk_research.disclosure.villages import (
    headings_of_people,
    small_in,
    types_to_tell,
    withheld_message,
    without_small,
)
from pk_research.disclosure.withheld import withheld_of

__all__ = [
    "Alike",
    "Cells",
    "Earlier",
    "Leaving",
    "Log",
    "Moved",
    "OpenTable",
    "Release",
    "Rules",
    "Suppressed",
    "alike",
    "blanked",
    "cells_of",
    "exported",
    "few_makers",
    "found_in",
    "headings_of_people",
    "headings_of_shares",
    "intervals",
    "log_of",
    "moved",
    "open_table",
    "record_open",
    "record_release",
    "record_table",
    "release_rows",
    "released_before",
    "reviewed",
    "small_in",
    "suppress",
    "suppress_linked",
    "tells_who",
    "to_review",
    "types_to_tell",
    "withheld_message",
    "withheld_of",
    "without_few",
    "without_small",
]
