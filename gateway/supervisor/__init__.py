"""The supervisor of `serve`: holds the listening sockets, and keeps workers running that serve on them."""
