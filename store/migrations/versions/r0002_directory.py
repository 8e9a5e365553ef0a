"""What a user has to do with the directory, and how far the directory sync has come."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from store.distinguished_name import normalise_dn

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table, and a key for every DN that is known."""
    # Columns are added one by one: making the table anew would delete what refers to its rows.
    op.add_column("users", sa.Column("dn_key", sa.Text))
    op.add_column("users", sa.Column("directory_id", sa.Text))
    op.add_column("users", sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_users_dn_key", "users", ["dn_key"], unique=True)
    op.create_index("ix_users_directory_id", "users", ["directory_id"], unique=True)
    op.create_table(
        "directory_sync",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("counter", sa.Text, nullable=False),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_directory_sync"),
        sa.CheckConstraint("id = 1", name=op.f("ck_directory_sync_one_row")),
    )
    _fill_keys()


def _fill_keys() -> None:
    connection = op.get_bind()
    users = sa.table("users", sa.column("id"), sa.column("dn"), sa.column("dn_key"))
    rows = connection.execute(sa.select(users.c.id, users.c.dn).where(users.c.dn.is_not(None))).all()
    for user_id, key in _keys([(row.id, row.dn) for row in rows]):
        connection.execute(sa.update(users).where(users.c.id == user_id).values(dn_key=key))


def _keys(rows: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """A DN that was given to several users, which nothing forbade, says nothing of who they are."""
    owners: defaultdict[str, list[int]] = defaultdict(list)
    for user_id, dn in rows:
        if (key := normalise_dn(dn)) is not None:
            owners[key].append(user_id)
    return ((ids[0], key) for key, ids in owners.items() if len(ids) == 1)
