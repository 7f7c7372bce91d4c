"""From production to market: what each stage earns and loses, and what an innovation there would gain."""

from pk_research.products.value_chain.chain import ValueChain, value_chain
from pk_research.products.value_chain.innovation import Innovation, innovation

__all__ = ["Innovation", "ValueChain", "innovation", "value_chain"]
