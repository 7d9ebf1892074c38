"""Every room that has tables, so that migrations see them all; and bringing a database up to date."""

from alembic import command
from alembic.config import Config

import passerelle.conversation.tables
import passerelle.dossier.tables
import passerelle.handoff.tables
import passerelle.notices.tables
import passerelle.orientation.tables
import passerelle.portal.tables
from passerelle.foundation.config import ROOT
from passerelle.foundation.database import Database

ROOMS_WITH_TABLES = (
    passerelle.conversation.tables,
    passerelle.dossier.tables,
    passerelle.handoff.tables,
    passerelle.notices.tables,
    passerelle.orientation.tables,
    passerelle.portal.tables,
)


def migrate(database: Database) -> None:
    """Bring the database to the newest migration; nothing is done when it is there already."""
    config = Config(str(ROOT / "alembic.ini"))
    # ConfigParser reads % as its own sign.
    config.set_main_option("sqlalchemy.url", database.url.render_as_string(hide_password=False).replace("%", "%%"))
    command.upgrade(config, "head")
