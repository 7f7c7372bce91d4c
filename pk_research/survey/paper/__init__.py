"""Forms on paper: to be filled by hand, or filled, to be read and signed.

`sheet` makes an HTML page for A4 paper; `pdf` prints it with a browser.
"""

from pk_research.survey.paper.printing import pdf
from pk_research.survey.paper.sheets import sheet

__all__ = ["pdf", "sheet"]
