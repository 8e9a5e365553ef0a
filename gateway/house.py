"""What all sessions of a process share."""

import asyncio
from dataclasses import dataclass

from config import ProtocolName
from gateway.backend import Backend
from gateway.certificates import Certificates
from gateway.gatekeeper import Gatekeeper
from gateway.metrics.tally import Tally
from gateway.poller import Poller
from gateway.questions import Questions
from gateway.refusal import Refusals
from gateway.relay import ReadBuffer
from gateway.repeated_lines import RepeatedLines
from gateway.sessions import Sessions
from gateway.strangers import Strangers
from gateway.throttle import Throttle
from protocols.terms import DirectoryTerms
from store.last_used import LastUsed
from store.refused_logins import RefusedLogins


@dataclass(frozen=True, slots=True)
class House:
    """The one gatekeeper, the backends behind it, and the table of those who are in."""

    loop: asyncio.AbstractEventLoop
    poller: Poller
    buffer: ReadBuffer
    gatekeeper: Gatekeeper
    refusals: Refusals
    backends: dict[ProtocolName, Backend]
    certificates: Certificates
    sessions: Sessions
    strangers: Strangers
    lines: RepeatedLines
    tally: Tally
    throttle: Throttle
    questions: Questions
    last_used: LastUsed
    refused_logins: RefusedLogins
    host: bytes
    directory: DirectoryTerms
    refusal_seconds: float
    failed_logins: int
