# `make demo` shows the library at work, `make test` proves it; both set up `.venv` by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: default demo test lint typecheck typing bench docs dist clean
default: lint typecheck test

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

demo: $(READY)
	$(BIN)/python -m wechatpay.sandbox.demo

test: $(READY)
	$(BIN)/python -m pytest -n auto --cov --cov-report=term --cov-fail-under=100

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: $(READY)
	$(BIN)/mypy
	$(BIN)/pyright

# Every documented endpoint, rightly and wrongly called, before both type checkers: some minutes.
typing: $(READY)
	$(BIN)/python -m pytest tests/api/check_typing.py

bench: $(READY)
	$(BIN)/python benchmarks/run.py

# The documentation's site, into build/site; its links are checked.
docs: $(READY)
	$(BIN)/python -m docs.builder

# Wheel and sdist, into dist; each is installed and tried on every Python that is here. TAG=v1.2.3
# has to fit the changelog.
dist: $(READY)
	$(BIN)/python -m release $(if $(TAG),--tag $(TAG))

clean:
	rm -rf $(VENV) build dist .coverage htmlcov .mypy_cache .pytest_cache .ruff_cache .hypothesis
