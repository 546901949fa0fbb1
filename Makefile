# Every target says what it does: `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PAGE := frontend-pwa
SPEC_TOOLS := packages/spec-tools
PAGE_SOURCES := $(shell find $(PAGE) packages -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
NATIVE_SOURCES := $(shell find solver wildside -name '*.pyx' -o -name '*.pxd')

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## ---- set up -----------------------------------------------------------------

# A stamp older than a lock or a .pyx means: install and build again.
.venv/stamp: requirements-dev.lock pyproject.toml setup.py $(NATIVE_SOURCES)
	@test -x $(BIN)/python || { echo "making .venv"; $(PYTHON) -m venv .venv; }
	@echo "installing the locked dependencies and building the engine (about a minute the first time)"
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock 2> >(grep -v '^WARNING: Location' >&2)
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip install --quiet --no-build-isolation --no-deps --editable . 2> >(grep -v '^WARNING: Location' >&2)
	@touch $@

# Not `npm ci`: it refuses a lock without the native parts of platforms that a registry's mirror does not
# carry. `install --no-save` takes the same locked versions and checks the same hashes.
$(PAGE)/node_modules/stamp: $(PAGE)/package-lock.json
	@echo "installing the page's locked dependencies"
	@cd $(PAGE) && npm install --no-save --no-audit --no-fund --silent
	@touch $@

# Linters of the API's documents and the generator of the page's types; nothing of it is shipped.
$(SPEC_TOOLS)/node_modules/stamp: $(SPEC_TOOLS)/package-lock.json
	@echo "installing the locked tools that read the API's documents"
	@cd $(SPEC_TOOLS) && npm install --no-save --no-audit --no-fund --silent
	@touch $@

$(PAGE)/dist/index.html: $(PAGE)/node_modules/stamp $(PAGE_SOURCES)
	@echo "building the page"
	@cd $(PAGE) && npm run --silent build
	@touch $@

.PHONY: help venv page setup
venv: .venv/stamp ## Make .venv with everything Python needs, the engine built
page: $(PAGE)/dist/index.html ## Build the page
setup: venv page ## Everything: .venv and the built page

## ---- use --------------------------------------------------------------------

.PHONY: demo dev cluster specs
specs: venv $(SPEC_TOOLS)/node_modules/stamp ## Write the API's documents from the code, and the page's types from them
	@$(BIN)/wildside specs
	@cd $(PAGE) && npm run --silent types

demo: setup ## Walk through a city: `make demo` or `make demo EXTRACT=path.osm.pbf`
	@$(BIN)/wildside demo $(if $(EXTRACT),--extract "$(EXTRACT)") $(if $(PORT),--port $(PORT))

dev: setup ## Server and page, both reloading when a file changes
	@$(BIN)/python scripts/dev.py

cluster: setup test-tools ## PostgreSQL, Redis, two servers, three workers as plain processes, until Ctrl-C
	@$(BIN)/python scripts/cluster.py $(if $(EXTRACT),--extract "$(EXTRACT)")

## ---- check ------------------------------------------------------------------

.PHONY: check check-page check-specs test test-tools soak bench check-native wheel
check: venv check-page check-specs ## Format, lint, types, import rules, spelling, the page's own checks
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports >/dev/null || { $(BIN)/lint-imports; exit 1; }
	$(BIN)/shellcheck .ci/* deploy/scripts/*.sh scripts/check-native scripts/install-test-tools
	$(BIN)/codespell README.md CONTRIBUTING.md CHANGELOG.md docs conf wildside actors solver

check-page: $(PAGE)/node_modules/stamp $(SPEC_TOOLS)/node_modules/stamp
	cd $(PAGE) && npm run --silent check

check-specs: $(SPEC_TOOLS)/node_modules/stamp
	cd $(SPEC_TOOLS) && npm run --silent lint

test-tools: ## Install what the tests start (Debian or Ubuntu, as root; elsewhere say what is missing)
	@scripts/install-test-tools

test: check test-tools setup ## All checks and all tests but the long ones
	$(BIN)/python -m pytest -q -m "not soak" $(PYTEST)

soak: test-tools setup ## The long tests: many walks, stress, leaks
	$(BIN)/python -m pytest -m soak --timeout 3600 $(PYTEST)

bench: setup ## Every benchmark, peers beside ours; results under bench/results
	@for file in $(filter-out %_peers.py,$(wildcard bench/*.py)); do name=$$(basename $$file .py); \
	  grep -q '^if __name__' $$file || continue; \
	  echo "== $$name"; $(BIN)/python -m bench.$$name $(BENCH) --json bench/results/$$name.json; done

check-native: venv ## The engine's tests with bounds checks and sanitizers
	@scripts/check-native

wheel: setup ## Build the wheel with conf, migrations and the page inside
	@$(BIN)/pip wheel --quiet --no-build-isolation --no-deps --wheel-dir dist .
	@ls dist/*.whl
