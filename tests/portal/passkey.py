"""A passkey for Chromium: its virtual authenticator, by the Chrome DevTools Protocol."""

from typing import Any

from tests.portal.site import Visitor


class VirtualPasskey:
    """Plugged into one visitor's page. It says yes to everything, as its user would."""

    def __init__(self, visitor: Visitor, *, synced: bool = False, knows_user: bool = True) -> None:
        self._devtools = visitor.context.new_cdp_session(visitor.page)
        self._devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": knows_user,
            "automaticPresenceSimulation": True,
            "defaultBackupEligibility": synced,
            "defaultBackupState": synced,
        }
        added = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = added["authenticatorId"]

    def unplug(self) -> None:
        self._devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})

    def credentials(self) -> list[dict[str, Any]]:
        """Those that it holds, with their private keys."""
        answer = self._devtools.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        found: list[dict[str, Any]] = answer["credentials"]
        return found

    def put(self, credential: dict[str, Any]) -> None:
        """One that another has made."""
        self._devtools.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": credential})
