"""Debian's PostgreSQL on a free loopback port, run from a folder of its own, as root or as anybody."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

from tests.servers.certificates import Authority
from tests.servers.ports import free_ports
from tests.servers.unpacked import unpacked

_START_SECONDS = 60
_BINARIES = "usr/lib/postgresql/15/bin"
# What would make it safe makes tests slow.
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 60
jit = off
ssl = on
log_line_prefix = '%m %u@%d '
wal_receiver_status_interval = 1
wal_retrieve_retry_interval = 200ms
"""
_WHO_MAY = """
host    all         postgres 127.0.0.1/32 trust
host    replication postgres 127.0.0.1/32 trust
hostssl all         all      127.0.0.1/32 scram-sha-256
"""


class PostgreSql:
    """A server, ended by `stop` or at the end of the `with`. What is written stays over a `stop` and `start`.

    The role postgres may do everything and needs no password; other roles need TLS and theirs.
    """

    host = "127.0.0.1"

    def __init__(self, *, primary: "PostgreSql | None" = None) -> None:
        self._primary = primary
        self._server = unpacked("postgresql-15") / _BINARIES
        self._clients = unpacked("postgresql-client-15") / _BINARIES
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        [self.port] = free_ports(1)

    @property
    def ca_file(self) -> Path:
        return self.authority.ca_file

    def url(self, database: str = "postgres", more: str = "", *, role: str = "postgres") -> str:
        """The address of a database there; `more` are further parameters."""
        return address([self], database, more, role=role)

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)
        self.authority = Authority(self.folder)
        self._data = self.folder / "data"
        try:
            self._make_data()
            self._write_configuration()
            self.start()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop("immediate")
        self._temporary.cleanup()

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with the end of the log if it doesn't."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._server / "postgres", "-D", self._data, "-p", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._as_owner(),
            )
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.stop("immediate")
            raise

    def stop(self, mode: str = "fast") -> None:
        """End it, and every connection with it; "immediate" is like a crash."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT if mode == "fast" else signal.SIGQUIT)
        self._process.send_signal(signal.SIGCONT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It is there, takes connections, and says nothing."""
        stopped = self._processes()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def standby(self) -> Iterator["PostgreSql"]:
        """Another server, that follows this one until it is promoted."""
        with PostgreSql(primary=self) as standby:
            yield standby

    def promote(self) -> None:
        """Let a standby take writes; it does when this returns."""
        assert self.query("SELECT pg_promote(wait_seconds => 20)") == [(True,)], self.log()

    def require_standby(self) -> None:
        """From now on a commit is reported as done once a standby has it, and not before there is one."""
        self.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.query("SELECT pg_reload_conf()")
        while self.query("SHOW synchronous_standby_names") != [("*",)]:
            time.sleep(0.02)

    def cut_off(self) -> None:
        """From now on a standby hears nothing of its primary."""
        self.query("ALTER SYSTEM SET primary_conninfo = ''")
        self.query("SELECT pg_reload_conf()")
        while self.query("SELECT pid FROM pg_stat_wal_receiver"):
            time.sleep(0.02)

    def until_it_has_all_of(self, primary: "PostgreSql") -> None:
        """Wait until this standby has replayed what the primary has written until now."""
        [(written,)] = primary.query("SELECT pg_current_wal_lsn()::text")
        deadline = time.monotonic() + _START_SECONDS
        while self.query("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written) != [(True,)]:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def new_database(self) -> str:
        """The name of a new database, which is empty."""
        name = f"wicketgate_{next(self._numbers)}"
        # The other strategy would write all of it into the log first.
        self.query(sql.SQL("CREATE DATABASE {} STRATEGY file_copy").format(sql.Identifier(name)))
        return name

    def drop_database(self, name: str) -> None:
        self.query(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def locked(self, database: str, table: str) -> Iterator[None]:
        """Nobody else reads the table until the end of the block."""
        with psycopg.connect(self.url(database)) as connection:
            connection.execute(
                sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table))
            )
            yield

    def query(self, query: Any, *values: Any, database: str = "postgres") -> list[tuple[Any, ...]]:
        """What an administrator gets to see; changes are committed."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def _as_owner(self) -> dict[str, Any]:
        """It refuses to run as root."""
        environment = {"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        if os.geteuid() != 0:
            return {"env": environment}
        who = {"user": self._owner.pw_uid, "group": self._owner.pw_gid, "extra_groups": []}
        return {"env": environment, "cwd": "/", **who}

    def _make_data(self) -> None:
        self._data.mkdir(0o700)
        os.chown(self._data, self._owner.pw_uid, self._owner.pw_gid)
        if self._primary is None:
            program, how = self._server / "initdb", ["-U", "postgres", "-A", "trust", "-E", "UTF8"]
            how += ["--locale=C.UTF-8"]
        else:
            program, how = self._clients / "pg_basebackup", ["-d", self._primary.url(), "-R", "-c", "fast"]
        done = subprocess.run(
            [program, *how, "--no-sync", "-D", self._data], capture_output=True, text=True, **self._as_owner()
        )
        if done.returncode:
            raise RuntimeError(f"{program.name} failed:\n{done.stderr}")

    def _write_configuration(self) -> None:
        pair = self.authority.server()
        for source, name in ((pair.certificate, "server.crt"), (pair.key, "server.key")):
            shutil.copy(source, self._data / name)
            os.chown(self._data / name, self._owner.pw_uid, self._owner.pw_gid)
            (self._data / name).chmod(0o600)
        (self._data / "postgresql.conf").write_text(_SETTINGS)
        (self._data / "pg_hba.conf").write_text(_WHO_MAY)

    def _processes(self) -> list[int]:
        assert self._process is not None
        pid = self._process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                self.query("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"PostgreSQL didn't start. The end of its log:\n{self.log()}")


def address(servers: list[PostgreSql], database: str, more: str = "", *, role: str = "postgres") -> str:
    """The address of the database on whichever of the servers takes writes; for postgres without TLS."""
    if role == "postgres":
        more = f"sslmode=disable&{more}".rstrip("&")
    hosts = ",".join(f"{server.host}:{server.port}" for server in servers)
    return f"postgresql://{role}@{hosts}/{database}" + (f"?{more}" if more else "")
