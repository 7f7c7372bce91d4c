"""A made village survey of Kabupaten Bekasi: three years, with the gaps and errors real ones have.

The villages are real, every answer is made. `make_sample` draws the true answers and the file the
field would have sent back; `load_sample` reads that file as any other; each `planted` error says
what is true, so that checks can be checked.
"""

from pk_research.sample.fieldwork import COUNTED_KINDS
from pk_research.sample.files import load_planted, load_sample, sample_folder, write_sample
from pk_research.sample.fillings import make_filling
from pk_research.sample.programme import made_log
from pk_research.sample.questionnaire import CODEBOOK, MADE, PRODUCTS, TYPE_VARIABLES, Product
from pk_research.sample.rules import RULES
from pk_research.sample.survey import NAME, NOTICE, SEED, Sample, make_sample

__all__ = [
    "CODEBOOK",
    "COUNTED_KINDS",
    "MADE",
    "NAME",
    "NOTICE",
    "PRODUCTS",
    "RULES",
    "SEED",
    "TYPE_VARIABLES",
    "Product",
    "Sample",
    "load_planted",
    "load_sample",
    "made_log",
    "make_filling",
    "make_sample",
    "sample_folder",
    "write_sample",
]
