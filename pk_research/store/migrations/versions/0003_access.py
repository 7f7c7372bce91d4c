"""Accounts, invitations, and who is signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of access."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("identifier", sa.String(40), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False, unique=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("forms", sa.JSON),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("identifier", sa.String(40), nullable=False, unique=True),
        sa.Column("form_id", sa.String(250), sa.ForeignKey("form.form_id"), nullable=False, index=True),
        sa.Column("village_code", sa.String(10), nullable=False),
        sa.Column("respondent", sa.Text, nullable=False),
        sa.Column("max_uses", sa.Integer),
        sa.Column("n_uses", sa.Integer, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(250), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "signed_in",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("identifier", sa.String(40), nullable=False, unique=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), index=True),
        sa.Column("invitation_id", sa.Integer, sa.ForeignKey("invitation.id"), index=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables of access."""
    for name in ("signed_in", "invitation", "account"):
        op.drop_table(name)
