"""The portal's log lines, in the format of the gateway's."""

import structlog
from structlog.typing import FilteringBoundLogger

log: FilteringBoundLogger = structlog.get_logger()
