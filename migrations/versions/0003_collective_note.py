"""The notes of collective readings that a team chose to keep."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import passerelle.foundation.database

revision = "0003_collective"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do."""
    op.create_table(
        "collective_note",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("team", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("collective_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collective_note_team"), ["team"], unique=False)
        batch_op.create_index(batch_op.f("ix_collective_note_until"), ["until"], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("collective_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collective_note_until"))
        batch_op.drop_index(batch_op.f("ix_collective_note_team"))

    op.drop_table("collective_note")
