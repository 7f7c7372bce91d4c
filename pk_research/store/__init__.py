"""The store: the only room that touches the database.

A dataset is kept as numbered versions that never change (`Store.keep`). Forms stand side by side in
every version (`Store.forms`); what is being typed is a draft (`Store.drafts`) until it is received,
checked, once and for all (`Store.submissions`). All that was done is in a chain that cannot be changed
unnoticed (`Store.audit`). SQLite in a local file by default, PostgreSQL by ``PK_DATABASE_URL``.
"""

from pk_research.store.datasets import Kept, Store, StoredDataset, open_store, store_of

__all__ = ["Kept", "Store", "StoredDataset", "open_store", "store_of"]
