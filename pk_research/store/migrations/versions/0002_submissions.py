"""Forms, submissions with their history, drafts, files, and the audit chain."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of forms and submissions."""
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary),
    )
    _create_forms()
    _create_submissions()
    _create_drafts()
    op.create_table(
        "audit_event",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("actor", sa.String(250), nullable=False),
        sa.Column("subject", sa.String(600), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _create_forms() -> None:
    op.create_table(
        "form",
        sa.Column("form_id", sa.String(250), primary_key=True),
        sa.Column("is_open", sa.Boolean, nullable=False),
    )
    op.create_table(
        "form_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("form_id", sa.String(250), sa.ForeignKey("form.form_id"), nullable=False),
        sa.Column("version", sa.String(250), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("xml", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), sa.ForeignKey("blob.sha256")),
        sa.Column("source_name", sa.Text, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(250), nullable=False),
        sa.UniqueConstraint("form_id", "version", name="uq_form_version_version"),
    )
    op.create_table(
        "form_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("form_version_id", sa.Integer, sa.ForeignKey("form_version.id"), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("blob.sha256"), nullable=False),
        sa.UniqueConstraint("form_version_id", "name", name="uq_form_file_name"),
    )


def _create_submissions() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("instance_id", sa.String(250), nullable=False, unique=True),
        sa.Column("code", sa.String(16), nullable=False, unique=True),
        sa.Column("form_id", sa.String(250), sa.ForeignKey("form.form_id"), nullable=False, index=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitter_id", sa.String(250), nullable=False),
        sa.Column("device_id", sa.Text, nullable=False),
        sa.Column("via", sa.Text, nullable=False),
    )
    op.create_table(
        "submission_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("submission_id", sa.Integer, sa.ForeignKey("submission.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("instance_id", sa.String(250), nullable=False, unique=True),
        sa.Column("form_version_id", sa.Integer, sa.ForeignKey("form_version.id"), nullable=False),
        sa.Column("xml", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file_names", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(250), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.UniqueConstraint("submission_id", "number", name="uq_submission_version_number"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("submission_id", sa.Integer, sa.ForeignKey("submission.id"), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("blob.sha256"), nullable=False, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("submission_id", "name", name="uq_attachment_name"),
    )
    op.create_table(
        "review_event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("submission_id", sa.Integer, sa.ForeignKey("submission.id"), nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(250), nullable=False),
        sa.Column("state", sa.String(20)),
        sa.Column("comment", sa.Text, nullable=False),
    )


def _create_drafts() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("draft_id", sa.String(60), nullable=False, unique=True),
        sa.Column("form_version_id", sa.Integer, sa.ForeignKey("form_version.id"), nullable=False),
        sa.Column("resume_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("holders", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission_id", sa.Integer, sa.ForeignKey("submission.id")),
    )
    op.create_table(
        "draft_attachment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("draft_id", sa.Integer, sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("blob.sha256"), nullable=False, index=True),
        sa.UniqueConstraint("draft_id", "name", name="uq_draft_attachment_name"),
    )


def downgrade() -> None:
    """Drop the tables of forms and submissions."""
    for name in (
        "audit_event", "draft_attachment", "draft", "review_event", "attachment", "submission_version",
        "submission", "form_file", "form_version", "form", "blob",
    ):  # fmt: skip
        op.drop_table(name)
