"""The ``pk`` command: each verb calls a chapter and prints what it answers."""

from pk_research.cli import data, keeping, leaving, people, reports, serving, survey, synthetic
from pk_research.cli.house import app, main

__all__ = ["app", "data", "keeping", "leaving", "main", "people", "reports", "serving", "survey", "synthetic"]
