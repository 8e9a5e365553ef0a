"""Everybody's account, and who may open it: all of the demo's mail servers ask here."""

import hmac
from collections.abc import Mapping

from gateway.demo.mailbox import Account


class Accounts:
    """The account of each user, made when it is first wanted and kept until the demo ends.

    `main_passwords` is login to password, `addresses` each further address to its login. The shared password,
    which the gateway uses, opens all accounts.
    """

    def __init__(
        self,
        main_passwords: Mapping[str, str],
        shared_password: str,
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        self._passwords = {login.casefold(): password.encode() for login, password in main_passwords.items()}
        self._shared = shared_password.encode()
        self._logins = {login: login for login in self._passwords}
        self._logins |= {other.casefold(): login.casefold() for other, login in (addresses or {}).items()}
        self._accounts: dict[str, Account] = {}

    def log_in(self, name: bytes, password: bytes) -> Account | None:
        """The account of the user with this login or address, or None if the password is not theirs."""
        login = self._logins.get(name.decode("utf-8", "replace").casefold())
        known = (self._passwords[login], self._shared) if login else ()
        fits = [hmac.compare_digest(one, password) for one in known]
        return self._account(login) if login and any(fits) else None

    def receiver(self, address: str) -> Account | None:
        """Whom mail to this address is for, or None if nobody here has it."""
        login = self._logins.get(address.casefold())
        return self._account(login) if login else None

    def _account(self, login: str) -> Account:
        if login not in self._accounts:
            self._accounts[login] = Account(login)
        return self._accounts[login]
