"""Mail programs, with the names that their fields have."""

from config import ClientSettings
from portal.languages import marked, translated
from portal.setup.guide import THE_APP_PASSWORD, Field, Group, Guide, Owner


def outlook_2010(incoming: ClientSettings, outgoing: ClientSettings | None, user: Owner) -> Guide:
    """The fields of its Add New Account."""
    kind = incoming.protocol.upper()
    first = [
        Field("E-mail Address", user.address, True),
        Field("Account Type", kind),
        Field("Incoming mail server", incoming.host, True),
        *([Field("Outgoing mail server (SMTP)", outgoing.host, True)] if outgoing else []),
        Field("User Name", user.login, True),
        Field("Password", THE_APP_PASSWORD),
        Field("Remember password", "ticked"),
        Field("Require logon using Secure Password Authentication (SPA)", "not ticked"),
    ]
    advanced = [
        Field(translated("Incoming server (%(kind)s)") % {"kind": kind}, str(incoming.port), True),
        Field("Use the following type of encrypted connection", _ssl(incoming)),
    ]
    groups = [Group("Internet E-mail Settings", tuple(first))]
    if outgoing is not None:
        advanced += [
            Field("Outgoing server (SMTP)", str(outgoing.port), True),
            Field("Use the following type of encrypted connection", _ssl(outgoing)),
        ]
        ticks = (
            Field("My outgoing server (SMTP) requires authentication", "ticked"),
            Field("Use same settings as my incoming mail server", "chosen"),
        )
        groups.append(Group("More Settings, Outgoing Server", ticks))
    groups.append(Group("More Settings, Advanced", tuple(advanced)))
    way = marked(
        "File, Info, Add Account. Choose Manually configure server settings, Next, Internet E-mail, Next. "
        "Outlook 2010 can also find all this by itself: enter your name, e-mail address and app password."
    )
    return Guide("outlook-2010", "Outlook 2010", way, tuple(groups))


def outlook(incoming: ClientSettings, outgoing: ClientSettings | None, user: Owner) -> Guide:
    """Outlook 2016 and later, the classic one and the new one."""

    def server(one: ClientSettings) -> tuple[Field, ...]:
        return (
            Field("Server", one.host, True),
            Field("Port", str(one.port), True),
            Field("Encryption method", "SSL/TLS" if one.security == "tls" else "STARTTLS"),
            Field("Require logon using Secure Password Authentication (SPA)", "not ticked"),
        )

    groups = [
        Group("Account", (Field("Email address", user.address, True), Field("Password", THE_APP_PASSWORD))),
        Group("Incoming mail", server(incoming)),
        *([Group("Outgoing mail", server(outgoing))] if outgoing else []),
    ]
    way = translated(
        "File, Add Account. Type your e-mail address, open Advanced options, tick Let me set up my account "
        "manually, Connect, then choose %(kind)s."
    ) % {"kind": incoming.protocol.upper()}
    return Guide("outlook", "Outlook", way, tuple(groups))


def thunderbird(incoming: ClientSettings, outgoing: ClientSettings | None, user: Owner) -> Guide:
    """Its account setup."""

    def server(one: ClientSettings) -> tuple[Field, ...]:
        return (
            Field("Protocol", one.protocol.upper()),
            Field("Hostname", one.host, True),
            Field("Port", str(one.port), True),
            Field("Connection security", "SSL/TLS" if one.security == "tls" else "STARTTLS"),
            Field("Authentication method", "Normal password"),
            Field("Username", user.login, True),
        )

    groups = [
        Group("Account", (Field("Email address", user.address, True), Field("Password", THE_APP_PASSWORD))),
        Group("Incoming server", server(incoming)),
        *([Group("Outgoing server", server(outgoing))] if outgoing else []),
    ]
    way = marked(
        "Menu, New Account, Email. Type your name, e-mail address and app password, then Continue: "
        "Thunderbird mostly finds the rest by itself. Otherwise choose Configure manually."
    )
    return Guide("thunderbird", "Thunderbird", way, tuple(groups))


def apple(incoming: ClientSettings, outgoing: ClientSettings | None, user: Owner) -> Guide:
    """Mail on iPhone, iPad and Mac."""

    def server(one: ClientSettings) -> tuple[Field, ...]:
        return (
            Field("Host Name", one.host, True),
            Field("User Name", user.login, True),
            Field("Password", THE_APP_PASSWORD),
            Field("Port", str(one.port), True),
            Field("Use SSL", "on"),
        )

    groups = [
        Group("New Account", (Field("Email", user.address, True), Field("Password", THE_APP_PASSWORD))),
        Group("Incoming Mail Server", server(incoming)),
        *([Group("Outgoing Mail Server", server(outgoing))] if outgoing else []),
    ]
    way = marked(
        "On an iPhone or iPad: Settings, Apps, Mail, Mail Accounts, Add Account, Other, Add Mail Account. "
        "On a Mac: Mail, Add Account, Other Mail Account."
    )
    return Guide("apple", "Apple Mail", way, tuple(groups))


def android(incoming: ClientSettings, outgoing: ClientSettings | None, user: Owner) -> Guide:
    """Gmail and its like."""

    def server(one: ClientSettings, kind: str) -> tuple[Field, ...]:
        return (
            Field("Username", user.login, True),
            Field("Password", THE_APP_PASSWORD),
            Field(translated("%(kind)s server") % {"kind": kind}, one.host, True),
            Field("Port", str(one.port), True),
            Field("Security type", "SSL/TLS" if one.security == "tls" else "STARTTLS"),
        )

    kind = incoming.protocol.upper()
    groups = [
        Group("Incoming server settings", server(incoming, kind)),
        *(
            [
                Group(
                    "Outgoing server settings",
                    server(outgoing, "SMTP"),
                )
            ]
            if outgoing
            else []
        ),
    ]
    way = translated(
        "In the mail app: Add account, Other. Type %(address)s, Manual setup, Personal (%(kind)s). "
        "The words differ a little from app to app."
    ) % {"address": user.address, "kind": kind}
    return Guide("android", "Android", way, tuple(groups))


def _ssl(one: ClientSettings) -> str:
    """As Outlook calls it: TLS is what others call STARTTLS."""
    return "SSL" if one.security == "tls" else "TLS"
