"""Who may come in: the key of the house, which signs what it hands out."""

from pk_research.store.access.secret import read_secret

__all__ = ["read_secret"]
