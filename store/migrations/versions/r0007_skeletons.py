"""What a name looks like: its skeleton and its domain, by which other spellings of it are found."""

import sqlalchemy as sa
from alembic import op

from store.skeleton import skeleton

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_AT_ONCE = 1000  # names


def upgrade() -> None:
    """Add the columns, fill them for the names that are there, and require them from then on."""
    op.add_column("names", sa.Column("skeleton", sa.Text))
    op.add_column("names", sa.Column("domain", sa.Text))
    _fill()
    # Nothing refers to the rows of this table, so it may be made anew, as SQLite has to.
    with op.batch_alter_table("names") as table:
        table.alter_column("skeleton", nullable=False)
        table.alter_column("domain", nullable=False)
    op.create_index("ix_names_skeleton_domain", "names", ["skeleton", "domain"])


def _fill() -> None:
    connection = op.get_bind()
    names = sa.table("names", sa.column("name"), sa.column("skeleton"), sa.column("domain"))
    known = list(connection.execute(sa.select(names.c.name)).scalars())
    filled = (
        sa.update(names)
        .where(names.c.name == sa.bindparam("known"))
        .values(skeleton=sa.bindparam("local"), domain=sa.bindparam("its_domain"))
    )
    for start in range(0, len(known), _AT_ONCE):
        connection.execute(filled, [_values(name) for name in known[start : start + _AT_ONCE]])


def _values(name: str) -> dict[str, str]:
    local, domain = skeleton(name)
    return {"known": name, "local": local, "its_domain": domain}
