"""What is noted on a connection for whoever opens it, and for whoever uses it."""

# The execution option of the connections that write.
WRITES = "wicketgate_writes"
# The key in a connection's `info`: which history of the store it shows. See store.changes.history.
HISTORY = "wicketgate_history"
# The key in a connection's `info` that says that its transaction has written to the change feed.
CHANGED = "wicketgate_changed"

# An execution option: of connections that read no hash of an app password, so that they need no right to.
WITHOUT_HASHES = "without_hashes"
