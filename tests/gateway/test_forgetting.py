"""What was deleted a year ago is forgotten; what was deleted since is still told apart from an attack."""

import sqlite3
from datetime import UTC, datetime, timedelta

from tests.servers.gateway import Gateway

BACKEND = """
[[backend]]
protocol = "imap"
address = "127.0.0.1:{third}"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""


def test_a_gateway_forgets_what_was_deleted_a_year_ago(tmp_path):
    gateway = Gateway(tmp_path, BACKEND)
    gateway.run("db", "upgrade")
    gateway.add_user("fritz@example.test", "enforced")
    ids = [gateway.create_app_password("fritz@example.test", name)[0] for name in ("old", "new")]
    gateway.run("app-password", "delete-all", "fritz@example.test")
    with sqlite3.connect(tmp_path / "wicketgate.db") as store:
        long_ago = (datetime.now(UTC) - timedelta(days=366)).isoformat(sep=" ").removesuffix("+00:00")
        store.execute("UPDATE app_passwords SET deleted_at = ? WHERE id = ?", (long_ago, ids[0]))
    store.close()
    try:
        gateway.start()
        assert 'what="deleted app passwords" number=1' in gateway.wait_for_log("forgot old entries")
    finally:
        gateway.stop()
    with sqlite3.connect(tmp_path / "wicketgate.db") as store:
        assert store.execute("SELECT id FROM app_passwords").fetchall() == [(ids[1],)]
    store.close()
