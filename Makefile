# Everything on a bare clone: python3 (3.11 or newer) and make.
# The first call makes .venv and fills it; later calls reuse it until setup.cfg or
# constraints.txt changes. PYTHON=python3.12 picks another interpreter.

PYTHON ?= python3
VENV := .venv
COMMA := ,
SPACE := $(subst ,, )
BIN := $(VENV)/bin
TORCH := $(shell sed -n 's/^torch==/torch==/p' constraints.txt)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# On all cores up to four: each process takes about a gigabyte. Tests of one file share
# what they have made.
PYTEST := $(BIN)/python -m pytest -q -n logical --maxprocesses=4 --dist loadfile

# Rooms that need no torch, and are held to having every line tested.
NUMPY_ROOMS := similarity decision metrics datasets
COVERED := $(subst $(SPACE),$(COMMA),$(NUMPY_ROOMS:%=simclf/%/*) simclf/scorers.py)

# The oldest versions that setup.cfg admits, and rooms in which versions may tell.
OLDEST := $(shell sed -n '/^install_requires/,/^$$/s/ *\(.*\)>=/\1==/p' setup.cfg)
OLDEST_ROOMS := persistence similarity decision metrics modules training

# Figures go to files; the nets here are small enough for threads to slow them down.
export MPLBACKEND := Agg
export OMP_NUM_THREADS := 1

.PHONY: help demo test nightly coverage mutants oldest lint audit docs dist bench clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

help:
	@echo "make demo   train on cell types, print and draw what a score table changes"
	@echo "make test   run the tests and every example in the documentation strings"
	@echo "make lint   ruff, mypy, and known vulnerabilities of what is installed"
	@echo "make docs   build the manual into docs/_build/html"
	@echo "make bench  measure training against a hand-written loop"
	@echo "make clean  remove .venv and everything built"
	@echo
	@echo "make nightly   try properties with 100,000 other examples"
	@echo "make coverage  run the tests of the rooms without torch; no line may be missed"
	@echo "make mutants   put 450 faults into the code; 85 % of them must be found"
	@echo "make dist      build wheel and sdist, and look into them"

demo: $(VENV)/.installed-plot
	$(BIN)/python examples/plot_01_cell_types.py

test: export SCIPY_ARRAY_API := 1
test: $(VENV)/.installed-test
	$(PYTEST)

# Hypothesis keeps the examples that failed in .hypothesis and tries them first.
nightly: export HYPOTHESIS_PROFILE := nightly
nightly: export SCIPY_ARRAY_API := 1
nightly: $(VENV)/.installed-test
	$(PYTEST) -m hypothesis tests

coverage: export SCIPY_ARRAY_API := 1
coverage: $(VENV)/.installed-test
	$(PYTEST) --cov=simclf --cov-report= \
	  $(NUMPY_ROOMS:%=tests/%) $(NUMPY_ROOMS:%=simclf/%) \
	  tests/test_scorers.py simclf/scorers.py tests/test_inputs.py \
	  tests/reliability/test_bad_inputs.py
	$(BIN)/python -m coverage report --include=$(COVERED) --fail-under=100

mutants: $(VENV)/.installed-mutants
	$(BIN)/python benchmarks/mutants.py

lint: $(VENV)/.installed-test audit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy simclf

audit: $(VENV)/.installed-test
	$(BIN)/python .ci/audit.py

# What scikit-learn 1.7 hands to pytest is deprecated from pytest 9 on, and scipy's
# bootstrap, a reference in tests, takes other arguments.
oldest: export HYPOTHESIS_PROFILE := mutants
oldest:
	$(PYTHON) -m venv $(VENV)/oldest
	$(VENV)/oldest/bin/python -m pip install -q $(OLDEST) hypothesis lightgbm POT \
	  polars "pytest<9"
	$(VENV)/oldest/bin/python -m pytest -q -k "not is_that_of_scipy" \
	  tests/test_common.py tests/test_inputs.py tests/test_scorers.py \
	  $(OLDEST_ROOMS:%=tests/%)

dist: $(VENV)/.installed-dist
	rm -rf build dist
	$(BIN)/python -m build
	$(BIN)/python .ci/distributions.py dist

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
	rm -rf mutants mutants.log
	rm -rf docs/_build docs/auto_examples docs/generated docs/sg_execution_times.rst

# What each kind of work needs, as extras of setup.cfg. mypy reads the types of
# installed packages, so lint sees what test sees.
$(VENV)/.installed-plot: EXTRAS := plot
$(VENV)/.installed-test: EXTRAS := test,lint,plot,tabular,bio,onnx,distributed
$(VENV)/.installed-mutants: EXTRAS := test,mutants,plot
$(VENV)/.installed-dist: EXTRAS := dist
$(VENV)/.installed-docs: EXTRAS := docs,plot,tabular,bio

# torch first and by its pin: left to itself, pip may fetch a newer one with
# gigabytes of GPU libraries.
$(VENV)/.installed-torch: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "simclf needs Python 3.11 or newer, but '$(PYTHON)' is not: install" \
	    "one and name it, e.g. make test PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -c constraints.txt $(TORCH)
	@touch $@

$(VENV)/.installed-%: $(VENV)/.installed-torch setup.cfg pyproject.toml
	$(INSTALL) -c constraints.txt -e ".[$(EXTRAS)]"
	@touch $@
