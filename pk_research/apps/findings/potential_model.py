"""What a visitor makes of the index of economic potential. No widgets here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import traitlets

from pk_research.apps.findings import trouble
from pk_research.apps.findings.index_trouble import NO_WEIGHT
from pk_research.apps.findings.model import TYPES, FindingsModel
from pk_research.apps.trouble import UNEXPECTED, CannotShow
from pk_research.language import LANGUAGES, Message

if TYPE_CHECKING:
    from pk_research.codebook import Label
    from pk_research.sources import Dataset

log = logging.getLogger(__name__)
HEAVIEST = 10
START = 5


class PotentialModel(traitlets.HasTraits):
    """The index of one visitor: what is in it, what its parts weigh, and what comes out.

    It is computed for those who look at it, and again when they choose otherwise. Nothing raises:
    what goes wrong is in ``message``, as a sentence for the visitor.

    Parameters
    ----------
    findings
        What is chosen besides: data, year, village, language.

    Attributes
    ----------
    directions
        Chosen indicators by name: 1 where more is better, -1 where less is.
    weights
        Weight of each part, 0 to 10.
    offered
        Indicators to choose from.
    result
        What came out; None when nothing could, or nobody has looked.
    status
        ``"idle"`` before anybody looks, ``"working"``, ``"ready"`` or ``"failed"``.
    message
        Why it failed, or what must be said of what is shown.
    language, selected, tab
        As in the findings.
    """

    directions = traitlets.Dict()
    weights = traitlets.Dict()
    offered = traitlets.Tuple()
    result = traitlets.Instance("pk_research.apps.findings.potential.Potential", allow_none=True)
    status = traitlets.Enum(("idle", "working", "ready", "failed"), "idle")
    message = traitlets.Instance(Message, allow_none=True)
    language = traitlets.Enum(LANGUAGES, "id")
    selected = traitlets.Unicode()
    tab = traitlets.Unicode()

    def __init__(self, findings: FindingsModel) -> None:
        super().__init__()
        self._findings = findings
        self._computed_for: tuple[Dataset | None, int | None] | None = None
        self._is_settling = False
        for name in ("language", "selected", "tab"):
            traitlets.dlink((findings, name), (self, name))
        findings.observe(self._look, ["typology", "tab"])

    @property
    def findings(self) -> FindingsModel:
        """What is chosen besides."""
        return self._findings

    def reset(self) -> None:
        """Go back to the proposal, and compute once for all that this changes."""
        self._settle(self._propose)

    @traitlets.observe("directions")
    def _on_directions(self, _change: Any) -> None:  # noqa: ANN401 - a traitlets bunch
        self._settle(lambda: None)

    @traitlets.observe("weights")
    def _on_weights(self, _change: Any) -> None:  # noqa: ANN401
        self._settle(lambda: None)

    def _look(self, _change: object = None) -> None:
        """Compute only for those who look, and anew only for other data."""
        wanted = (self._findings.dataset, self._findings.year)
        if self._findings.tab == TYPES or self._computed_for == wanted:
            return
        has_new_data = self._computed_for is None or self._computed_for[0] is not wanted[0]
        self._computed_for = wanted
        self._settle(self._propose if has_new_data else lambda: None)

    def _propose(self) -> None:
        from pk_research.apps.findings.potential import offers

        dataset = self._findings.dataset
        self.offered = () if dataset is None else offers(dataset)
        self.directions = {offer.name: offer.direction for offer in self.offered if offer.is_proposed}
        self.weights = {}

    def _settle(self, step: Callable[[], None]) -> None:
        """Take a step, then compute once, however many choices the step has set."""
        if self._is_settling:
            return
        self._is_settling = True
        self.status = "working"
        try:
            step()
            self._compute()
            self.status = "ready"
        except CannotShow as reason:
            log.info("no index of %s for %s: %s", sorted(self.directions), self._where(), reason)
            self._fail(reason.message)
        except Exception:
            log.exception("the index could not be computed")
            self._fail(UNEXPECTED)
        finally:
            self._is_settling = False

    def _compute(self) -> None:
        from pk_research.apps.findings.potential import potential_of

        dataset = self._findings.dataset
        if dataset is None:
            raise CannotShow(trouble.NO_DATA)
        weights = {part: float(self.weights.get(part, START)) for part in self.parts}
        if weights and not sum(weights.values()) and self.result is not None:
            self.message = NO_WEIGHT
            return
        found = potential_of(dataset, year=self._findings.year, directions=self.directions, weights=weights)
        with self.hold_trait_notifications():
            self.message, self.result = None, found

    @property
    def parts(self) -> dict[str, Label]:
        """The parts that have a chosen indicator, in order, each with its label."""
        return {offer.part: offer.part_label for offer in self.offered if offer.name in self.directions}

    def _fail(self, message: Message) -> None:
        self.result = None
        self.message, self.status = message, "failed"

    def _where(self) -> str:
        return f"{self._findings.dataset_name} {self._findings.area} {self._findings.year}"
