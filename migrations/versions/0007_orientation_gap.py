"""How often a need had no near answer, by territory and month."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007_orientation_gap"
down_revision = "0006_partner_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do."""
    op.create_table(
        "orientation_gap",
        sa.Column("month", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("territory", sqlmodel.sql.sqltypes.AutoString(length=9), nullable=False),
        sa.Column("need", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "territory", "need", "kind"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("orientation_gap")
