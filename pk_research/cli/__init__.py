"""The ``pk`` command: each verb calls a chapter and prints what it answers."""

from pk_research.cli import data, keeping, people, reports, serving, survey
from pk_research.cli.house import app, main

__all__ = ["app", "data", "keeping", "main", "people", "reports", "serving", "survey"]
