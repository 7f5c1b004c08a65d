# Everything runs in .venv. PIP_OPTIONS: extra options for pip, as in `make demo PIP_OPTIONS="--index-url ..."`.
# FASHION_DATA: where uploads, results and Dagster's storage lie.
PYTHON ?= python3
PIP_OPTIONS ?=
FASHION_DATA ?= data
BIN := .venv/bin
# Without compiling, since few of the modules are ever imported.
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile $(PIP_OPTIONS) --constraint constraints.txt
export FASHION_DATA
# A hundred child processes of the tests import the package: without its bytecode each would compile it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo lookbook ui install test types tests batteries coverage studio bench evaluate fmt clean

demo: .venv/base ## every outfit of the sample catalogue, from a fresh machine
	$(BIN)/fashion demo --report $(FASHION_DATA)/demo.json

lookbook: .venv/base ## pages of everything that was generated, with the 3D view
	$(BIN)/fashion serve lookbook

ui: .venv/base ## Dagster's UI on the demo's data, with its pictures
	$(BIN)/fashion ui

install: .venv/dev ## everything, for development

test: .venv/dev ## lint, types, import rules, all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory --jobs=2 types tests

# The tests wait for disks and child processes a third of their time: mypy works then, and gives way to them.
types: .venv/dev
	nice $(BIN)/mypy

tests: .venv/dev
	$(BIN)/pytest

batteries: .venv/dev ## what takes whole programs tens of seconds each: daemons, full disks, databases that go away
	$(BIN)/pytest -m battery

coverage: .venv/dev ## all tests, and the lines that none reaches; a third slower
	$(BIN)/pytest --cov --cov-report=term-missing:skip-covered

studio: .venv/dev ## the body net from nothing: renders, then training; killed at any instant it goes on
	$(BIN)/python -m studio dataset $(FASHION_DATA)/studio
	$(BIN)/python -m studio train $(FASHION_DATA)/studio

bench: .venv/dev ## every figure of docs/benchmarks.md
	$(BIN)/python -m bench all --json

evaluate: .venv/dev ## the figures of docs/evaluation.md: the sample engines on people and garments they never saw
	$(BIN)/python -m bench evaluate --json

fmt: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv $(FASHION_DATA)

# Each stamp is made again when what it was installed from changes. Base needs no torch.
.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/base: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable .
	touch $@

.venv/dev: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable ".[all]"
	touch $@ .venv/base
