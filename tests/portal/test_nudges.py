"""A change that is made in the portal is heard of by gateways as fast as one of a command."""

import time

from store.redis.keys import create_cache_key
from tests.gateway.people import People
from tests.portal.inside import MAIL, inside, mail_program
from tests.portal.site import Site
from tests.servers.certificates import Authority
from tests.servers.redis import RedisServer

# Without nudges a change would be heard of after the time limit of the test only.
SLOW_FEED = MAIL.replace("[limits]", "[limits]\nfeed_seconds = 60\nlease_seconds = 180")
LOGIN = "user7@example.test"
PASSWORD = "the portal's password"
ACL = f"user wicketgate on >{PASSWORD.replace(' ', '-')} ~* &wicketgate:* +@all -@admin\n"


class Nudged(Site):
    """A site with this store, and settings for its cache."""

    def __init__(self, folder, dovecot, *, store="", cache=""):
        super().__init__(folder, Authority(folder), dovecot, SLOW_FEED + cache)
        if store:
            text = self.gateway.config.read_text()
            self.people.close()
            self.gateway.configure(text.replace(f"sqlite:///{folder}/wicketgate.db", store))
            self.people = People(folder, store)


def end_a_session(site, until=lambda: True):
    """By a change in the portal. Raises TimeoutError when the gateway doesn't hear of it by a nudge."""
    with site.portal, site.gateway:
        end = time.monotonic() + 30
        while not until():
            assert time.monotonic() < end
            time.sleep(0.01)
        login = site.add(LOGIN)
        secret = site.people.give(login).secret
        with mail_program(site.gateway, login, secret) as imap, inside(site, login) as anna:
            imap.socket().settimeout(30)
            assert anna.submit("/app-passwords/delete-all").status_code == 303
            while imap.socket().recv(4096):
                pass
    site.people.close()


class TestWeb27:
    """A revocation in the portal that waits for the next look at the change feed."""

    def test_web_27_redis_is_nudged_without_the_key_of_the_cache(self, tmp_path, dovecot):
        with RedisServer(acl=ACL) as server:
            (tmp_path / "redis").write_text(PASSWORD.replace(" ", "-"))
            (tmp_path / "redis").chmod(0o600)
            create_cache_key(tmp_path / "cache.key")
            cache = f'[cache]\nurl = "{server.url()}"\nkey_file = "cache.key"\n'
            site = Nudged(
                tmp_path, dovecot, cache=f'{cache}username = "wicketgate"\npassword_file = "redis"\n'
            )
            site.portal.environment["WICKETGATE__CACHE__KEY_FILE"] = str(tmp_path / "is-not-there")
            end_a_session(site, until=lambda: server.ask("PUBSUB", "CHANNELS"))

    def test_web_27_postgresql_nudges(self, tmp_path, dovecot, postgresql):
        store = postgresql.url(postgresql.new_database())
        end_a_session(Nudged(tmp_path, dovecot, store=store))

    def test_web_27_a_password_that_can_not_be_read_is_told(self, tmp_path, dovecot):
        create_cache_key(tmp_path / "cache.key")
        cache = '[cache]\nurl = "redis://127.0.0.1:1/0"\nkey_file = "cache.key"\npassword_file = "redis"\n'
        site = Nudged(tmp_path, dovecot, cache=cache)
        with site.portal:
            assert 'event="gateways hear of changes a little later' in site.portal.log()
        site.people.close()
