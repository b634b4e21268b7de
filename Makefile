# SPDX-License-Identifier: BSD-2-Clause
# One command for each chore; `make help` lists them. The virtual environment in .venv is made
# on first use with $(PYTHON), and again only when pyproject.toml changes or the folder moves.

PYTHON ?= python3
# Further arguments for the program that a target runs, e.g. make test ARGS="-k uart".
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev

# The scripts of an environment hold absolute paths, so each stamp records the folder it was
# made in: a moved checkout, or one whose Python is gone, makes its environment anew.
STALE = $(if $(wildcard $(BIN)/python),$(if $(findstring <$(CURDIR)>,$(file <$(1))),,remake),remake)

define CHECK_PYTHON
import sys
if sys.version_info < (3, 11):
    sys.exit("%s is Python %d.%d, but sel4emu needs Python 3.11 or newer: "
             "name one with `make PYTHON=...`." % (sys.argv[1], *sys.version_info[:2]))
try:
    import ensurepip, venv
except ImportError:
    sys.exit("%s cannot make a virtual environment because its module venv or ensurepip is "
             "missing: install it (on Debian and Ubuntu: apt install python3-venv) or name "
             "another Python with `make PYTHON=...`." % sys.argv[1])
endef
export CHECK_PYTHON

define MAKE_VENV
@command -v '$(PYTHON)' >/dev/null || { echo "There is no program '$(PYTHON)': install \
Python 3.11 or newer, or name one with 'make PYTHON=...'." >&2; exit 1; }
@$(PYTHON) -c "$$CHECK_PYTHON" '$(PYTHON)'
@echo "Setting up the virtual environment in $(VENV) (only once, about a minute) ..." >&2
@rm -f $(RUN_READY) $(DEV_READY)
@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
endef

.PHONY: boot test lint proofs qemu-diff bench clean distclean help remake
.NOTPARALLEL:

boot: $(RUN_READY) ## boot the default image on the emulated board
	@$(BIN)/sel4emu boot $(ARGS)

test: $(DEV_READY) ## run all tests (the house rules, ruff and mypy are among them)
	@$(BIN)/python -m pytest --numprocesses=auto $(ARGS)

lint: $(DEV_READY) ## check the style and the types only
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

proofs: $(DEV_READY) ## check the proofs of the protection model from nothing (installs Coq)
	@command -v coqc >/dev/null && command -v ocamlopt >/dev/null || .ci/debian-packages coq ocaml-nox
	@$(BIN)/python -m kernel.model.proofs.check --mutations $(ARGS)

qemu-diff: $(DEV_READY) ## run programs and random sequences on QEMU and on our machine, and compare (installs QEMU)
	@command -v qemu-system-arm >/dev/null || .ci/debian-packages qemu-system-arm
	@$(BIN)/python -m oracle $(ARGS)
	@$(BIN)/python -m oracle.random_run

bench: $(RUN_READY) ## measure the speed of the emulator on this host, as JSON
	@$(BIN)/python -m benchmarks.speed --json - $(ARGS)

clean: ## remove caches and build products
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove the virtual environment too
	@rm -rf $(VENV)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/make \1\t\2/p' Makefile

$(RUN_READY): pyproject.toml $(call STALE,$(RUN_READY))
	$(MAKE_VENV)
	@$(INSTALL) '.[userland]'
	@echo '<$(CURDIR)>' > $@

$(DEV_READY): pyproject.toml $(call STALE,$(DEV_READY))
	$(MAKE_VENV)
	@$(INSTALL) '.[dev,userland,model]'
	@echo '<$(CURDIR)>' | tee $(RUN_READY) > $@
