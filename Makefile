# Everything a newcomer needs. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help run test check lint types imports house lock messages screenshots clean set-up set-up-dev test-packages

BIN := .venv/bin

# Python keeps what it compiled, tests included: the next process need not do it again.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: set-up ## set up what is missing and start everything (Ctrl-C stops it)
	@exec $(BIN)/madoguchi up

test: ## all tests, with all they need (Debian: system packages too)
	@$(MAKE) --no-print-directory -j 3 test-packages lint types imports house
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/house -m "not journey"
	@# The browser's driver leaves an event loop running, in which Django would refuse to ask the database. Three processes
	@# on two cores: a journey waits for its page or its line part of the time.
	DJANGO_ALLOW_ASYNC_UNSAFE=true $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m journey

check: set-up-dev ## the quick part of the tests
	@$(MAKE) --no-print-directory -j 2 lint types imports house

lint: set-up-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djlint src --lint --quiet

types: set-up-dev
	$(BIN)/mypy

imports: set-up-dev
	$(BIN)/lint-imports

house: set-up-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/house

lock: set-up-dev ## compile requirements/*.in to *.txt with hashes
	@sh tools/lock.sh

messages: set-up ## compile the catalogues of translations that changed
	@$(BIN)/python tools/messages.py

screenshots: set-up-dev ## take the pictures of the README anew
	@$(BIN)/python tools/screenshots.py

clean: ## remove what set-up and tests made; data stays
	rm -rf .venv .*_cache .cache .hypothesis .import_linter_cache test-results src/*.egg-info
	find src tests \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} +

set-up:
	@sh tools/set-up.sh run

set-up-dev:
	@sh tools/set-up.sh dev

test-packages:
	@sh tools/test-packages.sh
