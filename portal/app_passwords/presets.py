"""What people mostly create app passwords for: a name, and what it has to do."""

from dataclasses import dataclass

from config import ProtocolName

_MAIL: tuple[ProtocolName, ...] = ("imap", "pop3", "smtp")


@dataclass(frozen=True, slots=True)
class Preset:
    """`slug` stands in the address, `word` on the page. `guide` is the part of the setup that fits."""

    slug: str
    word: str
    name: str
    protocols: tuple[ProtocolName, ...]
    guide: str


PRESETS = (
    Preset("outlook", "Outlook", "Outlook", (*_MAIL, "ldap"), "outlook-2010"),
    Preset("thunderbird", "Thunderbird", "Thunderbird", (*_MAIL, "sieve", "ldap"), "thunderbird"),
    Preset("phone", "Phone", "My phone", ("imap", "smtp"), "apple"),
    Preset("scanner", "Scanner", "Scanner", ("smtp",), "scanner"),
    Preset("script", "Script", "Script", ("imap", "smtp"), "script"),
)


def preset(slug: str) -> Preset | None:
    """The one of that slug."""
    return next((one for one in PRESETS if one.slug == slug), None)
