"""The tables of the store, as SQLAlchemy declares them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

dataset_version = Table(
    "dataset_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("made", Boolean, nullable=False),
    Column("n_rows", Integer, nullable=False),
    Column("row_key", JSON, nullable=False),
    Column("codebook", Text, nullable=False),
    Column("provenance", JSON, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("name", "version", name="uq_dataset_version_name"),
)
