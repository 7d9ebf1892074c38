"""Who fills in with the person, and what their page has read: it is never given out again."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006_partner_pages"
down_revision = "0005_coordinator"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do."""
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("helper", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("organisation", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("read_to", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_column("read_to")
        batch_op.drop_column("organisation")
        batch_op.drop_column("helper")
