# `make demo` shows the whole job, `make test` proves it. Both make the environment first.
.DEFAULT_GOAL := help
SHELL := bash

BIN := .venv/bin
JOBS ?= 2
UV ?= uv
LOCK := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header $(if $(UPGRADE),--upgrade)

.PHONY: help environment demo test check bench prove lock clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS=$$'\t' read -r name what; do \
		printf '  make %-12s %s\n' "$$name" "$$what"; done

environment:  ## .venv, from the lock file (PYTHON=python3.12 chooses another Python)
	@PYTHON='$(PYTHON)' scripts/make-environment

demo: environment  ## train, promote and serve on generated data (DETACH=1 leaves it running, PORT=8080 serves there)
	$(BIN)/leadlens demo $(if $(DETACH),--detach) $(if $(PORT),--port $(PORT))

# One thread a job: threads of LightGBM that wait for a core that another job holds take ten times as long.
# And what is compiled is kept, whatever the variable says: the tests start many processes of the same code.
test: environment  ## all tests (JOBS=2 at a time, ARGS='-k name' for some)
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: environment  ## style, types, layers, and known holes in dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/audit.py

bench: environment  ## every benchmarks/bench_*.py, one after the other
	@shopt -s nullglob; set -e; for program in benchmarks/bench_*.py; do \
		echo "== $$program"; $(BIN)/python "$$program"; done

prove: environment  ## the laws at full size, into benchmarks/RESULTS.md (PART=name for one, AGAIN=1 to repeat)
	$(BIN)/python scripts/prove.py $(if $(AGAIN),--again) $(PART)

lock:  ## the lock files anew, with uv (UPGRADE=1 takes newer versions)
	@command -v $(UV) >/dev/null || { echo 'make lock needs uv: pip install uv, or UV=/path/to/uv'; exit 1; }
	$(LOCK) --all-extras --group dev -o requirements/dev.txt
	$(LOCK) --extra serving --extra training -c requirements/dev.txt -o requirements/runtime.txt
	$(LOCK) --extra serving -c requirements/dev.txt -o requirements/serving.txt

clean:  ## all that was made here, but no home of leadlens
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -not -path './.git/*' -type d -prune -exec rm -rf {} +
