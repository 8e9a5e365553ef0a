"""The rules that hold for one user and protocol: the policy, and the overrides that match."""

from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Literal

from config import Override, Policy, ProtocolName


@dataclass(frozen=True, slots=True)
class Rules:
    """What the judgement obeys."""

    refuse: bool
    observe: bool
    pass_unknown: bool
    app_passwords: Literal["allowed", "no-new", "denied"]
    trusted_networks: tuple[IPv4Network | IPv6Network, ...]


class Rulebook:
    """Finds the rules for a user and a protocol."""

    __slots__ = ("_general", "_overrides", "_protocols_off")

    def __init__(self, policy: Policy) -> None:
        self._general = Rules(
            refuse=False,
            observe=policy.observe,
            pass_unknown=policy.unknown_users == "pass",
            app_passwords=policy.app_passwords,
            trusted_networks=policy.trusted_networks,
        )
        self._protocols_off = frozenset(policy.protocols_off)
        self._overrides = policy.override

    def rules(self, login: str, protocol: ProtocolName) -> Rules:
        """`login` is a user's own login name. Of several overrides that match, the later one wins."""
        rules = self._general
        if protocol in self._protocols_off:
            rules = replace(rules, refuse=True)
        for override in self._overrides:
            if _matches(override, login, protocol):
                rules = replace(rules, **_changes(override))
        return rules


def _matches(override: Override, login: str, protocol: ProtocolName) -> bool:
    domain = login.rpartition("@")[2]
    return (
        (not override.users or login in override.users)
        and (not override.domains or domain in override.domains)
        and (not override.protocols or protocol in override.protocols)
    )


def _changes(override: Override) -> dict[str, Any]:
    settable = ("observe", "app_passwords", "trusted_networks", "refuse")
    return {name: value for name in settable if (value := getattr(override, name)) is not None}
