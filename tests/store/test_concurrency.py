"""What holds when several processes and threads write at once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from store import app_passwords, changes, users
from store.app_passwords import LimitReached

CREATE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from store import app_passwords
from store.app_passwords import LimitReached
from store.database import Database
from store.hashing import Argon2
from store.pepper import Pepper

database, pepper, argon2 = Database(sys.argv[1]), Pepper(bytes(32)), Argon2(8, 1, 1)

def create(number):
    made = app_passwords.create(
        database, pepper, argon2, int(sys.argv[2]), f"phone {number}", ["imap"], limit=40, actor="test"
    )
    return not isinstance(made, LimitReached)

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as threads:
    print(sum(threads.map(create, range(4))))
"""


def start(url, user_id):
    command = [sys.executable, "-c", CREATE, url, str(user_id)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_creations_at_once_from_two_processes_cannot_make_41(database, url, pepper, argon2, fritz):
    for _ in range(39):
        app_passwords.create(database, pepper, argon2, fritz.id, "phone", ["imap"], limit=40, actor="test")
    with start(url, fritz.id) as first, start(url, fritz.id) as second:
        assert [first.stdout.readline(), second.stdout.readline()] == ["ready\n", "ready\n"]
        for process in (first, second):
            process.stdin.write("go\n")
            process.stdin.flush()
        made = sum(int(process.stdout.readline()) for process in (first, second))
    assert made == 1
    assert len(app_passwords.list_app_passwords(database, fritz.id)) == 40


def test_two_creations_at_once_from_two_threads_cannot_make_41(database, pepper, argon2, fritz):
    def create(number):
        return app_passwords.create(
            database, pepper, argon2, fritz.id, f"phone {number}", ["imap"], limit=40, actor="test"
        )

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(create, range(44)))
    assert outcomes.count(LimitReached(40)) == 4
    assert len(app_passwords.list_app_passwords(database, fritz.id)) == 40


def test_change_order_is_commit_order_under_concurrent_writers(database):
    logins = [f"user{number}@example.test" for number in range(40)]
    done = Event()
    followed = []

    def follow():
        # A change that was committed after one with a higher position would be passed over for ever.
        while True:
            last_round = done.is_set()
            followed.extend(changes.since(database, followed[-1].position if followed else 0))
            if last_round:
                return

    with ThreadPoolExecutor(7) as threads:
        follower = threads.submit(follow)
        list(threads.map(lambda login: users.add(database, login, actor="test"), logins))
        done.set()
        follower.result()
    assert followed == changes.since(database, 0)
    assert [change.position for change in followed] == list(range(1, 41))


def test_a_reader_sees_one_moment_and_does_not_wait_for_a_writer(database, fritz):
    with database.write() as writer:
        changes.record(writer, fritz.id, 2, "half done")
        account = users.account(database, fritz.login)
    assert account.position == 1
    assert users.account(database, fritz.login).position == 2
