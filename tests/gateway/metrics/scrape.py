"""Asks the address for metrics as Prometheus and load balancers do."""

import asyncio
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


async def exchange(port: int, octets: bytes, *, source: str = "127.0.0.1") -> bytes:
    """All that comes back for these octets, until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    try:
        writer.write(octets)
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        writer.close()


async def get(port: int, path: str, *, method: str = "GET", accept: str = "*/*") -> Answer:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n"
    return read(await exchange(port, head.encode()))


def read(octets: bytes) -> Answer:
    """The one answer that these octets are."""
    head, _, body = octets.partition(b"\r\n\r\n")
    line, _, fields = head.partition(b"\r\n")
    version, status, _ = line.decode().split(" ", 2)
    assert version == "HTTP/1.1"
    headers = {name.lower(): value for name, value in BytesHeaderParser().parsebytes(fields).items()}
    return Answer(int(status), headers, body.decode())


class Samples:
    """The values of one scrape."""

    def __init__(self, answer: Answer) -> None:
        assert answer.status == 200, answer.body
        self.text = answer.body
        parse = (
            openmetrics_families
            if "openmetrics" in answer.headers["content-type"]
            else (text_string_to_metric_families)
        )
        self.families = {family.name: family for family in parse(answer.body)}
        self._samples = [one for family in self.families.values() for one in family.samples]

    def names(self) -> set[str]:
        return {one.name for one in self._samples}

    def __call__(self, name: str, **labels: str) -> float:
        """The sum of all samples of that name with these labels; there must be one."""
        assert self.has(name, **labels), f"there is no {name} with {labels}"
        return sum(self._values(name, labels))

    def has(self, name: str, **labels: str) -> bool:
        return bool(self._values(name, labels))

    def _values(self, name: str, labels: dict[str, str]) -> list[float]:
        return [
            one.value for one in self._samples if one.name == name and labels.items() <= one.labels.items()
        ]


async def scrape(port: int, accept: str = "*/*") -> Samples:
    """What is so now: an answer may be a quarter of a second old, so none of before this call is taken."""
    await asyncio.sleep(0.26)
    return Samples(await get(port, "/metrics", accept=accept))


async def until(port: int, name: str, wanted: float, **labels: str) -> Samples:
    """A scrape in which that sample has this value. Raises TimeoutError."""
    async with asyncio.timeout(20):
        while True:
            samples = await scrape(port)
            if samples.has(name, **labels) and samples(name, **labels) == wanted:
                return samples
