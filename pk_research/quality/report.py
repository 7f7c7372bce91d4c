"""The report on a dataset: what was found, as frames, sentences and a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from pk_research.codebook import Codebook
from pk_research.language import Language, Message
from pk_research.quality import page, wording
from pk_research.quality.findings import Finding, Severity, by_severity
from pk_research.quality.subject import ROW
from pk_research.sources.dataset import Provenance


@dataclass(frozen=True, eq=False)
class Report:
    """What the checks found in a dataset.

    Attributes
    ----------
    dataset_name
        Which dataset.
    provenance
        Where it came from and what was done to it on the way in.
    codebook
        Its variables.
    n_rows
        Rows of the dataset, total rows included.
    n_villages
        Different villages in it; None when it is not by village.
    missing
        One row a variable: ``variable``, ``n_rows``, ``n_missing``, ``share`` (0 to 1). Total rows
        do not count.
    missing_by_village
        One row a village that lacks something, most first: its code, its names, ``n_rows``,
        ``n_values``, ``n_missing``, ``share``.
    findings
        Errors first, then warnings, then notes.
    unchecked
        What could not be checked, and why.
    """

    dataset_name: str
    provenance: Provenance
    codebook: Codebook
    n_rows: int
    n_villages: int | None
    missing: pd.DataFrame
    missing_by_village: pd.DataFrame
    findings: tuple[Finding, ...]
    unchecked: tuple[Message, ...] = ()

    def count(self, severity: Severity) -> int:
        """Count the findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def n_rows_with(self, severity: Severity) -> int:
        """Count the rows of the dataset that have a finding of a severity, each once."""
        numbers = [finding.rows[ROW] for finding in self.findings if finding.severity == severity]
        return int(pd.concat(numbers).nunique()) if numbers else 0

    def with_findings(self, findings: Iterable[Finding]) -> Report:
        """Return the report with the findings of another chapter added."""
        return replace(self, findings=by_severity((*self.findings, *findings)))

    def rows(self) -> pd.DataFrame:
        """List every affected value of every finding, none left out.

        Returns
        -------
        pandas.DataFrame
            ``finding`` (its number in `to_frame`), ``check``, ``severity``, ``row`` (counted from 1;
            missing where no row is concerned), the identifying columns, ``column``, ``value``,
            ``expected``.
        """
        return wording.all_rows(self.findings)

    def to_frame(self, language: Language = "id") -> pd.DataFrame:
        """Return one row a finding, with headings and sentences in a language."""
        return wording.findings_table(self.findings, language)

    def in_words(self, language: Language = "id") -> str:
        """Say in a few sentences how fit the data is."""
        return wording.account(self, language)

    def to_html(self, language: Language = "id") -> str:
        """Write the report as one page that needs nothing else: readable on a phone and in print."""
        return page.html_page(self, language)
