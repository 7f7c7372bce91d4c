"""The ``pk`` command: each verb calls a chapter and prints what it answers."""

from pk_research.cli import data, serving
from pk_research.cli.house import app, main

__all__ = ["app", "data", "main", "serving"]
