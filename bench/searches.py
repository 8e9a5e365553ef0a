"""`searches`: LDAP searches over TLS on held connections, with a real slapd as the backend of every proxy.

The backend runs on the load's core. The target `slapd` is the same directory, without a proxy and on the
target's core.
"""

from pathlib import Path

HERE = Path(__file__).resolve().parent
# What is searched, how many entries it finds, connections, and searches outstanding on each connection.
ONE = {"attr": "cn", "entries": 1}
MANY = {"attr": "objectClass", "value": "organizationalPerson", "entries": 100}
VARIANTS = (
    ("1 entry c1 w1", ONE, 1, 1),
    ("1 entry c1 w16", ONE, 1, 16),
    ("1 entry c32 w1", ONE, 32, 1),
    ("1 entry c32 w16", ONE, 32, 16),
    ("100 entries c1 w1", MANY, 1, 1),
    ("100 entries c32 w1", MANY, 32, 1),
)
COLUMNS = ["rate", "per_core", "p50_ms", "p99_ms", "cpu_ms", "load_ms", "backend_ms"]
COLUMNS += ["target_cores", "foreign_cores", "limit", "errs"]
# Who has bound sees all but passwords. The service account may act for every user (RFC 4370).
DATABASE = """moduleload back_mdb
authz-policy to
database mdb
maxsize 268435456
suffix {base}
directory {folder}
index objectClass,cn eq
access to attrs=userPassword by anonymous auth by self write
access to * by users read
"""
ROOT = """dn: {base}
objectClass: dcObject
objectClass: organization
o: bench
dc: bench

dn: cn=service,{base}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: service
userPassword: {password}
authzTo: dn.onelevel:{base}

"""
PERSON = """dn: cn={user},{base}
objectClass: organizationalPerson
cn: {user}
sn: {user}
title: Keeper of the gate
telephoneNumber: +49 30 1234567
facsimileTelephoneNumber: +49 30 1234568
postalAddress: Wicket Lane 1$12345 Bench
street: Wicket Lane 1
postalCode: 12345
l: Bench
ou: Gates
description: One of those whom the benchmark searches
userPassword: {password}

"""


def add_searches(harness, peers, run) -> None:
    """Adds the mode, and makes slapd the LDAP backend of the run."""

    class Directory(peers.Slapd):
        hashes = ("plain",)
        is_backend = False

        def run(self, *command, **more):
            return super().run(*command, aux=self.is_backend, **more)

        def start(self) -> None:
            folder = self.dir / "db"
            folder.mkdir()
            text = DATABASE.format(base=harness.BASE_DN, folder=folder)
            configuration = self.write("slapd.conf", self.head() + text)
            ldif = self.write("entries.ldif", entries(harness.BASE_DN, self.env))
            harness.sh("slapadd", "-q", "-f", configuration, "-l", ldif)
            self.run_slapd(configuration)

    class Backend(Directory):
        name = "backend"
        protos = ("ldap",)
        is_backend = True

    class Env(harness.Env):
        def start_sink(self) -> None:
            """Behind LDAP is the directory, and its CPU counts as the load's."""
            super().start_sink()
            backend = Backend(self)
            backend.start()
            self.sink, self.sink_ports["ldap"] = backend.aux[0], backend.ports["ldap"]
            self.searches = self.work / "searches"
            harness.sh("gcc", "-O2", "-Wall", "-o", self.searches, HERE / "searches.c", "-lssl", "-lcrypto")

    def mode_searches(env, args, target, round_number) -> None:
        search(env, target, VARIANTS[0], 0.3)
        for variant in VARIANTS:
            run.record(
                args, target, "searches", variant[0], round_number, search(env, target, variant, args.secs)
            )

    harness.Env = Env
    peers.PEERS["slapd"] = Directory
    run.mode_searches = mode_searches
    run.MODES += ("searches",)
    run.PROTOS["searches"] = ("ldaps",)
    run.COLUMNS["searches"] = COLUMNS


def entries(base: str, env) -> str:
    root = ROOT.format(base=base, password=env.password)
    return root + "".join(PERSON.format(base=base, user=user, password=env.password) for user in env.users)


def search(env, target, variant: tuple, seconds: float) -> dict:
    """One load, as the harness does it, by our generator. `load_ms`, `backend_ms`: CPU of a search there."""
    _, what, connections, window = variant
    binds, env.loadgen = env.loadgen, env.searches
    try:
        keys = {**what, "conc": connections, "window": window, "secs": seconds}
        result = env.load(target, "run", target.ports["ldaps"], **keys)
    finally:
        env.loadgen = binds
    count = max(result["n"], 1)
    load = result["load_cores"] * result["elapsed"]
    result["load_ms"] = result["loadgen_cpu"] / count * 1e3
    result["backend_ms"] = max(0.0, load - result["loadgen_cpu"]) / count * 1e3
    return result
