# `make demo` shows the library at work, `make test` proves it; both set up `.venv` by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: default demo test lint typecheck typing bench clean
default: lint typecheck test

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

demo: $(READY)
	$(BIN)/python -m wechatpay.sandbox.demo

test: $(READY)
	$(BIN)/python -m pytest --cov --cov-report=term --cov-fail-under=100

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

clean:
	rm -rf $(VENV) build dist .coverage htmlcov .mypy_cache .pytest_cache .ruff_cache .hypothesis
