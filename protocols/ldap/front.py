"""Our side towards LDAP clients, for as long as they stay: they may bind as often as they like."""

from protocols.dialogue import (
    Buffer,
    Credentials,
    Dialogue,
    Forward,
    Login,
    LoginResult,
    LogOut,
    Outcome,
    ProtocolError,
    Send,
)
from protocols.ldap import codes, extended, root_dse
from protocols.ldap import message as ldap
from protocols.ldap.decoding import controls_of, operation_of
from protocols.ldap.message import Message
from protocols.ldap.notice import notice_of_disconnection
from protocols.ldap.objections import NotUnderstood, Objection
from protocols.ldap.operations import Abandon, Extended, Request, Search
from protocols.ldap.permission import Permission
from protocols.terms import Anonymous, FrontTerms

_CODES = {
    Outcome.LIMITED: codes.BUSY,
    Outcome.UNAVAILABLE: codes.UNAVAILABLE,
}
# A stranger needs room for a bind, and what is half there is held for each of them.
_MAX_STRANGERS_MESSAGE = 16384
_MAX_MESSAGE = 4194303  # what OpenLDAP takes from those who have bound (sockbuf_max_incoming_auth)
_BLANK = b" \0"
_OUR_EXTENSIONS = frozenset((codes.START_TLS, codes.FAST_BIND, codes.TURN))


def front(terms: FrontTerms) -> Dialogue[None]:
    """Returns when the client has said goodbye."""
    yield from _Front(terms).run()


