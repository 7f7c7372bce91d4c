"""What villages can make: candidates from submissions, names matched despite spelling.

`candidates_of` takes the submissions of the questionnaires to one table of candidates,
`candidates_from_table` a table of one's own; names that may
mean several products are listed for a person, whose decisions go back in.
"""

from pk_research.products.catalogue.candidates import candidates_of
from pk_research.products.catalogue.catalogue import Catalogue
from pk_research.products.catalogue.known import Product, known_products, product_label, read_products
from pk_research.products.catalogue.matching import NameMatch, match_products
from pk_research.products.catalogue.table import candidates_from_table

__all__ = [
    "Catalogue",
    "NameMatch",
    "Product",
    "candidates_from_table",
    "candidates_of",
    "known_products",
    "match_products",
    "product_label",
    "read_products",
]
