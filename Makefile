# `make start` runs the workbench, `make test` checks it. Both set up what is missing first.
SHELL := /bin/bash
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Two files of tests at a time, in their order: the longest is not left for last.
TOGETHER := -n 2 --dist loadfile --no-loadscope-reorder
AS_ROOT = $(if $(filter 0,$(shell id -u)),,sudo)
APT = $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get

.PHONY: help start test test-all install lint types benchmark lock picture clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

start: $(READY)  ## build the store, run the notebooks, serve the apps and JupyterLab
	@$(BIN)/pk start

test: $(READY) services  ## lint, types, then every test but the longest
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -m "not slow" $(TOGETHER)

test-all: $(READY) services  ## every test, and the benchmarks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest $(TOGETHER)
	$(BIN)/pytest tests/benchmarks --benchmark-enable --benchmark-only

benchmark: $(READY)  ## measure speed; each figure beside the obvious alternative
	$(BIN)/pytest tests/benchmarks --benchmark-enable --benchmark-only

install: $(READY)  ## set up the environment in .venv

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	  || { echo "installing python3-venv"; $(APT) update -qq && $(APT) install -y -qq python3-venv \
	       && $(PYTHON) -m venv $(VENV); }
	@echo "installing the locked packages (about two minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# What tests need of the system: a browser, a database server, a web server to stand before the apps, and Java
# to run JavaRosa beside our engine. Without them those tests skip. Tests start their own nginx: the one that
# comes up with the package is stopped.
.PHONY: services
services:
	@missing="$$(command -v chromium >/dev/null || echo chromium fonts-dejavu-core) \
	  $$(command -v javac >/dev/null || echo default-jdk-headless) \
	  $$(ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || echo postgresql) \
	  $$([ -x /usr/sbin/nginx ] || command -v nginx >/dev/null || echo nginx-light) \
	  $$(command -v openssl >/dev/null || echo openssl)"; \
	  [ -z "$${missing// /}" ] || { echo "installing $$missing for the tests"; \
	  { $(APT) update -qq && $(APT) install -y -qq $$missing >/dev/null \
	    && case "$$missing" in *nginx*) [ ! -d /run/systemd/system ] \
	       || $(AS_ROOT) systemctl disable --quiet --now nginx;; esac; } \
	  || echo "could not install $$missing: the tests that need it will be skipped"; }

lint: $(READY)  ## ruff, as the tests run it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## mypy, as the tests run it
	$(BIN)/mypy

lock: $(READY)  ## write requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra build --extra test --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock

picture: $(READY) services  ## make docs/findings.png from the running app
	$(BIN)/python docs/make_picture.py

clean:  ## remove the environment and everything the workbench wrote here
	rm -rf $(VENV) workspace .pytest_cache .mypy_cache .ruff_cache .hypothesis
