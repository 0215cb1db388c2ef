# The commands of a day with Atelier. Each stands on its own on a machine with Python 3.11, gcc, make and git.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
export OMP_NUM_THREADS ?= 1
export PROMPT
export HF_HUB_OFFLINE := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev chromium demo screenshots test quick lint up clean

help:  ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Atelier needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade 'pip>=25.1'

# The stamps make a second `make setup` free: pip runs only when the pins changed.
$(VENV)/.runtime: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing Atelier (about 2 GB, a minute or two the first time)..."
	$(RUN) -m pip install --quiet --constraint constraints.txt '.[embedded,bot,worker,sandbox]'
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "Installing what the tests need..."
	$(RUN) -m pip install --quiet --constraint constraints.txt --group dev
	@touch $@

setup: $(VENV)/.runtime  ## Create .venv and install what the studio needs
setup-dev: $(VENV)/.dev chromium  ## ... and what the tests need

# The page's tests need a browser. Where it cannot be installed they are skipped, except in CI.
chromium:
	@if command -v chromium >/dev/null; then exit 0; fi; \
	if grep -qs '^ID=debian' /etc/os-release && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Chromium for the page's tests..."; \
	  apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-noto-color-emoji >/dev/null \
	    && exit 0; \
	fi; \
	echo "There is no Chromium, so the page's tests are skipped. On Debian: apt-get install chromium"

demo: setup  ## The whole studio with a local Discord to type in (ONCE=1: one checked picture; PROMPT="...")
	@$(RUN) -m launch.demo $(if $(ONCE),--once) $(if $(PROMPT),--prompt "$$PROMPT")

screenshots: setup-dev  ## The README's pictures, taken anew from the local Discord's page
	@$(RUN) -m launch.screenshots

up: setup  ## The studio on the real Discord; needs DISCORD_TOKEN in .env
	@$(RUN) -m launch.up

lint: setup-dev  ## Lint, types and import contracts
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

# Two files at a time, each with its own servers. The longest begin first, so that none is left alone at the end.
PYTEST := $(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: lint  ## Everything: lint, types, contracts and all tests
	$(PYTEST)

quick: lint  ## The same without the slow end-to-end runs
	$(PYTEST) -m "not slow"

clean:  ## Remove the environment (data/ stays)
	rm -rf $(VENV)
