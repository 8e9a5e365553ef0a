"""A mail program that sends letter after letter, and never the same one twice."""

import random
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from tests.gateway.before_dovecot import MAIN, Mailhouse
from tests.soak.ledger import Ledger
from tests.soak.letter import PEOPLE, letter
from tests.soak.ways import WAYS

_SECONDS = 30
_BACK_OFF = (0.02, 0.2)
_MAIN_PASSWORD_SHARE = 0.25


class Sender:
    """Number `index` of the senders, each with an address of its own; `send` is run in a thread."""

    def __init__(self, house: Mailhouse, ledger: Ledger, seed: int, index: int) -> None:
        self._house, self._ledger, self._seed = house, ledger, seed
        self._chance = random.Random(f"{seed} sender {index}")
        self._login = PEOPLE[index % len(PEOPLE)]
        # Not 127.0.0.1: Postfix believes the gateway there what it says about others.
        self._source = f"127.0.0.{2 + index}"
        self._context = house.gateway.client_context()

    def send(self) -> None:
        """Until the run is finished. What goes wrong is noted and ends the connection, not the sender."""
        while not self._ledger.finished.is_set():
            try:
                self._session()
            except OSError as error:  # smtplib's exceptions are among these
                self._ledger.fail(_reason(error))
                self._ledger.finished.wait(self._chance.uniform(*_BACK_OFF))

    def _session(self) -> None:
        with self._connected() as client:
            client.login(self._login, self._password())
            for _ in range(self._chance.randint(1, 8)):
                if self._ledger.finished.is_set():
                    break
                self._hand_over(client)
            client.quit()

    def _hand_over(self, client: smtplib.SMTP) -> None:
        number = self._ledger.begin()
        self._chance.choice(WAYS)(client, self._login, letter(self._seed, number), self._chance)
        self._ledger.acknowledge(number)

    def _password(self) -> str:
        # The third of them may only use app passwords.
        if self._login != PEOPLE[2] and self._chance.random() < _MAIN_PASSWORD_SHARE:
            return MAIN[self._login]
        return self._house.given[self._login].secret

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        ports, source = self._house.gateway.ports, (self._source, 0)
        name, seconds = "laptop.example.test", _SECONDS
        client: smtplib.SMTP
        if implicit := self._chance.random() < 0.5:
            client = smtplib.SMTP_SSL(
                "localhost",
                ports["smtps"],
                local_hostname=name,
                timeout=seconds,
                source_address=source,
                context=self._context,
            )
        else:
            client = smtplib.SMTP(
                "localhost", ports["smtp"], local_hostname=name, timeout=seconds, source_address=source
            )
        try:
            if not implicit:
                client.starttls(context=self._context)
            yield client
        finally:
            client.close()


def _reason(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"reply {error.smtp_code}"
    if isinstance(error, ssl.SSLError):
        return "TLS cut off"
    return type(error).__name__
