"""The tables of the store, as SQLAlchemy declares them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData()

MAX_NAME = 250


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept and given back in UTC; SQLite would forget the time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn what is written to UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give back what was read with its time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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

# --- files: once each, by what they hold; no content here when they lie in a folder

blob = Table(
    "blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary),
)

# --- forms

form = Table(
    "form",
    metadata,
    Column("form_id", String(MAX_NAME), primary_key=True),
    Column("is_open", Boolean, nullable=False),
)

form_version = Table(
    "form_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("form_id", ForeignKey("form.form_id"), nullable=False),
    Column("version", String(MAX_NAME), nullable=False),
    Column("title", Text, nullable=False),
    Column("xml", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("source", ForeignKey("blob.sha256")),
    Column("source_name", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", String(MAX_NAME), nullable=False),
    UniqueConstraint("form_id", "version", name="uq_form_version_version"),
)

form_file = Table(
    "form_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("form_version_id", ForeignKey("form_version.id"), nullable=False),
    Column("name", String(MAX_NAME), nullable=False),
    Column("sha256", ForeignKey("blob.sha256"), nullable=False),
    UniqueConstraint("form_version_id", "name", name="uq_form_file_name"),
)

# --- submissions: rows are added, never changed

submission = Table(
    "submission",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", String(MAX_NAME), nullable=False, unique=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("form_id", ForeignKey("form.form_id"), nullable=False, index=True),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("submitter_id", String(MAX_NAME), nullable=False),
    Column("device_id", Text, nullable=False),
    Column("via", Text, nullable=False),
)

submission_version = Table(
    "submission_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submission.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("instance_id", String(MAX_NAME), nullable=False, unique=True),
    Column("form_version_id", ForeignKey("form_version.id"), nullable=False),
    Column("xml", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("file_names", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(MAX_NAME), nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("submission_id", "number", name="uq_submission_version_number"),
)

# What the engine makes of a version whose calculations came stale; the version stays as it was sent.
recalculation = Table(
    "recalculation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_version_id", ForeignKey("submission_version.id"), nullable=False, unique=True),
    Column("paths", JSON, nullable=False),
    Column("xml", Text, nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submission.id"), nullable=False),
    Column("name", String(MAX_NAME), nullable=False),
    Column("sha256", ForeignKey("blob.sha256"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("submission_id", "name", name="uq_attachment_name"),
)

review_event = Table(
    "review_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submission.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(MAX_NAME), nullable=False),
    Column("state", String(20)),
    Column("comment", Text, nullable=False),
)

# --- drafts: what is being typed, until it is sent

draft = Table(
    "draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draft_id", String(60), nullable=False, unique=True),
    Column("form_version_id", ForeignKey("form_version.id"), nullable=False),
    Column("resume_hash", String(64), nullable=False, unique=True),
    Column("holders", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("state", JSON, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("submission_id", ForeignKey("submission.id")),
)

draft_attachment = Table(
    "draft_attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draft_id", ForeignKey("draft.id"), nullable=False),
    Column("name", String(MAX_NAME), nullable=False),
    Column("sha256", ForeignKey("blob.sha256"), nullable=False, index=True),
    UniqueConstraint("draft_id", "name", name="uq_draft_attachment_name"),
)

# --- the audit log: a chain, each event holding the hash of the one before

audit_event = Table(
    "audit_event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("actor", String(MAX_NAME), nullable=False),
    Column("subject", String(600), nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# --- access: who may come in

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("identifier", String(40), nullable=False, unique=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("forms", JSON(none_as_null=True)),
    Column("password_hash", Text, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("identifier", String(40), nullable=False, unique=True),
    Column("form_id", ForeignKey("form.form_id"), nullable=False, index=True),
    Column("village_code", String(10), nullable=False),
    Column("respondent", Text, nullable=False),
    Column("max_uses", Integer),
    Column("n_uses", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(MAX_NAME), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

signed_in = Table(
    "signed_in",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("identifier", String(40), nullable=False, unique=True),
    Column("account_id", ForeignKey("account.id"), index=True),
    Column("invitation_id", ForeignKey("invitation.id"), index=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)
