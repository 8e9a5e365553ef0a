# make demo   try it: everything on loopback, no root, nothing to install
# make test   the whole test run (installs the Debian packages it needs)
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# The tests start hundreds of processes; each would compile all of it again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo install venv dev lint test fuzz forgeries soak revocation bench bench-storm bench-restart bench-reload bench-workers bench-check bench-portal lock debian test-systemd test-directories clean

demo: install
	$(BIN)/wicketgate demo $(ARGS)

install: .venv/runtime
venv:
	@sh requirements/venv.sh $(PYTHON) '$(origin PYTHON)'
.venv/runtime: requirements/runtime.txt pyproject.toml | venv
	$(BIN)/pip install --quiet --require-hashes -r requirements/runtime.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

dev: install .venv/dev
.venv/dev: requirements/dev.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

debian:
	@sh requirements/debian.sh

# Two workers a core, as tests mostly wait; a file stays together, as it shares its servers. xdist would leave the files
# with few tests, which are the slow ones, to the end, where most workers have nothing left to do. ARGS="tests/store -k hash"
# runs a part, and with -n0 it runs in one process: ARGS="-n0 -x --pdb".
WORKERS ?= $(shell expr 2 \* $$(nproc))
test: dev debian
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

# The units, in a Debian that is booted with a real systemd; as root. Making that takes a network and some minutes,
# once. It lies in build/systemd.
test-systemd: dev
	@sh requirements/apt.sh debootstrap systemd-container
	$(BIN)/pytest tests/systemd $(ARGS)

# 389 Directory Server and Samba as an Active Directory, in containers; as root. Making their root takes a network and
# some minutes, once. It lies in build/directories.
test-directories: dev debian
	@sh requirements/directories.sh
	$(BIN)/pytest -n 2 --dist loadgroup tests/directories $(ARGS)

# Hash-locked, for every Python and platform that the project runs on, and without addresses.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate pyproject.toml --extra build -o requirements/runtime.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate --group dev pyproject.toml -c requirements/runtime.txt -o requirements/dev.txt

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build

# Each protocol's dialogues against what a coverage-guided fuzzer makes up.
FUZZ_RUNS ?= 20000
fuzz: dev .venv/fuzz
	@for target in tests/fuzz/fuzz_*.py; do $(BIN)/python $$target -atheris_runs=$(FUZZ_RUNS) || exit 1; done
.venv/fuzz: requirements/fuzz.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/fuzz.txt
	@touch $@

# More of the forged LDAP messages that `make test` sends to a directory through the gateway. FORGERY_SEED=2 makes others.
FORGERIES ?= 20000
FORGERY_SEED ?= 1
forgeries: export FORGERIES := $(FORGERIES)
forgeries: export FORGERY_SEED := $(FORGERY_SEED)
forgeries: dev debian
	$(BIN)/pytest -n0 tests/gateway/ldap/test_forged_messages.py $(ARGS)

# 10,000 messages while the gateway and its backend are killed again and again. ARGS="--messages 1000" is shorter.
soak: dev debian
	$(BIN)/python -m tests.soak $(ARGS)

# 1,000 revocations on three nodes under 50 logins a second. ARGS="--faults all" breaks things meanwhile.
revocation: dev debian
	$(BIN)/python -m tests.revocation $(ARGS)

# Side by side with the peers, in one run. HARNESS is the folder of the benchmark harness.
HARNESS ?= ../shared/bench
BENCH ?= --runs 3 --secs 1.5 --conc 1,32 --idle-conns 5000 --modes login,relay,latency,idle \
	--targets haproxy,nginx,nginx-64k,dovecot-hp,bench/wicketgate.toml
bench: install
	@test -f $(HARNESS)/run.py || { echo "The benchmark needs its harness; name its folder: make bench HARNESS=…" >&2; exit 1; }
	$(BIN)/python bench/run.py $(HARNESS) $(BENCH)

# All sessions cut at once, a restart without and with a warm Redis, 100 reloads under load, two workers against one.
bench-storm: BENCH = --runs 5 --modes storm --targets nginx,bench/wicketgate.toml,workers-2
bench-restart: BENCH = --runs 3 --modes restart --targets nginx,cold,warm
bench-reload: BENCH = --runs 1 --pin none --modes reload --targets workers-2
bench-workers: BENCH = --runs 5 --secs 20 --pin none --modes workers --targets workers-1,workers-2
bench-storm bench-restart bench-reload bench-workers: debian bench

# Holds a run's ratios to peers against bench/expected.toml: 1 if one has grown by more than 15 %. Searches have another
# backend, and so a run of their own.
bench-check: install
	@rm -f build/bench-check.jsonl && mkdir -p build
	$(MAKE) bench BENCH="--runs 3 --secs 1.5 --conc 1,32 --json build/bench-check.jsonl --modes login,messages,relay,ldap \
		--targets nginx,nginx-64k,slapd-ldap,bench/wicketgate.toml"
	$(MAKE) bench BENCH="--runs 3 --secs 1.5 --json build/bench-check.jsonl --modes searches \
		--targets slapd-ldap,bench/wicketgate.toml"
	$(BIN)/python bench/check.py build/bench-check.jsonl

# The portal's list pages, with 100,000 users in the store.
bench-portal: dev debian
	$(BIN)/python -m bench.portal $(ARGS)
