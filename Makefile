SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo check test acceptance worth format clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready ## make .venv with everything in it (Python 3.11+ is all that is needed)

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name it with make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup ## ten simulated years through a real local Kafka, the last weeks as if live, and print the alerts (KEEP=1 leaves it running)
	$(BIN)/ecda-stream demo $(if $(KEEP),--keep,)

check: setup ## format, lint, types, import contracts and the tests that need no broker
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m 'not broker'

test: setup ## all tests, with a real local Kafka
	$(BIN)/python -m pytest -q

acceptance: setup ## the heaviest tests at full size, 20,000 children through Kafka among them (two hours)
	ECDA_TEST_CHILDREN=20000 $(BIN)/python -m pytest -q -s tests/e2e/test_kill_and_replay.py tests/policy/test_ten_years.py
	ECDA_TEST_CHILDREN=160000 $(BIN)/python -m pytest -q -s tests/policy/test_audit_sample.py

WORTH := .ecda/worth
SEEDS := 201 202 203 204 205
CHILDREN := 20000
KEYS := --secret-file $(WORTH)/secrets/pseudonymisation.key --review-public-key-file $(WORTH)/secrets/review_public.key

worth: setup ## the released model on five worlds that it was not trained on, with what is lost where (an hour and a half; less with CHILDREN=10000)
	test -d $(WORTH)/secrets || $(BIN)/ecda-stream secrets create --out $(WORTH)/secrets
	for seed in $(SEEDS); do \
	  $(BIN)/ecda-stream simulate --children $(CHILDREN) --years 10 --seed $$seed --out $(WORTH)/$$seed || exit; \
	  $(BIN)/ecda-stream admit $(WORTH)/$$seed/events.jsonl --out $(WORTH)/$$seed/log.jsonl --arrive recorded $(KEYS) || test $$? = 3 || exit; \
	done
	$(BIN)/ecda-stream evaluate re_referral $(SEEDS:%=$(WORTH)/%/log.jsonl) $(SEEDS:%=--truth $(WORTH)/%/truth.jsonl) \
	  --secret-file $(WORTH)/secrets/pseudonymisation.key --losses --json

format: setup ## format the code and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove .venv and caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
