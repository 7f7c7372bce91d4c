"""Is the data fit: missing, doubled, totals among the rows, wrong codes, contradictions.

`check` looks at any dataset and returns a `Report`: findings with every affected row, as frames,
sentences and an HTML page. A later chapter adds what it knows as `Rule` or as findings.
"""

from pk_research.quality.check import check
from pk_research.quality.files import write
from pk_research.quality.findings import SEVERITIES, Finding, Severity
from pk_research.quality.report import Report
from pk_research.quality.rules import Rule, Verdict, equals, from_contradictions
from pk_research.quality.schema import schema

__all__ = [
    "SEVERITIES",
    "Finding",
    "Report",
    "Rule",
    "Severity",
    "Verdict",
    "check",
    "equals",
    "from_contradictions",
    "schema",
    "write",
]
