# The main entry point: `make help` lists the targets. Each target does its own set-up. Targets can be run in any
# order and repeatedly, and only do what is still missing.

## PYTHON=python3  the Python used to create .venv
PYTHON ?= python3
## CORES=4         number of cores (default: all for a study, 2 for the tests)
CORES ?=
## VERBOSE=1       show Snakemake's own output: every job, and the reason why it runs (default: progress in one line)
VERBOSE ?=
## ARGS=-n         additional arguments for the tool that the target runs
ARGS ?=

# Without a folder for its cache, Snakemake does not run and pip warns. If there is no home folder, or it is
# read-only, they are kept in .venv.
CACHES := "$${XDG_CACHE_HOME:-$${HOME:?}/.cache}"
ifneq ($(shell (mkdir -p $(CACHES) && test -w $(CACHES)) 2>/dev/null && echo writable),writable)
export XDG_CACHE_HOME := $(CURDIR)/.venv/cache
endif

STAMP := .venv/installed
BENCH_STAMP := benchmarks/.venv/installed
# The environment is isolated: packages are installed into it and imported only from it, whatever is set for
# other projects. Only the settings that pip needs to reach a package index are kept. Without files of bytecode,
# each of several hundred jobs would compile the package again.
unexport PYTHONHOME PYTHONPATH PYTHONOPTIMIZE PYTHONDONTWRITEBYTECODE
PIP_KEPT := $(addprefix PIP_,CONFIG_FILE INDEX_URL EXTRA_INDEX_URL TRUSTED_HOST NO_INDEX FIND_LINKS CERT CLIENT_CERT \
	PROXY KEYRING_PROVIDER USE_FEATURE USE_DEPRECATED TIMEOUT DEFAULT_TIMEOUT RETRIES CACHE_DIR NO_CACHE_DIR LOG)
$(foreach variable,$(filter-out $(PIP_KEPT),$(filter PIP_%,$(.VARIABLES))),$(eval unexport $(variable)))
# .venv comes first on PATH, so that the rules of the workflow also use its `python`.
IN_VENV := PATH="$(CURDIR)/.venv/bin:$$PATH"
# Files in this folder must not shadow modules.
SAFELY := PYTHONSAFEPATH=1 $(IN_VENV)
verbose = $(filter-out 0,$(VERBOSE))
# (With a space instead of the equals sign, the option would take a file in ARGS as the name of another logger.)
SNAKEMAKE = $(strip $(SAFELY) snakemake $(if $(verbose),,--logger=downhill) $(if $(CORES),--cores $(CORES)) $(ARGS))
quietly = $(if $(verbose),,@)

.DEFAULT_GOAL := study
.PHONY: study quick full report example-nielsen bench second-opinion test faults fuzz lint format lock clean distclean help FORCE


##@ Running

study: $(STAMP) ## run the default study (same as plain `make`): seven to twelve minutes on two cores
	$(quietly)$(SNAKEMAKE)
	@$(show)

quick: $(STAMP) ## run the smoke study in under a minute: only shows that everything works
	$(quietly)$(SNAKEMAKE) --configfile config/quick.yaml
	@echo "This was the smoke study. It only shows that everything works; its verdicts are meaningless."
	@$(show)

full: $(STAMP) ## run the full study, with five times as many seeds
	$(quietly)$(SNAKEMAKE) --configfile config/full.yaml
	@$(show)

report: $(STAMP) ## bring the study up to date, then write report.html into its results
	$(quietly)$(SNAKEMAKE)
	$(quietly)$(if $(plans_only),,$(SNAKEMAKE) --report "$$($(results))/report.html")
	@$(if $(plans_only),,echo "Open $$($(results))/report.html in a browser.")

example-nielsen: $(STAMP) ## compare the numbers of a book with many runs of its networks: about 25 minutes
	$(quietly)$(SNAKEMAKE) --snakefile examples/nielsen/Snakefile --directory examples/nielsen
	@$(if $(ARGS),true,$(SAFELY) downhill show --brief --results examples/nielsen/results)

bench: $(BENCH_STAMP) ## compare the speed of the engine with other libraries: 15 to 45 minutes (smoke run: ARGS="--config quick=true")
	PATH="$(CURDIR)/benchmarks/.venv/bin:$$PATH" \
	$(strip snakemake --snakefile benchmarks/Snakefile $(if $(CORES),--cores $(CORES)) $(ARGS))

second-opinion: $(BENCH_STAMP) ## after a study, recompute its claims with PyTorch, scikit-learn and SciPy: about five minutes
	$(strip benchmarks/.venv/bin/python -m benchmarks.second_opinion $(if $(CORES),--jobs $(CORES)) $(ARGS))


##@ Development

test: $(STAMP) ## run all tests
	$(IN_VENV) pytest -n $(or $(CORES),2) --dist loadgroup $(ARGS)

faults: $(STAMP) ## kill and break runs in many ways, also at random moments, and print a summary: about 20 minutes
	$(IN_VENV) pytest $(addprefix tests/faults/,test_faults.py faults_at_length.py kills_at_random.py) $(ARGS)

fuzz: $(STAMP) ## run fuzz tests with malformed files, tables and settings: about five minutes
	$(IN_VENV) pytest -n $(or $(CORES),2) $(wildcard tests/fuzz/fuzz_*.py) $(ARGS)

lint: $(STAMP) ## check style, types and the workflow; changes nothing
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	$(IN_VENV) snakefmt --check Snakefile workflow benchmarks examples
	$(IN_VENV) mypy
	$(IN_VENV) lint-imports
	$(IN_VENV) snakemake --lint

