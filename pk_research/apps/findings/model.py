"""The state of the findings app: what is chosen, and what comes out. No widgets here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import traitlets

from pk_research.apps.findings import choices, trouble
from pk_research.apps.findings.address import Astray, asked_village, astray, village_years
from pk_research.apps.model import TabbedModel
from pk_research.apps.trouble import UNEXPECTED, CannotShow
from pk_research.clusters import Typology, usual_types, usual_variables
from pk_research.compute import computing
from pk_research.disclosure import types_to_tell, without_small
from pk_research.errors import PkError
from pk_research.language import Message
from pk_research.register import load_register
from pk_research.sources import Dataset
from pk_research.store import Store, StoredDataset

log = logging.getLogger(__name__)
TYPES, POTENTIAL, VILLAGE = "types", "potential", "village"


class FindingsModel(TabbedModel):
    """What one visitor has chosen and what comes out of it.

    Setting a choice recomputes what depends on it, once. Nothing raises: what goes wrong is in
    ``message``, as a sentence for the visitor, and the details are in the log.

    Parameters
    ----------
    store
        The open store.

    Attributes
    ----------
    language
        ``"id"`` or ``"en"``.
    dataset_name
        Name of the chosen dataset; empty when the store has none.
    area
        Code of the chosen regency; empty when the dataset is small enough to be shown whole.
    year
        The chosen year; None for data without years.
    variables
        Names of the chosen indicators, in the order of the codebook.
    k
        Number of types; None to have it chosen.
    selected
        Code of the village looked at; empty when none is.
    sought
        A text that means no village or several; empty when there is nothing to clear up.
    astray
        Why an address led to no village; None when it led to one.
    tab
        What is looked at: ``"types"``, ``"potential"`` or ``"village"``.
    ranked_by
        Indicator of the ranked table.
    highest_first
        Its direction.
    offered
        Datasets with villages, the latest loaded first.
    areas
        Regencies to choose from; empty when the dataset is small enough.
    dataset
        The rows of the chosen dataset and area.
    shown
        The same without values of few people or enterprises: what a page may tell.
    n_withheld
        How many values of ``dataset`` that leaves out.
    typology
        What came out, without such values; None when nothing could.
    status
        ``"working"`` while computing, then ``"ready"`` or ``"failed"``.
    message
        Why it failed.
    """

    dataset_name = traitlets.Unicode()
    area = traitlets.Unicode()
    year = traitlets.Int(None, allow_none=True)
    variables = traitlets.Tuple()
    k = traitlets.Int(None, allow_none=True, min=2, max=10)
    selected = traitlets.Unicode()
    sought = traitlets.Unicode()
    astray = traitlets.Instance(Astray, allow_none=True)
    tab = traitlets.Enum((TYPES, POTENTIAL, VILLAGE), TYPES)
    ranked_by = traitlets.Unicode()
    highest_first = traitlets.Bool(default_value=True)

    offered = traitlets.Tuple()
    areas = traitlets.Tuple()
    dataset = traitlets.Instance(Dataset, allow_none=True)
    shown = traitlets.Instance(Dataset, allow_none=True)
    n_withheld = traitlets.Int()
    typology = traitlets.Instance(Typology, allow_none=True)
    status = traitlets.Enum(("ready", "working", "failed"), "ready")

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self._register = load_register()
        self._whole: Dataset | None = None
        self._is_settling = False
        self._settle(self._start)

    @property
    def made(self) -> bool:
        """Whether what is shown is made."""
        return self.dataset is not None and self.dataset.provenance.made

    @traitlets.observe("dataset_name")
    def _on_dataset(self, _change: Any) -> None:  # noqa: ANN401 - a traitlets bunch
        self._settle(self._open)

    @traitlets.observe("area")
    def _on_area(self, _change: Any) -> None:  # noqa: ANN401
        self._settle(self._narrow)

    @traitlets.observe("year", "variables", "k")
    def _on_choice(self, _change: Any) -> None:  # noqa: ANN401
        self._settle(lambda: None)

    @traitlets.observe("selected")
    def _on_selected(self, change: Any) -> None:  # noqa: ANN401
        if change["new"]:
            self.sought, self.astray = "", None

    def look_again(self) -> None:
        """Begin anew when datasets were loaded since; a kernel may be prepared long before its visitor."""
        if self._village_datasets() != self.offered:
            self._settle(self._start)

    def open_address(self, search: str) -> None:
        """Open the village that an address names; what stands there may be anything.

        Parameters
        ----------
        search
            The part of the address from its question mark, as a browser gives it.
        """
        asked = asked_village(search)
        if asked is not None:
            self.open_village(asked)

    def open_village(self, code: str) -> None:
        """Look at a village, in its area and in a year that has it; say so where there is none."""
        if self._whole is None:
            return
        years = village_years(self._whole, code)
        if years is None:
            self.selected = ""
            self.astray = astray(code, self._whole, self._register)
        else:
            self._go_to(code, years)
        self.tab = VILLAGE

    def _go_to(self, code: str, years: tuple[int, ...]) -> None:
        area = next((area.code for area in self.areas if code.startswith(area.code)), self.area)
        year = self.year if not years or self.year in years else years[0]
        if (area, year) != (self.area, self.year):
            self._settle(lambda: self._move(area, year))
        self.selected = code

    def _move(self, area: str, year: int | None) -> None:
        self.area, self.year = area, year
        self._narrow()

    def _settle(self, step: Callable[[], None]) -> None:
        """Take a step, then compute once, however many choices the step has set."""
        if self._is_settling:
            return
        self._is_settling = True
        self.status, self.message = "working", None
        try:
            step()
            self._compute()
            self.status = "ready"
        except CannotShow as reason:
            self._fail(reason.message)
        except Exception:
            log.exception("the findings app failed on %s", self._choice())
            self._fail(UNEXPECTED)
        finally:
            self._is_settling = False

    def _start(self) -> None:
        self.offered = self._village_datasets()
        for entry in self.offered:
            self.dataset_name = entry.name
            self._open()
            if self.variables:
                return
        raise CannotShow(trouble.NO_DATA)

    def _village_datasets(self) -> tuple[StoredDataset, ...]:
        return tuple(entry for entry in self.store.datasets() if entry.is_by_village)

    def _open(self) -> None:
        self._whole = self.store.read(self.dataset_name)
        self.areas = choices.areas(self._whole)
        self.area = choices.first_area(self.areas)
        self._narrow()

    def _narrow(self) -> None:
        if self._whole is None:
            raise CannotShow(trouble.NO_DATA)
        dataset = choices.within(self._whole, self.area)
        known = {variable.name for variable in choices.indicators(dataset)}
        self.shown, self.n_withheld = without_small(dataset)
        self.dataset = dataset
        years = choices.years(dataset)
        if self.year not in years:
            self.year = years[0] if years else None
        if not self.variables or not set(self.variables) <= known:
            self.variables = usual_variables(dataset, year=self.year)

    def _compute(self) -> None:
        if self.dataset is None:
            raise CannotShow(trouble.NO_DATA)
        if not choices.indicators(self.dataset):
            raise CannotShow(trouble.NO_INDICATORS)
        if not self.variables:
            raise CannotShow(trouble.NOTHING_CHOSEN)
        with computing():  # a cluster that does not answer is no fault of the visitor's choice
            found = self._find_types(self.dataset)
        typology, _ = types_to_tell(found, self.dataset)
        with self.hold_trait_notifications():  # what is shown is never half old, half new
            self.typology = typology
            if self.ranked_by not in self.variables:
                self.ranked_by = self.variables[0]
            if self.selected not in _codes(typology):
                self.selected = ""

    def _find_types(self, dataset: Dataset) -> Typology:
        try:
            return usual_types(dataset, variables=self.variables, year=self.year, k=self.k)
        except PkError as error:
            log.info("not computed: %s", error)
            reason = trouble.explain(dataset, self.variables, year=self.year, k=self.k)
            raise CannotShow(reason) from error

    def _fail(self, message: Message) -> None:
        self.typology = None
        self.message, self.status = message, "failed"

    def _choice(self) -> str:
        return f"{self.dataset_name} {self.area} {self.year} {self.variables} k={self.k}"


def _codes(typology: Typology) -> set[str]:
    column = typology.code_column
    return {*typology.villages[column], *typology.left_out[column].dropna()}
