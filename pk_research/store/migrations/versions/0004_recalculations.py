"""What the engine makes of calculations that a phone did not keep up."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of recalculations."""
    op.create_table(
        "recalculation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "submission_version_id", sa.Integer, sa.ForeignKey("submission_version.id"), nullable=False,
            unique=True,
        ),
        sa.Column("paths", sa.JSON, nullable=False),
        sa.Column("xml", sa.Text, nullable=False),
    )  # fmt: skip


def downgrade() -> None:
    """Drop the table of recalculations."""
    op.drop_table("recalculation")
