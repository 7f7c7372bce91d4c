"""The page that tells how to fill the form with ODK Collect: a code to scan, and three steps."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import ClassVar

import jinja2
from markupsafe import Markup

from pk_research.apps.openrosa.collect import collect_qr
from pk_research.apps.openrosa.ways import scheme
from pk_research.apps.survey.house import TEMPLATES as SURVEY_TEMPLATES
from pk_research.apps.survey.house import House
from pk_research.apps.survey.pages import SurveyPage
from pk_research.store.actors import Actor

TEMPLATES = Path(__file__).with_name("templates")


class PhoneHouse(House):
    """The survey app's house, with a page more."""

    @cached_property
    def templates(self) -> jinja2.Environment:
        """Its pages, and ours."""
        loader = jinja2.FileSystemLoader([TEMPLATES, SURVEY_TEMPLATES])
        return super().templates.overlay(loader=loader)


class CollectPage(SurveyPage):
    """How to fill a form with ODK Collect."""

    referrer: ClassVar[str] = "no-referrer"

    async def get(self, token: str) -> None:
        """Show it to whoever has an invitation."""
        title = await self.house.desk.do(partial(self._title, token))
        host = f"{scheme(self.request)}://{self.request.host}{self.house.base}"
        self.show(
            "collect.html",
            form=title,
            url=f"{host}key/{token}",
            qr=Markup(collect_qr(f"{host}key/{token}")),  # noqa: S704 - drawn here
            invitation=f"{self.house.base}i/{token}",
        )

    def _title(self, token: str) -> str:
        actor: Actor = self.store.access.invited(token, origin=self.origin)
        return ", ".join(self.store.forms.find(form_id).title for form_id in sorted(actor.forms or ()))
