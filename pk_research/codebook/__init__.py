"""What every variable means, said once.

A `Codebook` is an ordered set of `Variable` declarations: label in two languages, kind, unit,
universe, categories, missing codes, valid range, source. Validation, labels on screen, exported
files and documentation all read it. It is written and read as CSV (for people) and as a
Frictionless Table Schema (for machines).
"""

from pk_research.codebook.book import Codebook, read_codebook
from pk_research.codebook.variable import KINDS, Kind, Label, Variable

__all__ = ["KINDS", "Codebook", "Kind", "Label", "Variable", "read_codebook"]
