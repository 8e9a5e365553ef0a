"""A server that isn't Redis, or isn't ours any more: whatever it answers is no answer."""

import re
from pathlib import Path

import pytest

from config import Cache
from store.redis.client import open_redis
from store.redis.entries import Entries
from store.redis.keys import create_cache_key
from tests.servers.hijacked_redis import HijackedRedis

NONSENSE = {
    "nothing": None,
    "nothing like Redis": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "random": bytes(range(256)) * 4,
    "no type that there is": b"?12\r\n",
    "a negative length": b"$-7\r\n",
    "a length that is none": b"$abc\r\n",
    "more than it says": b"$2\r\nabcdef\r\n",
    "a number": b":12345678901234567890123\r\n",
    "a huge number": b"(" + b"9" * 100_000 + b"\r\n",
    "not a number": b",nan\r\n",
    "a map of maps": b"%1\r\n" * 50 + b"+x\r\n",
    "billions of elements": b"*2147483647\r\n",
    "billions of pairs": b"%1073741823\r\n",
    "billions of elements in an array": b"*2\r\n+x\r\n~2147483647\r\n",
    "many elements in many": b"*9999\r\n" * 8,
    "two answers": b"+OK\r\n+OK\r\n",
    "moved": b"-MOVED 7 127.0.0.1:1\r\n",
    "ask": b"-ASK 7 127.0.0.1:1\r\n",
    "loading": b"-LOADING Redis is loading the dataset in memory\r\n",
    "no right": b"-NOPERM this user has no permissions to run the 'getrange' command\r\n",
    "needs a password": b"-NOAUTH Authentication required.\r\n",
    "an error that breaks lines": b"-ERR a\rb\x1b[31m\xff\r\n",
    "an error in many bytes": b"-" + b"E" * 100_000 + b"\r\n",
    "a push": b">2\r\n+message\r\n+x\r\n",
    "pushes without end": b">1\r\n+x\r\n" * 5000,
    "a push of nothing": b">0\r\n",
    "an attribute": b"|1\r\n+ttl\r\n:3600\r\n+x\r\n",
    "half an answer": b"$1000\r\nabc",
    "a value": b"$5\r\nhello\r\n",
    "a value that is ours in form": b"$60\r\n\x01" + b"x" * 59 + b"\r\n",
    "a long value": b"$2097152\r\n" + b"x" * 2097152 + b"\r\n",
}

SET = re.compile(rb"\*[0-9]+\r\n\$3\r\nSET\r\n\$[0-9]+\r\n[^\r]+\r\n\$([0-9]+)\r\n")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    create_cache_key(tmp_path / "key")
    return tmp_path / "key"


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("kind", ["redis", "redis+cluster", "redis+sentinel"])
@pytest.mark.parametrize("greet", [True, False], ids=["greets", "greets not"])
async def test_cache_08_nonsense_is_a_miss(answer: bytes | None, kind: str, greet: bool, key: Path) -> None:
    async with HijackedRedis() as hijacked:
        hijacked.answer, hijacked.greet = lambda _: answer, greet
        path = "/mymaster" if kind == "redis+sentinel" else ""
        url = f"{kind}://{hijacked.host}:{hijacked.port}{path}"
        redis = open_redis(Cache(url=url, key_file=key))
        assert redis is not None
        entries = Entries(redis, 60)
        assert await entries.find("login", "1:secret") is None
        entries.keep("login", "1:secret", b"record")
        assert await entries.find("login", "1:secret") is None
        assert hijacked.asked
        await redis.close()


async def test_cache_08_an_answer_to_another_question_is_a_miss(key: Path) -> None:
    """What was left on a connection by a question that was given up answers the next one, at a bad server."""
    async with HijackedRedis() as hijacked:
        stored: dict[bytes, bytes] = {}

        def answer(command: bytes) -> bytes:
            if written := SET.match(command):
                stored[b"any"] = command[written.end() :][: int(written[1])]
            value = stored.get(b"any", b"")
            return b"$%d\r\n%s\r\n" % (len(value), value)

        hijacked.answer = answer
        redis = open_redis(Cache(url=hijacked.url(), key_file=key))
        assert redis is not None
        entries = Entries(redis, 60)
        entries.keep("login", "1:secret", b"record")
        while not stored:
            await redis.ask(lambda client: client.ping())
        assert await entries.find("login", "1:secret") == b"record"
        assert await entries.find("login", "2:secret") is None
        assert await entries.find("account", "1:secret") is None
        await redis.close()
