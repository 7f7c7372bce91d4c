"""Reports for people: two pages a village, and one for the council; the same figures as everywhere else."""

from pk_research.publish.reports.council import Policies
from pk_research.publish.reports.facts import Facts, ReportMaterial, facts_of
from pk_research.publish.reports.write import write_council_report, write_village_reports

__all__ = [
    "Facts",
    "Policies",
    "ReportMaterial",
    "facts_of",
    "write_council_report",
    "write_village_reports",
]
