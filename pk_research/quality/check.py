"""All checks, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pk_research.language import Message
from pk_research.quality.findings import Finding, by_severity
from pk_research.quality.gaps import gap_findings, missing_by_variable, missing_by_village
from pk_research.quality.magnitudes import magnitude_findings
from pk_research.quality.membership import register_findings
from pk_research.quality.panel import panel_findings
from pk_research.quality.places import code_findings
from pk_research.quality.repeats import repeat_findings
from pk_research.quality.report import Report
from pk_research.quality.rules import Rule, rule_findings
from pk_research.quality.schema import schema_findings
from pk_research.quality.subject import Subject
from pk_research.quality.totals import total_findings, total_rows
from pk_research.register import Register
from pk_research.sources.dataset import Dataset
from pk_research.sources.vocabulary import VILLAGE_CODE


def check(dataset: Dataset, *, register: Register | None = None, rules: Sequence[Rule] = ()) -> Report:
    """Check whether a dataset is fit to be analysed.

    Looks for rows that are totals; columns, values and categories the codebook does not allow;
    gaps by variable, row, village and year; copies, contradictory repeats and fan-outs; village
    codes that are malformed, swapped with names, at odds with their area or with the register;
    slips of unit and heaping; and whatever the rules add. Total rows are reported and then left out
    of all other checks.

    Parameters
    ----------
    dataset
        Any dataset, by village or not; nothing in it is changed.
    register
        Villages to compare codes, names and kecamatan with. Rows outside its regencies are counted,
        not judged.
    rules
        Conditions between the values of a row; one that needs a column the data lacks is not
        applied, and the report says so.

    Returns
    -------
    Report
        Its findings list every affected row.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.codebook import Codebook
    >>> from pk_research.sources.dataset import Provenance
    >>> from pk_research.sources.vocabulary import IKS, VILLAGE_CODE
    >>> book = Codebook((VILLAGE_CODE, IKS))
    >>> frame = book.cast(pd.DataFrame({"village_code": ["3216012001"], "iks": [1.2]}), where="villages")
    >>> villages = Dataset("villages", frame, book, Provenance("Villages", "v.csv", "", "table"),
    ...                    ("village_code",))
    >>> [finding.message.text("en") for finding in check(villages).findings]
    ['Social resilience index (IKS): values outside the valid range (0 – 1): 1']
    """
    everything = Subject.of(dataset)
    totals = tuple(total_findings(everything))
    units = everything.without(total_rows(totals))
    return Report(
        dataset_name=dataset.name,
        provenance=dataset.provenance,
        codebook=dataset.codebook,
        n_rows=len(dataset.frame),
        n_villages=units.frame[VILLAGE_CODE.name].nunique() if units.has_village_codes else None,
        missing=missing_by_variable(units),
        missing_by_village=missing_by_village(units),
        findings=by_severity((*totals, *_findings(units, register, rules))),
        unchecked=tuple(_unchecked(units, register, rules)),
    )


def _findings(units: Subject, register: Register | None, rules: Sequence[Rule]) -> Iterator[Finding]:
    if units.frame.empty:
        yield units.remark("empty", "error", Message("The dataset has no rows"), ())
        return
    yield from schema_findings(units)
    yield from gap_findings(units)
    yield from panel_findings(units)
    yield from repeat_findings(units)
    yield from code_findings(units)
    if register is not None:
        yield from register_findings(units, register)
    yield from rule_findings(units, rules)
    yield from magnitude_findings(units)


def _unchecked(units: Subject, register: Register | None, rules: Sequence[Rule]) -> Iterator[Message]:
    if not units.key:
        yield Message("Repeated units: the dataset has no key, so only exact copies of rows were looked for")
    if not units.has_village_codes:
        yield Message("Village codes: the dataset has none")
    elif register is None:
        yield Message("Whether the village codes exist: no register was given")
    for rule in rules:
        lacking = [name for name in rule.columns if name not in units.frame]
        if lacking:
            yield Message(
                "Rule {rule}: the dataset lacks {columns}", {"rule": rule.name, "columns": ", ".join(lacking)}
            )
