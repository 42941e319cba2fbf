# `make demo` shows the library at work, `make test` tests it; both set up `.venv` by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
# The oldest versions of everything: but for the extra mcp, which wants newer ones of others.
OLDEST := aiohttp,cli,django,fastapi,flask,gm,httpx2,opentelemetry,pycurl,quart,redis,sandbox,socks
EXTRAS := $(if $(LOWEST),$(OLDEST),all)
# Tests start many a process: what is compiled once is kept, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=
# The demo is for newcomers: it needs little, and does not make them wait for the rest.
SHOWN := $(if $(wildcard $(READY)),$(READY),$(VENV)/.shown)

.PHONY: default catalogue samples demo test core soak mutants lint typecheck mypy pyright typing bench docs dist clean
default: lint typecheck test

$(READY): pyproject.toml
	@$(PYTHON) .ci/environment.py $(VENV) --extra $(EXTRAS) --group dev $(if $(LOWEST),--lowest)
	@touch $@

$(VENV)/.shown: pyproject.toml
	@$(PYTHON) .ci/environment.py $(VENV) --extra sandbox
	@touch $@

demo: $(SHOWN)
	$(BIN)/python -m wechatpay.sandbox.demo
	@echo
	@echo 'Try next: a WeChat Pay of your own and, once it has said where its page is, a QR code to pay there:'
	@echo
	@echo '  $(BIN)/python -m wechatpay.sandbox > $(VENV)/sandbox.env &'
	@echo '  . $(VENV)/sandbox.env && $(BIN)/python examples/native.py "A cup of tea" 100'

# Every test. Watching which lines they run takes a third of the time again, so it is asked for:
# COVERAGE=1 fails below 100 % of the branches of hand-written code, and is what CI runs.
COVERED := $(if $(COVERAGE),--cov --cov-report=term --cov-fail-under=100)
test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not checkers" $(COVERED)

# The library itself, without the command line, sandbox, examples and documentation: what it has to do
# on every system. With LOWEST=1, in a new environment, on the oldest of what pyproject.toml allows.
core: $(READY)
	$(BIN)/python -m pytest -n auto tests/api tests/crypto $(wildcard tests/test_*.py)

# What is tried at random (state machines, parsers, faults), fifty times as often as in `test`, and
# what is tried of each of a thousand endpoints, of which `test` takes every tenth.
SOAK ?= 50
soak: $(READY)
	SOAK=$(SOAK) $(BIN)/python -m pytest -n auto --dist worksteal -m "hypothesis or soak"

# The verifying core, changed in small ways: which changes does no test notice? DRAW is how many are
# tried, some seconds each.
DRAW ?= 100
mutants: $(READY)
	$(BIN)/python tests/mutants.py --draw $(DRAW)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: mypy pyright

mypy: $(READY)
	$(BIN)/mypy

pyright: $(READY)
	$(BIN)/pyright

# What type checkers and editors make of the documentation's blocks, of samples, and of every
# documented endpoint, rightly and wrongly called: some minutes.
typing: $(READY)
	$(BIN)/python -m pytest -m checkers tests/api/check_typing.py tests/documentation/test_blocks.py \
		tests/facts/test_cases.py tests/facts/test_samples.py tests/test_benchmarks.py

bench: $(READY)
	$(BIN)/python benchmarks/run.py

# The catalogue's data, types and report, from checkouts of the sources in catalogue/sources.json:
# SOURCES is a folder with one of each, by its repository's name.
catalogue: $(READY)
	$(BIN)/python -m catalogue $(SOURCES)
	$(BIN)/python -m wechatpay._codegen

# Every official sample as a literal call: what type checkers and the sandbox say. SOURCES as above.
samples: $(READY)
	$(BIN)/python -m catalogue.trying $(SOURCES)

# The documentation's site, into build/site; its links are checked.
docs: $(READY)
	$(BIN)/python -m docs.builder

# Wheel and sdist, into dist; each is installed and tried on every Python that is here. TAG=v1.2.3
# has to fit the changelog.
dist: $(READY)
	$(BIN)/python -m release $(if $(TAG),--tag $(TAG))

clean:
	rm -rf $(VENV) build dist .coverage htmlcov .mypy_cache .pytest_cache .ruff_cache .hypothesis
