# Everything on a bare clone: python3 (3.11 or newer) and make.
# The first call makes .venv and fills it; later calls reuse it until setup.cfg or
# constraints.txt changes. PYTHON=python3.12 picks another interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := $(shell sed -n 's/^torch==/torch==/p' constraints.txt)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Figures go to files; the nets here are small enough for threads to slow them down.
export MPLBACKEND := Agg
export OMP_NUM_THREADS := 1

.PHONY: help demo test lint docs bench clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

help:
	@echo "make demo   train on cell types, print and draw what a score table changes"
	@echo "make test   run the tests and every example in the documentation strings"
	@echo "make lint   ruff and mypy"
	@echo "make docs   build the manual into docs/_build/html"
	@echo "make bench  measure training against a hand-written loop"
	@echo "make clean  remove .venv and everything built"

demo: $(VENV)/.installed-plot
	$(BIN)/python examples/plot_01_cell_types.py

test: export SCIPY_ARRAY_API := 1
test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy simclf

# Pages of names that are gone would be left over, and a warning is an error.
docs: $(VENV)/.installed-docs
	rm -rf docs/generated
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(VENV)/.installed-plot
	$(BIN)/python benchmarks/training.py

clean:
	rm -rf $(VENV) build dist simclf.egg-info
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov
	rm -rf docs/_build docs/auto_examples docs/generated docs/sg_execution_times.rst

# What each kind of work needs, as extras of setup.cfg. mypy reads the types of
# installed packages, so lint sees what test sees.
$(VENV)/.installed-plot: EXTRAS := plot
$(VENV)/.installed-test: EXTRAS := test,lint,plot,tabular,bio,distributed
$(VENV)/.installed-docs: EXTRAS := docs,plot,tabular,bio

# torch first and by its pin: left to itself, pip may fetch a newer one with
# gigabytes of GPU libraries.
$(VENV)/.installed-torch: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "simclf needs Python 3.11 or newer, but '$(PYTHON)' is not: install" \
	    "one and name it, e.g. make test PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) $(TORCH)
	@touch $@

$(VENV)/.installed-%: $(VENV)/.installed-torch setup.cfg pyproject.toml
	$(INSTALL) -c constraints.txt -e ".[$(EXTRAS)]"
	@touch $@
