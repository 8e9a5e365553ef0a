"""[cache]: which URLs there are, and what each of them needs."""

from typing import Any

import pytest

from config import Address, Cache, CacheAddress, CacheKind, check_files
from tests.config.conftest import Folder

KEY = {"key_file": "/k"}


def refused(**values: Any) -> str:
    with pytest.raises(ValueError) as raised:
        Cache.model_validate(values)
    return str(raised.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://r", CacheAddress(CacheKind.SINGLE, False, (Address("r", 6379),), "", 0)),
        ("redis://r:1/", CacheAddress(CacheKind.SINGLE, False, (Address("r", 1),), "", 0)),
        ("rediss://[::1]/15", CacheAddress(CacheKind.SINGLE, True, (Address("::1", 6379),), "", 15)),
        (
            "redis+sentinel://a:1,b,[::1]/mymaster",
            CacheAddress(
                CacheKind.SENTINEL,
                False,
                (Address("a", 1), Address("b", 26379), Address("::1", 26379)),
                "mymaster",
                0,
            ),
        ),
        (
            "rediss+sentinel://a/m-1/3",
            CacheAddress(CacheKind.SENTINEL, True, (Address("a", 26379),), "m-1", 3),
        ),
        (
            "rediss+cluster://a,b:7",
            CacheAddress(CacheKind.CLUSTER, True, (Address("a", 6379), Address("b", 7)), "", 0),
        ),
    ],
)
def test_where_redis_is(url: str, address: CacheAddress) -> None:
    assert Cache.model_validate({"url": url, **KEY}).address == address


def test_by_default_there_is_no_redis() -> None:
    assert Cache().address is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "this is not the address of a cache; allowed are memory:, redis://"),
        ("memory", "this is not the address of a cache"),
        ("redis://", "this is not the address of a cache"),
        ("redis:///0", "this is not the address of a cache"),
        ("redis+other://a", "this is not the address of a cache"),
        ("redis://a/0?password=p", "this is not the address of a cache"),
        ("redis://a\n", "is not a host name"),
        ("redis://user:secret@a", "a name or a password may not stand in the URL"),
        ("redis+sentinel://:secret@a/m", "a name or a password may not stand in the URL"),
        ("redis://a,b", "several hosts are for redis+sentinel:// or redis+cluster://"),
        ("redis://a/one", "behind the host may stand the number of a database"),
        ("redis+sentinel://a,b", "the name that the sentinels have for the servers"),
        ("redis+sentinel://a,b/0/1/2", "the name that the sentinels have for the servers"),
        ("redis+cluster://a/1", "a Cluster has no databases"),
        ("redis://a:0", '"0" is not a port'),
        ("redis://a b", '"a b" is not a host name'),
        ("redis+cluster://a,,b", '":6379" is not an address'),
        ("redis+cluster://" + ",".join(["a"] * 17), "at most 16"),
    ],
)
def test_what_is_no_url_of_a_cache_is_refused_without_being_repeated(url: str, why: str) -> None:
    with pytest.raises(ValueError) as raised:
        Cache.model_validate({"url": url, **KEY})
    [error] = raised.value.errors()
    assert why in error["msg"]
    assert "secret" not in error["msg"]


def test_a_redis_needs_a_key() -> None:
    assert "it is missing; it seals what lies in Redis" in refused(url="redis://a")


@pytest.mark.parametrize(
    ("given", "missing"),
    [("certificate", "key"), ("key", "certificate"), ("username", "password_file")],
)
def test_what_belongs_together_comes_together(given: str, missing: str) -> None:
    with pytest.raises(ValueError) as raised:
        Cache.model_validate({"url": "rediss://a", given: "x", **KEY})
    [breach] = raised.value.errors()[0]["ctx"]["breaches"]
    assert breach.key == (missing,)
    assert breach.sentence == f"it is missing; {given} needs it"


@pytest.mark.parametrize(
    ("url", "given", "why"),
    [
        ("memory:", KEY, 'it has no meaning with url = "memory:"'),
        ("memory:", {"password_file": "p"}, 'it has no meaning with url = "memory:"'),
        ("redis://a", {"ca_file": "c", **KEY}, "it has no meaning without TLS; write rediss"),
        ("rediss://a", {"sentinel_password_file": "c", **KEY}, "it is for redis+sentinel:// only"),
    ],
)
def test_what_would_do_nothing_is_refused(url: str, given: dict[str, str], why: str) -> None:
    assert why in refused(url=url, **given)


def test_everything_together_is_accepted() -> None:
    files = ("password_file", "sentinel_password_file", "ca_file", "certificate", "key", "previous_key_file")
    names = {"username": "u", "sentinel_username": "s", "prefix": "a.b-c_D", "seconds": 60}
    Cache.model_validate({"url": "rediss+sentinel://a/m", **KEY, **dict.fromkeys(files, "x"), **names})


@pytest.mark.parametrize("prefix", ["", "a b", "a:b", "a*", "{a}", "x" * 33])
def test_a_prefix_is_a_plain_word(prefix: str) -> None:
    refused(prefix=prefix)


@pytest.mark.parametrize("name", ["key_file", "previous_key_file"])
@pytest.mark.parametrize("written", ["", "0" * 63, "g" * 64, "0" * 64 + "\n\n"])
def test_a_key_that_is_none_is_told_before_it_is_used(folder: Folder, name: str, written: str) -> None:
    for key in ("key_file", "previous_key_file"):
        folder.write(written if key == name else "0" * 64, key)
        (folder.path / key).chmod(0o600)
    table = '[cache]\nurl = "redis://a"\nkey_file = "key_file"\nprevious_key_file = "previous_key_file"\n'
    [problem] = check_files(folder.load(table))
    assert problem.key == f"cache.{name}"
    assert "0" * 63 not in str(problem)
