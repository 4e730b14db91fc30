# Every target works from a fresh clone with Python 3.10+ and make: it first makes .venv and installs
# what it needs there, once (again only when pyproject.toml changes). The installers' targets need more:
# Python 3.11 with a shared library and a C compiler; Debian and root for Windows.
#
#   make demo [POSE=a.jpg EXPRESSION=b.jpg]   one edit, side by side, in out/demo.jpg
#   make test                                 all tests (those inside GIMP and Krita skip where they cannot run)
#   make test-editors SUITE=forky             everything inside the editors of a Debian suite: trixie, forky,
#                                             experimental, or all
#   make krita-zip                            the plug-in for Krita's importer, in out/exshot-krita.zip
#   make bundle | installer                   the standalone program; the Linux installer around it, in dist/
#   make windows-installer                    the Windows installer, built under Wine (Debian, root), in dist/
#   make test-windows                         install, edit, upgrade, uninstall it on a Windows made of Wine
#   make test-installer                       install, edit, upgrade, uninstall in a Debian folder with GIMP and Krita
#   make lint | bench | sheet SET=real_pairs | clean

PYTHON ?= python3
PYTHON311 ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
POSE ?=
EXPRESSION ?=
SET ?= real_pairs
SUITE ?= all
OUT ?= out
PYTEST_ARGS ?=
SHELL_SCRIPTS := $(shell grep -rlE --exclude-dir=build '^\#!.*\b(ba)?sh$$' .ci installers tests tools)

RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
BENCH := $(VENV)/.bench-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test test-editors test-gimp test-krita test-installer test-windows bundle installer windows-installer krita-zip lint format bench sheet clean

help:
	@sed -n 's/^#   //p' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "ExShot needs Python 3.10 or newer; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
		|| { echo "This Python cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(RUNTIME)

$(BENCH): pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[bench]'
	@touch $@ $(RUNTIME)

demo: $(RUNTIME)
	@$(BIN)/exshot demo --overwrite --out "$(OUT)/demo.jpg" \
		$(if $(POSE),--pose "$(POSE)") $(if $(EXPRESSION),--expression "$(EXPRESSION)")

test: $(DEV)
	@tests/editors/get_mmdebstrap.sh
	$(BIN)/python -m pytest -rs $(PYTEST_ARGS)

test-editors: $(DEV)
	@tests/editors/get_mmdebstrap.sh
	$(BIN)/python -m pytest -rs tests/editors tests/gimp tests/krita tests/installer \
		--suite "$(SUITE)" $(PYTEST_ARGS)

test-gimp test-krita test-installer: test-%: $(DEV)
	@tests/editors/get_mmdebstrap.sh
	$(BIN)/python -m pytest -rs tests/$* $(PYTEST_ARGS)

test-windows: $(DEV)
	@tools/wine/install_tools.sh
	EXSHOT_WINDOWS_TESTS=all $(BIN)/python -m pytest -rs tests/windows $(PYTEST_ARGS)

krita-zip: $(RUNTIME)
	@$(BIN)/python tools/krita_zip.py "$(OUT)/exshot-krita.zip"

bundle:
	@$(PYTHON311) installers/bundle/build.py

installer: bundle
	@$(PYTHON311) installers/linux/build_run.py

windows-installer: | $(BIN)/python
	@tools/wine/install_tools.sh
	@$(BIN)/python -m tools.wine.build

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/shellcheck $(SHELL_SCRIPTS)

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(BENCH)
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.quality

sheet: $(DEV)
	$(BIN)/python -m benchmarks.sheet "$(SET)"

clean:
	rm -rf $(VENV) out build dist core/*.egg-info .pytest_cache .ruff_cache .hypothesis
