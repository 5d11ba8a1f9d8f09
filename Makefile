# Everything a newcomer needs: `make demo`, `make test`, `make check`. Each does its own set-up in .venv.
# A Python of 3.11 or newer and a package index are all that has to be there.

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
  command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
DEMO_DIR ?= reports/runs/demo
# One more than the two processors that the tests are meant for: they wait for servers a third of the time.
WORKERS ?= 3
LITE := $(VENV)/second-opinion
LITE_PACKAGES := @supabase/lite@0.10.0 postgres@3.4.9

.PHONY: help demo test test-long test-random check lint types imports docs contracts browser node node-example second-opinion test-versions test-corpus test-corpus-versions test-faults test-migrate-faults test-cutover-faults bench-gateway bench-datalayer bench-methods bench-schema bench-rows bench-migrate bench-report rivals-rows soak-methods clean
.DEFAULT_GOAL := help

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; set PYTHON=/path/to/python3"; exit 1; }
	@# Some systems package Python without ensurepip; their own pip then fills the environment.
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/.bench: pyproject.toml | $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.demo

$(VENV)/.docs: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

demo: $(VENV)/.demo ## Tell the story on two local servers, and write a report
	$(BIN)/pgparity demo --output $(DEMO_DIR)

# In the order of the folders, unit tests last: xdist's own puts files of few tests last, and those are the long ones.
DIST := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
test: $(VENV)/.dev ## Run the tests
	$(BIN)/python -m pytest $(DIST) -q

test-long: $(VENV)/.dev ## Run the tests that `make test` leaves out for their time (test-migrate-faults has a set of its own, test-cutover-faults most of one)
	$(BIN)/python -m pytest $(DIST) -q -m long --ignore tests/faults/migrate --ignore tests/faults/cutover/test_faults.py --ignore tests/faults/cutover/test_breaks.py --ignore tests/faults/cutover/test_planted_faults.py

test-random: $(VENV)/.dev ## The tests of properties with other examples each time (make test has the same each time)
	PGPARITY_RANDOM=1 $(BIN)/python -m pytest $(DIST) -q -m hypothesis

lint: $(VENV)/.dev ## Ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## Mypy, strict
	$(BIN)/mypy

imports: $(VENV)/.dev ## The direction of imports
	$(BIN)/lint-imports

check: lint types imports test ## What CI runs: lint, types, imports, tests

SITE ?= build/site
docs: $(VENV)/.docs ## Build the site of docs/ (build/site/index.html); a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d build/doctrees docs $(SITE)
	@echo "the site: $(SITE)/index.html"

contracts: $(VENV)/.dev ## Write the JSON Schemas and the generated pages of docs/ anew
	$(BIN)/python docs/generate.py --write

browser: ## Install Chromium for the report's browser tests, where apt-get is there (needs root)
	apt-get update -q && apt-get install -y -q --no-install-recommends chromium

node:
	@command -v node >/dev/null && command -v npm >/dev/null || \
	  { echo "make: this needs Node with npm (version 20 or newer)"; exit 2; }

node-example: node $(VENV)/.dev ## Fetch what the example of a data layer in JavaScript needs, and run its tests (needs Node)
	$(BIN)/python -m tests.node_example
	$(BIN)/python -m pytest -q tests/postgres/test_command_layer.py

second-opinion: node $(VENV)/.dev ## Ask Supabase's lite server what the gateway is asked (needs Node)
	DO_NOT_TRACK=1 npm install --prefix $(LITE) --no-save --no-fund --no-audit --loglevel=error $(LITE_PACKAGES)
	PGPARITY_SECOND_OPINION=$(abspath $(LITE)) DO_NOT_TRACK=1 $(BIN)/python -m pytest -q tests/second_opinion

# Each version as the source and as the target, beside the 16 and 18 of `make test`.
ROWS_PAIRS := 13-18 14-18 15-18 17-18 16-13 16-14 16-15 16-17
ROWS_TESTS := $(wildcard tests/postgres/test_rows*.py) tests/postgres/test_compare_rows.py \
  tests/postgres/test_repair.py tests/property/test_rows_brute_force.py
