"""How a user is logged in at a backend: with which name, which secret, and what is told of the client."""

from config import Backend as BackendSettings
from config import read_secret
from gateway.directory_names import is_dn
from gateway.judgement import Admit, PassThrough
from protocols.dialogue import Credentials
from protocols.terms import BackTerms, Client


class CannotLogIn(Exception):
    """This user can't be logged in at this backend; the text says why, for the log."""


class BackendLogin:
    """The terms on which a backend is logged in to. Raises `ConfigurationError` if a secret can't be read."""

    __slots__ = ("_secret", "_settings", "_trusted")

    def __init__(self, settings: BackendSettings) -> None:
        self._settings = settings
        self._secret = _secret(settings)
        self._trusted = frozenset(command.upper().encode() for command in settings.trusted_commands)

    def terms(self, verdict: Admit | PassThrough, presented: Credentials, client: Client) -> BackTerms:
        """A passed-through login presents the client's own, unchanged; an admitted one ours."""
        credentials: Credentials | None
        if isinstance(verdict, PassThrough):
            login, credentials = presented.username, Credentials(presented.username, presented.password)
        elif self._settings.login == "service":
            login, credentials = b"", self.service()
        else:
            user = verdict.account.user
            login = (user.backend_login or user.login).encode()
            credentials = self._credentials(login)
        return BackTerms(
            credentials,
            login,
            starttls=self._settings.tls == "starttls",
            client=client if self._settings.forward_client == "auto" else None,
            trusted=self._trusted,
            ask_who=self._may_be_another(verdict, login),
        )

    def _may_be_another(self, verdict: Admit | PassThrough, login: bytes) -> bool:
        """Whether the directory chooses the user by a name, not by the user's own DN."""
        if self._settings.protocol != "ldap" or not isinstance(verdict, PassThrough):
            return False
        return verdict.account is None or not is_dn(login)

    def nobodys_terms(self) -> BackTerms:
        """For a directory that answers anonymous clients: no login at all."""
        return BackTerms(None, starttls=self._settings.tls == "starttls")

    def service(self) -> Credentials:
        """The account by which the gateway itself is known to a directory."""
        return Credentials((self._settings.service_dn or "").encode(), self._secret)

    def _credentials(self, login: bytes) -> Credentials | None:
        way = self._settings.login
        if way == "xclient":
            return None
        master = (self._settings.master_user or "").encode()
        if way == "master":
            return Credentials(master, self._secret, authzid=login)
        if way == "shared-password":
            return Credentials(login, self._secret)
        separator = self._settings.separator.encode()
        if separator in login:
            # The backend would take what stands behind it for the master user's name.
            raise CannotLogIn("the login name contains the separator of the master user")
        return Credentials(login + separator + master, self._secret)


def _secret(settings: BackendSettings) -> bytes:
    path = settings.master_password_file or settings.shared_password_file or settings.service_password_file
    return read_secret(path) if path is not None else b""
