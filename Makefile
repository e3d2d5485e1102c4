# `make run` starts the hall on a desk, `make test` runs everything that is checked.
# Words for the desk go in ARGS: make run ARGS='--clock "Mon 09:30"'
SHELL := /bin/bash
BIN := .venv/bin
ARGS ?=
# Tests start hundreds of processes: they compile once, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE
# Test files run beside each other, each whole in one process; much of their time is waiting.
WORKERS ?= 3
RELEASE ?= bookworm
GOAL ?= run

.PHONY: help setup run test check bench picture gallery golden docs constraints test-distros test-vm clean

help:
	@echo "make run            the whole hall on a desk; prints one address, Ctrl-C stops it"
	@echo "make test           installs and runs every check and test"
	@echo "make setup          only installs"
	@echo "make check          ruff, mypy and the import floors, without the tests"
	@echo "make bench          how fast it is, beside a bare loop, into docs/performance.md; 20 minutes"
	@echo "make picture        docs/desk.png anew, from a running desk"
	@echo "make gallery        every page of every screen into docs/gallery, all small on docs/screens.png"
	@echo "make golden         the golden images anew, after a look at the gallery"
	@echo "make docs           docs/visit.md and docs/keys.md anew, from the tables in the code"
	@echo "make constraints    writes the versions in .venv down in constraints.txt"
	@echo "make test-distros   README as a new user in a clean system: RELEASE=bookworm|trixie|noble GOAL=run|setup|poor"
	@echo "make test-vm        in a machine of their own: wires with real kernel drivers; an install with a real systemd"

setup:
	@scripts/setup.sh

# -m gives the desk the terminal: Ctrl-C goes to it alone, and its exit code is the answer, not make's.
run: setup
	@bash -mc '$(BIN)/hallctl desk $(ARGS)'

check:
	@scripts/setup.sh --dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

# On a quiet machine; ARGS are scenarios: make bench ARGS="--quick close", make bench ARGS=--list
bench: setup
	$(BIN)/python benchmarks/bench.py $(ARGS)

picture: setup
	$(BIN)/python scripts/picture.py

gallery: setup
	$(BIN)/python -m screens gallery docs/gallery --sheet docs/screens.png

golden: setup
	$(BIN)/python -m screens golden --renew

docs: setup
	$(BIN)/python scripts/make_docs.py

constraints:
	@scripts/constraints.sh

test-distros:
	@scripts/test_distros.sh $(RELEASE) $(GOAL)

# Not part of `make test`: it makes a machine the first time, and takes minutes. ARGS are pytest's.
test-vm:
	@scripts/vm.sh test $(ARGS)
	@[ -n "$(ARGS)" ] || scripts/vm.sh installed

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
