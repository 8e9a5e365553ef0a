"""Metrics of the process itself, under the names that all Prometheus clients have for them.

prometheus_client's own collector lists all open files: that would stop a gateway with 10,000 sessions for 50
milliseconds at each scrape.
"""

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

_PAGE = resource.getpagesize()
_STARTED = time.time()  # near enough: this is read while the process starts


def process_metrics() -> Iterator[Metric]:
    """CPU, memory, files, and when it began."""
    cpu = time.process_time()
    yield CounterMetricFamily("process_cpu_seconds", "CPU time of user and system.", value=cpu)
    yield GaugeMetricFamily("process_start_time_seconds", "Start, in seconds since 1970.", value=_STARTED)
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    yield GaugeMetricFamily("process_resident_memory_bytes", "Memory in use.", value=resident)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    yield GaugeMetricFamily("process_max_fds", "Files that may be open.", value=limit)
    # Linux says since 6.2 how many are open without listing them (proc_pid_fd(5)); before, it says 0.
    if count := os.stat("/proc/self/fd").st_size:
        yield GaugeMetricFamily("process_open_fds", "Files that are open.", value=count)
