"""Whether new clients are welcome in this process: what a load balancer asks before it sends any."""

from gateway.feed import Feed


class Readiness:
    """Not ready at first; ready once `open` was called, until `stop`, as long as the feed is fresh.

    A backend that is down changes nothing: it is down for every gateway, and clients get the temporary code.
    """

    __slots__ = ("_feed", "_obstacle")

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._obstacle = "starting"

    def open(self) -> None:
        """The listeners accept."""
        self._obstacle = ""

    def stop(self) -> None:
        """A stop was asked for. The listeners may accept for a while yet."""
        self._obstacle = "stopping"

    @property
    def obstacle(self) -> str:
        """Why clients should go elsewhere, or ""."""
        if not self._obstacle and not self._feed.is_fresh():
            return "the change feed has been silent for longer than the lease"
        return self._obstacle
