# Everything runs in .venv, which is made on first use from pinned and hashed packages.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 8080
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=
BODIES ?= 100000
SEED ?= 1

# The newest Python that works. The Redis bundled for demo and tests exists for 3.11 and 3.12; a newer Python needs one on PATH.
define FIND_PYTHON
for name in python3.12 python3.11 python3 python3.14 python3.13; do \
	$$name -c 'import ensurepip, shutil, sys, venv; \
has_redis = shutil.which("redis-server") or shutil.which("valkey-server"); \
sys.exit(not ((3, 11) <= sys.version_info < ((4,) if has_redis else (3, 13))))' 2>/dev/null && { echo $$name; break; }; \
done
endef

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: demo
demo: .venv/runtime ## try the bot in a browser: http://127.0.0.1:8080/ (PORT= changes it)
	@$(BIN)/frontdesk --log-level warning demo --port $(PORT)

.PHONY: test
test: lint ## style, types and the whole test suite against a real Redis (about what CI runs)
	$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

.PHONY: quick
quick: lint ## style, types and the tests that need no browser and break nothing on purpose
	$(BIN)/pytest -n 2 --dist loadgroup tests/bot tests/flows tests/contracts $(ARGS)

.PHONY: lint
lint: .venv/dev ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

.PHONY: fmt
fmt: .venv/dev ## put the code into the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: fuzz
fuzz: .venv/dev ## broken deliveries against every route: BODIES= and SEED= say how many and which
	@$(BIN)/python -m tests.security.fuzz --bodies $(BODIES) --seed $(SEED)

CONVERSATIONS ?= 10000
KILLS ?= 500
SEED ?= 0

.PHONY: faults
faults: .venv/dev ## attack the bot for a quarter of an hour (CONVERSATIONS= KILLS= SEED=); ends with what was lost, double, untrue
	$(BIN)/python -m tests.faults.campaign --conversations $(CONVERSATIONS) --kills $(KILLS) --seed $(SEED)

.PHONY: mutants
mutants: .venv/dev ## switch one safety rule off at a time, and see the attack notice it
	$(BIN)/python -m tests.faults.mutants $(ARGS)

ROUNDS ?= 200

.PHONY: vendors
vendors: .venv/dev ## hold every vendor to the contract with each switch of its emulator, and let twelve want one slot (ROUNDS=)
	$(BIN)/pytest -n 2 --dist loadgroup -m "switches or not switches" tests/vendors tests/journeys/test_vendors.py $(ARGS)
	$(BIN)/python -m tests.vendors.rounds --rounds $(ROUNDS)

.PHONY: bench
bench: .venv/dev ## the bot's cost per turn beside the cheapest possible bot's
	$(BIN)/python -m benchmarks.bench $(ARGS)

.PHONY: lock
lock: .venv/dev ## pin the newest allowed packages, with hashes
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --upgrade --output-file requirements.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --upgrade --extra dev --constraint requirements.txt \
		--output-file requirements-dev.txt pyproject.toml

.PHONY: clean
clean: ## remove .venv and every cache
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	find bot flows tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "No usable Python: expected 3.11 or 3.12 with venv (Debian: apt install python3-venv)," \
			"or a newer one and a redis-server on PATH." >&2; exit 2; fi; \
	rm -rf .venv; \
	echo "Making .venv with $$($$python --version)"; \
	$$python -m venv .venv

.venv/runtime: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing what the bot needs"
	@$(PIP) install --quiet --require-hashes --requirement requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: requirements-dev.txt .venv/runtime
	@echo "Installing what its tests need"
	@$(PIP) install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@