test-versions: node $(VENV)/.dev ## The gateway, introspection and the comparison of rows on PostgreSQL 13 to 18 (needs Node, takes more than half an hour)
	set -e; servers="$$($(BIN)/python -m tests.server_versions $(VENV)/servers)"; \
	for major in 13 14 15 16 17 18; do echo "PostgreSQL $$major"; PGPARITY_PG_BIN="$$servers" PGPARITY_TEST_MAJOR=$$major \
	  $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -q tests/supabase tests/postgres/test_introspect.py; done; \
	for pair in $(ROWS_PAIRS); do echo "rows of PostgreSQL $${pair%-*} and $${pair#*-}"; PGPARITY_PG_BIN="$$servers" \
	  PGPARITY_TEST_MAJOR=$${pair%-*} PGPARITY_TEST_NEWER_MAJOR=$${pair#*-} \
	  $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -q $(ROWS_TESTS); done; \
	PGPARITY_PG_BIN="$$servers" $(BIN)/python -m pytest -n $(WORKERS) --dist load -q -m long \
	  tests/property/test_rows_between_versions.py

test-corpus: $(VENV)/.dev ## Every pair of schemas/corpus (make test takes every thirtieth, and the plan of every sixtieth)
	PGPARITY_CORPUS=all PGPARITY_RANDOM_SCHEMAS=200 $(BIN)/python -m pytest -n $(WORKERS) --dist load -q tests/corpus

test-corpus-versions: node $(VENV)/.dev ## The same on PostgreSQL 13 to 18 (needs Node, takes hours)
	set -e; servers="$$($(BIN)/python -m tests.server_versions $(VENV)/servers)"; \
	for major in 13 14 15 16 17 18; do echo "PostgreSQL $$major"; PGPARITY_PG_BIN="$$servers" PGPARITY_TEST_MAJOR=$$major \
	  PGPARITY_CORPUS=all $(BIN)/python -m pytest -n $(WORKERS) --dist load -q \
	  tests/corpus/test_corpus.py tests/corpus/test_plans.py; done

bench-gateway: $(VENV)/.dev ## How long a read by key takes through the gateway
	$(BIN)/python -m benchmarks.gateway_by_id

bench-datalayer: $(VENV)/.dev ## What a call of the data layer library costs, and a batch of 500 rows
	$(BIN)/python -m benchmarks.datalayer

bench-methods: $(VENV)/.dev ## What the method comparison costs a case, and the whole reference suite in two processes
	$(BIN)/python -m benchmarks.methods

bench-schema: $(VENV)/.bench ## How long two large schemas take, beside migra and pg_dump; then replay, then growth
	$(BIN)/python -m benchmarks.schema_diff
	$(BIN)/python -m benchmarks.schema_diff --replay
	$(BIN)/python -m benchmarks.schema_diff --growth --rounds 3

bench-rows: $(VENV)/.dev ## How long 2,000,000 rows take to be compared, beside reladiff and namidiff; then growth
	$(BIN)/python -m benchmarks.rows

bench-migrate: $(VENV)/.dev ## How long 2,000,000 rows take to be moved, beside pgcopydb, pg_dump and by hand; then growth
	$(BIN)/python -m benchmarks.migrate

bench-report: $(VENV)/.dev ## How long a report of 10,000 findings takes to render and to open in Chromium, and how large it is
	$(BIN)/python -m benchmarks.report

rivals-rows: $(VENV)/.dev ## Ask reladiff, namidiff and parity-diff what they miss, and write the table of docs/rows.md
	$(BIN)/python -m benchmarks.rows.missed --output docs/rows.md

test-faults: $(VENV)/.dev ## All 150 faults planted in data layers (make test takes every eightieth)
	PGPARITY_FAULTS=all $(BIN)/python -m pytest -n $(WORKERS) --dist load -q tests/faults/methods

test-migrate-faults: $(VENV)/.dev ## Migrations that are killed, cut off, locked out and filled up, and run again (PGPARITY_SEED=… for the same moments)
	PGPARITY_FAULTS=all $(BIN)/python -m pytest -n $(WORKERS) --dist load -q -m "long or not long" tests/faults/migrate

test-cutover-faults: $(VENV)/.dev ## Cutovers under load that are killed 50 times at random, broken and gone back on (PGPARITY_SEED=… for the same moments)
	PGPARITY_FAULTS=all $(BIN)/python -m pytest -q -m "long or not long" tests/faults/cutover

SEEDS ?= 300
soak-methods: $(VENV)/.dev ## Equal data layers under many seeds: none may give a finding (SEEDS=300)
	$(BIN)/python -m tests.faults.methods.soak --seeds $(SEEDS)

clean: ## Remove the environment and generated reports
	rm -rf $(VENV) build reports/runs .pytest_cache .mypy_cache .ruff_cache
