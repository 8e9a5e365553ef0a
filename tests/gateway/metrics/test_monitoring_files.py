"""The alert rules and the dashboard, held against Prometheus' own tool and what a real gateway tells."""

import asyncio
import json
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
import pytest_asyncio

from tests.gateway.metrics.alarms import ALARMS, HEALTHY, MINUTES
from tests.gateway.metrics.scrape import get, until
from tests.gateway.metrics.several import open_workers
from tests.gateway.site import GOOD
from tests.servers.ports import free_ports
from tests.servers.redis import RedisServer
from tests.servers.unpacked import unpacked

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).resolve().parents[3]
ALERTS = ROOT / "examples/prometheus/alerts.yml"
DASHBOARD = ROOT / "examples/grafana/wicketgate.json"
DOCUMENT = ROOT / "docs/metrics.md"
NAME = re.compile(r"\b(?:wicketgate|process)_[a-z0-9_]+\b")
VARIABLES = {"$__rate_interval": "5m", "$instance": ".*", "$job": "wicketgate"}


def promtool(*arguments, told=None):
    command = [unpacked("prometheus") / "usr/bin/promtool", *map(str, arguments)]
    return subprocess.run(command, input=told, capture_output=True, text=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers(tmp_path_factory, authority):
    """Two workers that have a Redis, once somebody has come and gone."""
    folder = tmp_path_factory.mktemp("scraped")
    with RedisServer() as redis:
        (folder / "key").write_text("5e" * 32)
        (folder / "key").chmod(0o600)
        cache = f'\n[cache]\nurl = "{redis.url()}"\nkey_file = "key"\n'
        async with open_workers(folder, authority, cache) as site:
            await site.logged_in()
            await asyncio.to_thread(site.gateway.run, "kick", GOOD)
            await until(site.gateway.third, "wicketgate_sessions_cut_total", 1, reason="kicked")
            yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scraped(workers):
    """What their supervisor tells."""
    return (await get(workers.gateway.third, "/metrics")).body


def expressions():
    """Every expression of the dashboard, as Prometheus gets it from Grafana."""
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            text = target["expr"]
            for variable, value in VARIABLES.items():
                text = text.replace(variable, value)
            yield text


async def test_prometheus_finds_no_fault_with_a_scrape(scraped):
    checked = promtool("check", "metrics", told=scraped)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize("file", [ALERTS, DASHBOARD, DOCUMENT], ids=lambda file: file.name)
async def test_every_metric_that_is_named_is_in_a_scrape(scraped, file):
    there = {line.split("{")[0].split(" ")[0] for line in scraped.splitlines() if not line.startswith("#")}
    there |= set(re.findall(r"^# TYPE (\S+) histogram$", scraped, re.MULTILINE))
    named = set(NAME.findall(file.read_text()))
    assert len(named) > 10
    assert named - there == set()


async def test_every_metric_is_in_the_document(scraped):
    there = set(re.findall(r"^# TYPE (\S+) ", scraped, re.MULTILINE))
    assert there - set(NAME.findall(DOCUMENT.read_text())) == set()


async def test_prometheus_takes_the_rules_and_the_scrape_configuration():
    for arguments in (
        ("check", "rules", ALERTS),
        ("check", "config", "--syntax-only", ALERTS.with_name("scrape.yml")),
    ):
        checked = promtool(*arguments)
        assert checked.returncode == 0, checked.stdout + checked.stderr


async def test_prometheus_takes_every_expression_of_the_dashboard(tmp_path):
    rules = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(expressions())]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    checked = promtool("check", "rules", tmp_path / "rules.yml")
    assert f"{len(rules)} rules found" in checked.stdout, checked.stdout + checked.stderr


@contextmanager
def prometheus(folder, target):
    """A Prometheus with our scrape configuration and alerts, whose only gateway is `target`."""
    [port] = free_ports(1)
    text = ALERTS.with_name("scrape.yml").read_text().replace("15s", "1s")
    text = re.sub(r"targets: .*", f'targets: ["{target}"]', text) + f'rule_files: ["{ALERTS}"]\n'
    (folder / "prometheus.yml").write_text(text)
    program = unpacked("prometheus") / "usr/bin/prometheus"
    options = {
        "config.file": "prometheus.yml",
        "storage.tsdb.path": "data",
        "web.listen-address": f"127.0.0.1:{port}",
    }
    command = [program, *(f"--{name}={value}" for name, value in options.items())]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}/api/v1/query?query="
    finally:
        process.kill()
        process.wait()


def asked(url, query):
    """What Prometheus answers: values by worker."""
    try:
        with urlopen(url + quote(query), timeout=10) as answer:
            result = json.load(answer)["data"]["result"]
    except OSError:
        return {}
    return {one["metric"].get("worker", ""): float(one["value"][1]) for one in result}


async def test_prometheus_itself_reads_what_we_serve(workers, tmp_path):
    with prometheus(tmp_path, f"127.0.0.1:{workers.gateway.third}") as url:
        async with asyncio.timeout(60):
            while await asyncio.to_thread(asked, url, "wicketgate_ready") != {"1": 1, "2": 1}:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert await asyncio.to_thread(asked, url, "up") == {"": 1}


def case(name, series):
    """With these series, in the place of the healthy ones of the same name, that alert fires and no other."""
    replaced = {one.split("{")[0] for one in series}
    healthy = {one: values for one, values in HEALTHY.items() if one.split("{")[0] not in replaced}
    firing = 'count by (alertname) (ALERTS{alertstate="firing"})'
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1}] if name else []
    return {
        "interval": "15s",
        "input_series": [{"series": one, "values": values} for one, values in (healthy | series).items()],
        "promql_expr_test": [{"expr": firing, "eval_time": f"{MINUTES}m", "exp_samples": samples}],
    }


async def test_each_alert_fires_at_what_it_is_for_and_at_nothing_else(tmp_path):
    cases = [case("", {}), *(case(name, series) for name, series in ALARMS.items())]
    document = {"rule_files": [str(ALERTS)], "evaluation_interval": "15s", "tests": cases}
    (tmp_path / "test.yml").write_text(json.dumps(document))
    tested = promtool("test", "rules", tmp_path / "test.yml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


async def test_each_alert_is_tried_and_in_the_document():
    alerts = set(re.findall(r"alert: (\w+)", ALERTS.read_text()))
    assert alerts == set(ALARMS)
    assert alerts == set(re.findall(r"Wicketgate[A-Z]\w+", DOCUMENT.read_text()))
