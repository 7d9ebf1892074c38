"""What partners observed, and who said each need and circumstance."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import passerelle.foundation.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for table in ("told_need", "signal"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False, server_default="self")
            )
    op.create_table(
        "observation",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("conversation", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("organisation", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("made_at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("erase_at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_observation_conversation"), ["conversation"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_observation_conversation"))
    op.drop_table("observation")
    for table in ("signal", "told_need"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("source")
