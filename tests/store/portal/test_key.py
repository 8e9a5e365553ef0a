"""The portal's key file: made once, for its owner, and missed when it's gone."""

import stat
import time

import pytest

from store.portal import registration
from store.portal.authenticators import new_secret
from store.portal.key import PortalKeyError, create_portal_key, load_portal_key, portal_key

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


def test_the_first_start_makes_it_for_its_owner_only(database, tmp_path):
    path = tmp_path / "portal.key"
    create_portal_key(database, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = load_portal_key(path)
    create_portal_key(database, path)
    assert load_portal_key(path) == key
    assert load_portal_key(path).unseal(key.seal(b"x", "here"), "here") == b"x"


def test_a_key_that_is_gone_is_missed_and_not_replaced(database, fritz, tmp_path):
    path = tmp_path / "portal.key"
    step = int(time.time() // 30)
    key = portal_key(bytes(32))
    registration.register_authenticator(database, key, fritz.id, "phone", new_secret(), step, actor="test")
    with pytest.raises(PortalKeyError, match="Restore it from a backup"):
        create_portal_key(database, path)
    assert not path.exists()


@pytest.mark.parametrize("written", ["", "xyz", "00" * 31, "00" * 33, "00" * 32 + "\n00", "ü" * 32])
def test_a_file_that_holds_no_key_is_told(database, tmp_path, written):
    path = tmp_path / "portal.key"
    path.touch(0o600)
    path.write_text(written)
    with pytest.raises(PortalKeyError, match=r"portal\.key"):
        load_portal_key(path)


def test_a_key_that_everybody_can_read_and_a_folder_that_is_not_there_are_told(database, tmp_path):
    path = tmp_path / "portal.key"
    path.write_text("00" * 32)
    path.chmod(0o644)
    with pytest.raises(PortalKeyError, match="can't be used"):
        load_portal_key(path)
    with pytest.raises(PortalKeyError, match="can't be written"):
        create_portal_key(database, tmp_path / "nowhere" / "portal.key")


def test_what_is_sealed_opens_for_what_it_was_sealed_for_and_in_one_piece(store):
    key = portal_key(bytes(32))
    sealed = key.seal(b"x", "authenticator 1 a")
    assert key.unseal(sealed, "authenticator 2 a") is None
    assert key.unseal(sealed[:-1], "authenticator 1 a") is None
    assert key.unseal(b"", "authenticator 1 a") is None
    assert portal_key(b"\1" * 32).unseal(sealed, "authenticator 1 a") is None
    assert "0" * 8 not in repr(key)
