"""The store: the only room that touches the database.

A dataset is kept as numbered versions that never change. SQLite in a local file by default,
PostgreSQL by ``PK_DATABASE_URL``.
"""

from pk_research.store.datasets import Kept, Store, StoredDataset, open_store

__all__ = ["Kept", "Store", "StoredDataset", "open_store"]
