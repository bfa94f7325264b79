# Everything sets up what it needs. `make` alone lists the targets.
PYTHON ?= python3
PHOTOS ?= examples/photos
OUT ?= demo
# Not every shell turns ~ into the home folder after PHOTOS=.
PHOTOS_HERE := $(if $(filter ~%,$(PHOTOS)),$(HOME)$(patsubst ~%,%,$(PHOTOS)),$(PHOTOS))
DEV := .venv/bin
LIGHT := .venv-light/bin

.PHONY: help demo setup check test test-all docs bench clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv-light/ready  ## Score the example photos (or PHOTOS=folder) and make a gallery
	$(LIGHT)/iae score "$(PHOTOS_HERE)" -o "$(OUT)"

setup: .venv/ready  ## Make the development environment in .venv

check: .venv/ready  ## Lint, format, types, import contracts
	$(DEV)/ruff check
	$(DEV)/ruff format --check
	$(DEV)/mypy
	PYTHONPATH=src $(DEV)/lint-imports

test: .venv/ready  ## The test suite without slow and GPU tests
	$(DEV)/pytest -q -m "not slow and not gpu"

test-all: .venv/ready  ## Every test
	$(DEV)/pytest -q

docs: .venv/ready  ## Renew what is generated: docs/commands.md
	$(DEV)/python docs/renew_commands.py

bench: .venv/ready  ## Print speed and memory of the workbench; what was printed: benchmarks/results
	rm -rf build/standin && $(DEV)/python tests/standin.py build/standin
	$(DEV)/python benchmarks/stats.py build/standin
	$(DEV)/python benchmarks/ratings.py
	$(DEV)/python benchmarks/check.py

clean:  ## Remove environments and what the demo wrote
	rm -rf .venv .venv-light demo build

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(DEV)/pip install -q --disable-pip-version-check -e '.[dev]'
	touch $@

.venv-light/ready: pyproject.toml $(shell find src -type f -not -name '*.pyc' 2>/dev/null)
	rm -rf build  # setuptools would put what an earlier build left there into the wheel
	$(PYTHON) -m venv .venv-light
	$(LIGHT)/pip install -q --disable-pip-version-check .
	touch $@