format: $(STAMP) ## fix the style problems found by `make lint`
	$(IN_VENV) ruff check --fix-only .
	$(IN_VENV) ruff format .
	$(IN_VENV) snakefmt Snakefile workflow benchmarks examples

lock: ## update both requirements.txt from pyproject.toml (newer versions: ARGS=--upgrade)
	$(check_python)
	@echo "Resolving dependencies in a temporary environment."
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(PYTHON) -I -m venv "$$folder" && \
	"$$folder/bin/python" -I -m pip install --quiet --disable-pip-version-check uv && \
	compile="$$folder/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11" && \
	$$compile --custom-compile-command "make lock" $(ARGS) --extra cluster --extra dev pyproject.toml \
		--output-file requirements.txt && \
	$$compile --custom-compile-command "make lock" $(ARGS) --constraints requirements.txt pyproject.toml \
		benchmarks/requirements.in --output-file benchmarks/requirements.txt


##@ Cleaning up

# `results` may be a symbolic link to a folder on another disk; then only the link is removed.
clean: ## remove results and caches; keep .venv and downloads
	if test -L results; then rm results; fi
	if test -d results; then find results -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +; fi
	rm -rf logs .snakemake .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf benchmarks/results examples/*/results examples/*/.snakemake
	find workflow tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## also remove both virtual environments
	rm -rf .venv benchmarks/.venv workflow/*.egg-info

help: ## list the targets
	@awk -F ':.*## ' '/^##@ / {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile
	@printf '\n%s\n' "Variables, as in make study CORES=4"
	@sed -n 's/^## /  /p' Makefile


# Prints the verdicts and where the results are, if there are any: not after a dry run, or a run of certain files only.
show = $(if $(plans_only),true,test ! -e "$$($(results))/claims.csv" || $(SAFELY) downhill show --brief)
plans_only = $(filter -n% --dry-run --dryrun --unlock,$(ARGS))
# Prints the folder of results of the study that Snakemake has just run, which it finds by the process ID of make,
# even if two studies run at a time.
results = $(SAFELY) downhill show --folder
export DOWNHILL_RUN := $(shell echo $$PPID)


# The environments: .venv and benchmarks/.venv. A stamp file contains the folder that its environment was made in; it is
# written last and removed first. An interrupted installation, a checkout that was moved or a missing Python therefore
# start from scratch, while changed requirements are installed into the existing environment.

installed_in = $(shell $(1)/bin/python -I -c '' 2>/dev/null && cat $(1)/installed 2>/dev/null)
ifneq ($(call installed_in,.venv),$(CURDIR))
$(STAMP): FORCE
endif
ifneq ($(call installed_in,benchmarks/.venv),$(CURDIR))
$(BENCH_STAMP): FORCE
endif

PIP_INSTALL = PIP_USER=0 $(1)/bin/python -I -m pip install --quiet --disable-pip-version-check
# Settings of the user's pip.conf that the environment's own pip.conf resets with an empty value. (A file that the user
# names in PIP_CONFIG_FILE takes precedence over both; of its settings, only `user` is reset.)
RESET_IN_PIP_CONF := target prefix root src python platform abi implementation python-version no-deps no-binary \
	require-hashes constraint requirement editable dry-run report ignore-installed
BUILD_WITH_LOCKED := --no-build-isolation --use-pep517

# Installs the locked requirements and the package. Arguments: folder of the environment, list of requirements.
# setuptools is installed first, also from the lock file, so that nothing unpinned is used for building.
define install
	@if test "$(call installed_in,$(1))" = "$(CURDIR)"; then rm $@; else $(PYTHON) -I -m venv --clear $(1); fi
	@printf '%s\n' $(foreach section,global install,'[$(section)]' $(RESET_IN_PIP_CONF:%='% =')) > $(1)/pip.conf
	@sed -n '/^setuptools==/,/# via/p' $(2) | $(PIP_INSTALL) --require-hashes -r /dev/stdin
	@$(PIP_INSTALL) --require-hashes $(BUILD_WITH_LOCKED) -r $(2)
	@$(PIP_INSTALL) --no-deps $(BUILD_WITH_LOCKED) --editable .
endef

$(STAMP): requirements.txt pyproject.toml
	$(check_python)
	@echo "Installing into .venv. This takes about a minute."
	$(call install,.venv,$<)
	@echo "$(CURDIR)" > $@

$(BENCH_STAMP): benchmarks/requirements.txt benchmarks/torch.txt pyproject.toml
	$(check_python)
	@echo "Installing into benchmarks/.venv. This takes several minutes."
	$(call install,benchmarks/.venv,$<)
	@$(call PIP_INSTALL,benchmarks/.venv) -r benchmarks/torch.txt
	@echo "$(CURDIR)" > $@

# Stops make with a one-sentence message if $(PYTHON) is unsuitable.
check_python = $(if $(python_problem),$(error $(python_problem)))
python_version = import platform; print(platform.python_version())
python_problem = $(shell \
	if ! version=$$($(PYTHON) -I -c '$(python_version)' 2>/dev/null); then \
		echo "Downhill needs Python 3.11 or newer and cannot run $(PYTHON):" \
			"install it, or choose another Python, as in make PYTHON=python3.12"; \
	elif ! $(PYTHON) -I -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
		echo "Downhill needs Python 3.11 or newer; $(PYTHON) is $$version:" \
			"install a newer version, or choose one, as in make PYTHON=python3.12"; \
	elif ! $(PYTHON) -I -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "Downhill needs Python's venv module, which $(PYTHON) lacks:" \
			"install python3-venv (Debian, Ubuntu), or choose another Python, as in make PYTHON=python3.12"; \
	fi)
