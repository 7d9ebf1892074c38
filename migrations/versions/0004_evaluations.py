"""A référent's own reading of a level, beside the computed one; the dated evaluations of a conversation."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import passerelle.foundation.database

revision = "0004_evaluations"
down_revision = "0003_collective"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do."""
    op.create_table(
        "evaluation",
        sa.Column("conversation", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", "number"),
    )
    op.create_table(
        "level_override",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("request", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    with op.batch_alter_table("level_override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_level_override_request"), ["request"], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("level_override", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_level_override_request"))

    op.drop_table("level_override")
    op.drop_table("evaluation")
