"""What every page of the survey app works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import jinja2

from pk_research.apps.survey.assets import Asset, survey_assets
from pk_research.apps.survey.desk import Desk
from pk_research.apps.survey.paces import Paces
from pk_research.settings import Networks, read_settings
from pk_research.store import Store

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class House:
    """The survey app of one server.

    Attributes
    ----------
    store
        Where everything is kept.
    base
        What the address of the server begins with, ending in a slash.
    paces
        How often it was asked.
    assets
        Scripts and styles, by plain name.
    proxies
        Who is believed for whom they ask.
    """

    store: Store
    base: str
    paces: Paces = field(default_factory=Paces)
    assets: dict[str, Asset] = field(default_factory=survey_assets)
    proxies: Networks = field(default_factory=lambda: read_settings().trusted_proxies)

    @cached_property
    def desk(self) -> Desk:
        """Where the engine works."""
        return Desk(self.store)

    @cached_property
    def templates(self) -> jinja2.Environment:
        """The pages, in which every value is escaped."""
        loader = jinja2.FileSystemLoader(TEMPLATES)
        return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)

    def asset(self, name: str) -> str:
        """Return the address of a script or style."""
        return f"{self.base}survey/static/{self.assets[name].name}"