class _Front:
    __slots__ = ("_bound", "_buffer", "_failures", "_login", "_passes", "_permission", "_secure", "_terms")

    def __init__(self, terms: FrontTerms) -> None:
        self._terms = terms
        self._secure = terms.tls or not terms.starttls
        self._buffer = Buffer()
        self._permission = Permission(terms.directory)
        self._bound = False
        self._failures = (
            0  # since the last login that was accepted, as applications bind one user after another
        )
        self._login: LoginResult | None = None
        self._passes = terms.directory.anonymous is Anonymous.PASS

    def run(self) -> Dialogue[None]:
        try:
            while True:
                limit = _MAX_MESSAGE if self._bound else _MAX_STRANGERS_MESSAGE
                message = yield from ldap.read_message(self._buffer, limit)
                if message.operation == ldap.UNBIND:
                    return
                yield from self._carry_out(message)
        except ProtocolError as error:
            yield Send(notice_of_disconnection(codes.PROTOCOL_ERROR, error.sentence()))
            raise

    def _carry_out(self, message: Message) -> Dialogue[None]:
        if message.id == ldap.UNSOLICITED:
            raise ProtocolError("the message ID 0 is not for clients")
        if message.operation not in ldap.REQUESTS:
            raise ProtocolError("this is no request that a client can make")
        try:
            if message.operation == ldap.BIND:
                yield from self._bind(message)
            else:
                yield from self._operate(message)
        except NotUnderstood as problem:
            yield from self._object(message, problem.objection)

    def _object(self, message: Message, objection: Objection) -> Dialogue[None]:
        yield from self._answer(message, objection.code, objection.text)

    def _answer(self, message: Message, code: int, text: bytes) -> Dialogue[None]:
        if message.operation in ldap.RESPONSES:
            yield Send(ldap.result(message.id, ldap.RESPONSES[message.operation], code, text))

    def _bind(self, message: Message) -> Dialogue[None]:
        """From here on nobody is logged in until a bind succeeds (RFC 4511, section 4.2.1).

        Nor is anything passed on as a stranger's meanwhile: it was meant for a user.
        """
        bind = ldap.parse_bind(message)
        self._passes = False
        if self._bound:
            self._bound, self._login = False, None
            yield LogOut()
        refusal = self._formal_refusal(message, bind)
        if refusal is not None:
            yield from self._answer(message, *refusal)
        elif not bind.name:
            self._passes = self._terms.directory.anonymous is Anonymous.PASS
            yield from self._answer(message, codes.SUCCESS, b"")
        else:
            yield from self._log_in(message, Credentials(bind.name, bind.password or b""))

    def _formal_refusal(self, message: Message, bind: ldap.Bind) -> tuple[int, bytes] | None:
        """Why no login is even tried, by nothing but the form of what was asked."""
        if not self._secure:
            return codes.CONFIDENTIALITY_REQUIRED, b"Start TLS first, then bind"
        if bind.version != 3:
            return codes.PROTOCOL_ERROR, b"LDAP version 3 is required; choose it in the client's settings"
        if bind.password is None:
            return codes.AUTH_METHOD_NOT_SUPPORTED, b"Only simple binds are offered, with name and password"
        if any(control.critical for control in controls_of(message)):
            return codes.UNAVAILABLE_CRITICAL_EXTENSION, b"No critical control is taken with a bind"
        if not bind.name and not bind.password:
            if self._terms.directory.anonymous in (Anonymous.BIND, Anonymous.PASS):
                return None
            return (
                codes.INAPPROPRIATE_AUTHENTICATION,
                b"Anonymous binds are not allowed: give name and password",
            )
        # RFC 4513, section 5.1.2: a directory says yes to a name without a password, and means anonymous.
        if not bind.name:
            return codes.UNWILLING_TO_PERFORM, b"A password without a name is not accepted"
        if not bind.password.strip(_BLANK):
            return codes.UNWILLING_TO_PERFORM, b"A name without a password is not accepted"
        return None

    def _log_in(self, message: Message, credentials: Credentials) -> Dialogue[None]:
        more = len(self._buffer) > 0
        result: LoginResult = yield Login(credentials)
        if result.outcome is Outcome.ACCEPTED:
            self._bound, self._login, self._failures = True, result, 0
            yield from self._answer(message, codes.SUCCESS, result.text)
            return
        code = _CODES.get(result.outcome, codes.INVALID_CREDENTIALS)
        yield from self._answer(message, code, result.text)
        if more or result.pipelined:
            # Operations meant for a user must not run as anybody else's.
            raise ProtocolError("operations behind a bind that failed")
        self._failures += 1
        if self._failures >= self._terms.failed_logins:
            raise ProtocolError("too many failed logins")

    def _operate(self, message: Message) -> Dialogue[None]:
        """Whatever comes of it, the operation is read whole first: what is no LDAP is so for everybody."""
        request = Request(message.id, operation_of(message), controls_of(message))
        operation = request.operation
        if isinstance(operation, Extended) and operation.name in _OUR_EXTENSIONS:
            yield from self._extend(message, operation)
        elif isinstance(operation, Search) and root_dse.is_asked_for(operation):
            yield from self._show_root_dse(message, operation, request)
        elif not self._secure or not (self._bound or self._passes):
            yield from self._refuse_stranger(message)
        elif isinstance(operation, Abandon):
            yield from self._abandon(request)
        elif self._login is not None and self._login.delegated:
            yield from self._delegate(message, request, self._login.delegated)
        else:
            yield from self._forward(message, request)

    def _extend(self, message: Message, operation: Extended) -> Dialogue[None]:
        """Extended operations that the gateway answers itself, in any case."""
        if operation.name == codes.START_TLS:
            yield from self._start_tls(message)
        elif operation.name == codes.FAST_BIND:
            text = b"Only ordinary simple binds are offered"
            yield from self._answer(message, codes.AUTH_METHOD_NOT_SUPPORTED, text)
        else:
            yield from self._answer(message, codes.PROTOCOL_ERROR, b"This operation is not offered")

    def _start_tls(self, message: Message) -> Dialogue[None]:
        """RFC 4511, section 4.14."""
        if self._secure:
            has_it = self._terms.tls or self._terms.starttls
            code = codes.OPERATIONS_ERROR if has_it else codes.PROTOCOL_ERROR
            text = b"TLS is already on" if has_it else b"This listener has no TLS"
            yield from self._answer(message, code, text)
            return
        yield from self._buffer.start_tls(extended.response(message.id, codes.SUCCESS, codes.START_TLS))
        self._secure = True

    def _show_root_dse(self, message: Message, search: Search, request: Request) -> Dialogue[None]:
        """The same before a bind and after it: what the directory says of itself, less its SASL."""
        if not self._bound and self._terms.directory.anonymous is Anonymous.NONE:
            yield from self._refuse_stranger(message)
            return
        if any(control.critical and control.oid != codes.MANAGE_DSA_IT for control in request.controls):
            text = b"The root DSE is answered without controls"
            yield from self._answer(message, codes.UNAVAILABLE_CRITICAL_EXTENSION, text)
            return
        starttls = self._terms.starttls and not self._secure
        attributes = root_dse.attributes(self._terms.offered, starttls)
        done = ldap.result(message.id, ldap.SEARCH_DONE, codes.SUCCESS)
        yield Send(root_dse.entry(message.id, search, attributes) + done)

    def _abandon(self, request: Request) -> Dialogue[None]:
        """Without controls: a server doesn't abandon anything for which it doesn't know a critical one."""
        if not any(control.critical for control in request.controls):
            yield Forward(request._replace(controls=()))

    def _delegate(self, message: Message, request: Request, identity: bytes) -> Dialogue[None]:
        """An operation of a user in whose place the gateway has bound."""
        judged = self._permission.judged(request)
        if isinstance(judged, Objection):
            yield from self._object(message, judged)
        elif _asks_who(judged) and not self._terms.directory.proxied:
            # The directory would name the gateway's own account.
            yield Send(extended.who_am_i(message.id, identity))
        else:
            yield from self._forward(message, judged)

    def _forward(self, message: Message, request: Request) -> Dialogue[None]:
        taken: bool = yield Forward(request)
        if not taken:
            text = b"The directory is unavailable for the moment. Please try again later"
            yield from self._answer(message, codes.UNAVAILABLE, text)

    def _refuse_stranger(self, message: Message) -> Dialogue[None]:
        if not self._secure:
            yield from self._answer(message, codes.CONFIDENTIALITY_REQUIRED, b"Start TLS first, then bind")
        else:
            yield from self._answer(
                message, codes.STRONGER_AUTH_REQUIRED, b"Bind first, with name and password"
            )


def _asks_who(request: Request) -> bool:
    return isinstance(request.operation, Extended) and request.operation.name == codes.WHO_AM_I
