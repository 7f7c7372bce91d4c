"""What the made survey asks: its variables, and the products villages may name."""

from pk_research.sample.questionnaire.products import LANDSCAPES, PRODUCTS, Product
from pk_research.sample.questionnaire.questions import MADE
from pk_research.sample.questionnaire.variables import ASPECTS, CODEBOOK, TYPE_VARIABLES

__all__ = ["ASPECTS", "CODEBOOK", "LANDSCAPES", "MADE", "PRODUCTS", "TYPE_VARIABLES", "Product"]
