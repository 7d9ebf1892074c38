"""What a coordinator changes in the register, the versions of the catalogue, and what people say of dispositifs."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import passerelle.foundation.database

revision = "0005_coordinator"
down_revision = "0004_evaluations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do."""
    op.create_table(
        "register_change",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("target", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("undone_at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    with op.batch_alter_table("register_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_register_change_target"), ["target"], unique=False)

    op.create_table(
        "catalogue_version",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("in_force_at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("in_force_by", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "service_report",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("told_by", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("settled_at", passerelle.foundation.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("settled_how", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    with op.batch_alter_table("service_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_report_service"), ["service"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_report_settled_at"), ["settled_at"], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("service_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_report_settled_at"))
        batch_op.drop_index(batch_op.f("ix_service_report_service"))

    op.drop_table("service_report")
    op.drop_table("catalogue_version")
    with op.batch_alter_table("register_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_register_change_target"))

    op.drop_table("register_change")
