# Every verb works from a bare machine with Python 3.11: it makes .venv, installs what it needs, and runs.
# The stamps in .venv remember what is installed, so the second time is fast.
#
#   make demo      see it work in the browser (installs the app); PORT=8001 serves it at another port
#   make test      everything CI runs: the checks, then the tests
#   make check     style, types, import contracts, dependencies
#   make parity    hold every engine to the reference for SECONDS=600 seconds
#   make bench     measure against the alternatives and write benchmarks/README.md
#   make docs      write docs/reference/ anew
#   make clean     forget .venv and what the tools remember

SHELL := /bin/bash
PYTHON ?= python3
SECONDS_TO_RUN := $(or $(SECONDS),600)

BIN := .venv/bin
CORE := .venv/.installed-core
WEB := .venv/.installed-web
DEV := .venv/.installed-dev

.PHONY: demo test check format parity bench docs clean
.DEFAULT_GOAL := test

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Leadline needs Python 3.11 or later; $(PYTHON) is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 demo")'
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv

$(CORE): pyproject.toml | $(BIN)/python
	@echo "Installing Leadline into .venv: about a minute, once …"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(WEB): pyproject.toml | $(BIN)/python
	@echo "Installing the app into .venv: a minute or two the first time, as fast as your connection …"
	@$(BIN)/python -m pip install --quiet --editable '.[web]'
	@touch $(CORE) $@

$(DEV): pyproject.toml | $(BIN)/python
	@echo "Installing Leadline with all that its tests use into .venv (1 GB, most of it Spark): some minutes the first time …"
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(CORE) $(WEB) $@

demo: $(WEB)
	$(BIN)/leadline demo $(if $(PORT),--port $(PORT))

check: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/djlint src --lint --quiet
	LEADLINE_DATA=$$(mktemp -d) $(BIN)/python -m django makemigrations --check --dry-run --settings leadline.web.config.settings

test: check
	@echo "Running all tests, then those of the app once more on PostgreSQL: the better part of an hour with two cores …"
	$(BIN)/pytest -n 2
	LEADLINE_TEST_DATABASE=$${LEADLINE_TEST_POSTGRES:-postgresql://root@127.0.0.1:5432/test} $(BIN)/pytest -n 2 tests/web -m 'not browser and not one_database'

format: $(DEV)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

parity: $(DEV)
	@end=$$(( $$(date +%s) + $(SECONDS_TO_RUN) )); round=0; \
	while [ $$(date +%s) -lt $$end ]; do \
	  round=$$((round + 1)); echo "parity, round $$round"; \
	  HYPOTHESIS_PROFILE=long $(BIN)/pytest -n 2 -m parity -q || exit 1; \
	done

bench: $(DEV)
	$(BIN)/python -m benchmarks

docs: $(DEV)
	$(BIN)/python docs/write_reference.py

clean:
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
