# Every target says what it does: `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamp is older than a lock or a .pyx: install and build again.
$(VENV)/stamp: requirements-dev.lock pyproject.toml setup.py $(shell find solver wildside -name '*.pyx' -o -name '*.pxd')
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.PHONY: venv
venv: $(VENV)/stamp ## Make .venv with everything Python needs, extensions built
