# Everything runs in .venv/, made once and remade when the lock file or pyproject.toml changes.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help install demo test check lint types docs bench wheel lock clean

help: ## say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

install: $(STAMP) ## make the environment in .venv/

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 was not found. Install it, or say where it is: make PYTHON=/path/to/python3.11"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(STAMP) ## the whole job on shipped, fictional customers
	$(BIN)/lieudit demo

test: $(STAMP) ## all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: lint types docs ## lint, types, layers and documentation

lint: $(STAMP) ## ruff and import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(STAMP) ## mypy --strict
	$(BIN)/mypy

docs: $(STAMP) ## check that the documentation says what runs
	$(BIN)/python -m pytest -q tests/docs

bench: $(STAMP) ## run the benchmarks; figures go to docs/benchmarks.md by hand
	$(BIN)/python -m benchmarks

wheel: $(STAMP) ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

lock: ## resolve the lock file again (needs uv)
	uv pip compile pyproject.toml --group dev --extra web --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header -o requirements.lock

clean: ## remove what was built
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
