"""A form on some screen: what to draw, as plain data, and what was typed, as operations.

`Filling` holds one filling. It knows neither browser nor database: the widget, the apps and the
tests hand it what was typed and draw what it answers. docs/form-protocol.md has the whole protocol.
"""

from pk_research.survey.screen.filling import Filling

__all__ = ["Filling"]
