# Everything a newcomer needs is here: `make help`. Wanted on the machine: Python 3.11 with pip and venv, and make.

PYTHON ?= python3
PORT ?= 8000
PORTAL_PORT ?= 8001

BIN := .venv/bin
RUN_STAMP := .venv/.synced-run
DEV_STAMP := .venv/.synced-dev
PEERS_STAMP := .venv/.synced-peers
PURE_ROOMS := feeds/read/**,feeds/decide/**,feeds/render/**
# Their own tests reach every branch of theirs. Counting branches halves the speed: the other tests do without.
PURE_TESTS := tests/read tests/decide tests/render tests/portals

# What tests need includes what a run needs: after `make test` nothing is installed for `make run`.
READY := $(if $(wildcard $(DEV_STAMP)),$(DEV_STAMP),$(RUN_STAMP))

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export UV_NO_PROGRESS = 1

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench soak glossary lock wheel clean
.DELETE_ON_ERROR:

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: $(READY) ## the demo: a replica portal, the daemon, feeds and mails (PORT=8000 PORTAL_PORT=8001)
	@exec $(BIN)/feeds demo --port $(PORT) --portal-port $(PORTAL_PORT)

test: $(DEV_STAMP) ## the whole suite; the pure rooms must have every branch covered
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto $(PURE_TESTS) $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='$(PURE_ROOMS)' --fail-under=100
	$(BIN)/pytest -n auto $(addprefix --ignore=,$(PURE_TESTS)) $(ARGS)

lint: $(DEV_STAMP) ## style, types and the arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV_STAMP) ## write files the way lint wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV_STAMP) $(PEERS_STAMP) ## the measurements that the docs speak of (CORPUS=DIR: read the pages of DIR)
	@set -e; for file in tests/benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python "$$file"; done

soak: $(DEV_STAMP) ## daemons that are killed a hundred times while they send to a server that goes wrong (ARGS="--kills 20")
	$(BIN)/python -m tests.soak $(ARGS)

glossary: $(DEV_STAMP) ## docs/glossary.md anew from the docstrings of the model
	$(BIN)/python docs/make_glossary.py

lock: $(DEV_STAMP) ## the requirements files anew, newest versions (UPGRADE= keeps the present ones)
	$(BIN)/uv pip compile $(LOCK) --extra dev pyproject.toml --output-file requirements-dev.txt
	$(BIN)/uv pip compile $(LOCK) --constraint requirements-dev.txt --no-annotate pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile $(LOCK) --constraint requirements-dev.txt --no-annotate --extra peers pyproject.toml --output-file requirements-peers.txt

UPGRADE ?= --upgrade
LOCK = --quiet $(UPGRADE) --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock'

wheel: $(DEV_STAMP) ## dist/*.whl, with the presets of config/ inside
	$(BIN)/uv build --quiet --wheel --out-dir dist

clean: ## remove what can be made again; data stays
	rm -rf .venv dist build htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find feeds tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- setting up: once, and again when a requirements file or pyproject.toml changes ----

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "noticefeeds needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv

# uv does it in seconds; where it cannot be had or cannot reach a registry, pip does the same with the same hashes.
define sync
	@if { $(BIN)/python -m uv --version || $(BIN)/python -m pip install --quiet uv; } >/dev/null 2>&1 \
		&& $(BIN)/python -m uv pip sync --quiet --python $(BIN)/python --require-hashes $(1); \
	then $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --no-deps --editable .; \
	else echo "without uv: pip installs, this takes a few minutes" >&2; \
		$(BIN)/python -m pip install --quiet --require-hashes --requirement $(1) \
		&& $(BIN)/python -m pip install --quiet --no-deps --editable .; fi
	@touch $@
endef

$(RUN_STAMP): requirements.txt pyproject.toml | .venv/bin/python
	$(call sync,requirements.txt)

$(DEV_STAMP): requirements-dev.txt pyproject.toml | .venv/bin/python
	$(call sync,requirements-dev.txt)

# Beside the environment, not in it: what tests and runs import does not change.
$(PEERS_STAMP): requirements-peers.txt | $(DEV_STAMP)
	@$(BIN)/python -m uv pip install --quiet --no-deps --require-hashes --target .venv/peers --requirement $<
	@touch $@
