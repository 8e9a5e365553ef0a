"""The directory, as the service account sees it: who an entry is, and who its users are.

Everything here blocks: call it in a thread. ldap3 is loaded at the first connection only, since it takes
16 MB that a gateway without a directory has no use for.
"""

from store.directory.lookup import Lookup
from store.directory.report import Report
from store.directory.sync import synchronise
from store.directory.unavailable import DirectoryUnavailable, SyncStopped

__all__ = ["DirectoryUnavailable", "Lookup", "Report", "SyncStopped", "synchronise"]
