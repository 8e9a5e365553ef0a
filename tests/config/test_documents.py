"""What the documents tell administrators to write can be loaded."""

import re
import textwrap
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
REST = """
[tls]
certificate = "certificate.pem"
key = "key.pem"
[[backend]]
protocol = "imap"
address = "imap.internal:993"
tls = "implicit"
login = "shared-password"
shared_password_file = "secret"
"""


def test_the_configuration_of_a_clusters_node(folder):
    """With a certificate and a backend, which it leaves to other pages."""
    [block] = re.findall(r"(?ms)^ *```toml\n(.*?)```", (DOCS / "cluster.md").read_text())
    settings = folder.load(textwrap.dedent(block) + REST).settings
    assert settings.store.url.startswith("postgresql://wicketgate@db1,db2/")
    assert settings.cache.address is not None
    assert settings.limits.drain_notice_seconds > 0
    [listener] = settings.listener
    assert {str(network) for network in listener.proxy_from} <= {
        str(network) for network in settings.metrics.sources
    }
