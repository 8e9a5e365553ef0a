"""Brings users over from the directory, again and again, while the gateway serves."""

import asyncio

from config import Settings
from gateway.log import log
from gateway.threads import BoundedThreads
from store.database import Database, StoreUnavailable
from store.directory import DirectoryUnavailable, Report, SyncStopped, synchronise


async def keep_in_sync(database: Database, settings: Settings, threads: BoundedThreads) -> None:
    """Runs for ever. A sync that fails changes nothing, and the next one may succeed."""
    while True:
        try:
            _tell(await threads.run(synchronise, database, settings))
        except (DirectoryUnavailable, StoreUnavailable, SyncStopped) as error:
            log.error("directory not synced", error=str(error))
        except Exception:
            log.exception("directory not synced")  # of a library; logins don't depend on it
        await asyncio.sleep(settings.directory.sync_seconds)


def _tell(report: Report) -> None:
    """Who was changed is in the audit trail; what was skipped is nowhere else."""
    for problem in report.problems:
        log.warning("not synced", entry=problem.entry, problem=problem.sentence)
    if report.changes or report.full:
        log.info("directory synced", entries=report.entries, full=report.full, changes=len(report.changes))
