# The one list of verbs; bare `make` prints it. Short names of settings (STACK=two make up works, too):
#   STACK=name PORT_BASE=21000 SIMULATOR=off DEVICES=500 CERTIFICATE_MINUTES=60 ONLY=neighbours
#   WITH=observability
#   STANDSTILL=30 (seconds) P=process YES=1 ARGS=tests/specs
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON := .venv/bin/python

ifdef STACK
export METERPARK_STACK := $(STACK)
endif
ifdef PORT_BASE
export METERPARK_PORT_BASE := $(PORT_BASE)
endif
ifdef SIMULATOR
export METERPARK_SIMULATOR := $(SIMULATOR)
endif
ifdef DEVICES
export METERPARK_DEVICES := $(DEVICES)
endif
ifdef CERTIFICATE_MINUTES
export METERPARK_CERTIFICATE_MINUTES := $(CERTIFICATE_MINUTES)
endif
ifdef STANDSTILL
export METERPARK_STANDSTILL_SECONDS := $(STANDSTILL)
endif
ifeq ($(WITH),observability)
export METERPARK_OBSERVABILITY := on
else ifneq ($(WITH),)
$(error WITH can be observability, not $(WITH))
endif
ifdef ONLY
export METERPARK_ONLY := $(ONLY)
endif

# Python keeps what it has compiled, whatever the shell says: a run of the tests starts it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

LOCAL := $(PYTHON) -m deploy.local
# Tests in three processes: many wait for a neighbour, and two processes leave a third of two cores unused.
# tests/conftest.py says which belong together, and what begins first.
# They die with the one that started them, whatever ends it, and so does what they started.
AT_ONCE := --dist loadgroup --no-loadscope-reorder --tx "3*popen//python=setpriv --pdeathsig TERM $(PYTHON)"

# Specs, too, but each process has its own half: handing out 3,600 of them one by one costs more than most of them take.
SPECS := .venv/bin/pytest -q --hypothesis-profile=quick -m "not slow"
A_HALF := $(addprefix tests/specs/,bff cli simulator)

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' Makefile

.PHONY: up
up: runtime ## start the whole system on this machine; returns when it is ready
	@$(LOCAL) up

.PHONY: park
park: is-set-up ## watch the meters of the running system
	@.venv/bin/meterpark park --watch

.PHONY: status
status: is-set-up ## check everything; exit 0, or 1 with what does not work, since when and why
	@$(LOCAL) status

.PHONY: logs
logs: is-set-up ## follow all logs, or those of one process: make logs P=device-hub
	@$(LOCAL) logs $(P)

.PHONY: rotate-certificates
rotate-certificates: is-set-up ## give the sidecars new certificates and a new root while they work
	@$(LOCAL) rotate-certificates

.PHONY: backup
backup: is-set-up ## copy journal and register to files while they work (TO=folder, KEEP=7: remove older ones)
	@$(if $(TO),PARK_BACKUP_FOLDER='$(TO)' )$(if $(KEEP),PARK_BACKUP_KEEP='$(KEEP)' )$(LOCAL) backup

.PHONY: backups
backups: is-set-up ## list the backups (TO=folder)
	@$(if $(TO),PARK_BACKUP_FOLDER='$(TO)' )$(LOCAL) backups

.PHONY: restore
restore: runtime ## bring a backup into an empty stack that is down: FROM=latest, a name or a folder (REPLACE=1 deletes the park)
	@$(if $(FROM),$(LOCAL) restore '$(FROM)' $(if $(filter 1,$(REPLACE)),--replace),echo "which backup? make restore FROM=latest; make backups lists them" >&2; exit 2)

.PHONY: down
down: is-set-up ## stop everything that `make up` started; the data stays
	@$(LOCAL) down

.PHONY: reset
reset: is-set-up ## stop, and erase all data of the stack (asks first, unless YES=1)
	@$(LOCAL) reset $(if $(filter 1,$(YES)),--yes)

.PHONY: test
test test-browser: RUNTIME := --with-tests
test test-browser test-cluster: export METERPARK_WITH_TESTS := 1
test: runtime ## all checks and all tests, against real neighbours; a part: ARGS=tests/specs/hub or ARGS="-k name"
	@$(MAKE) --no-print-directory lint-here
	.venv/bin/pytest $(if $(ARGS),$(ARGS),$(AT_ONCE))

.PHONY: test-browser
test-browser: runtime ## the page in a real browser, before a stack of its own; METERPARK_PICTURES=folder keeps the pictures
	.venv/bin/pytest $(if $(ARGS),$(ARGS),tests/browser)

.PHONY: specs
specs: set-up ## the tests that need no neighbour, in seconds, with a twentieth of the examples; ARGS=tests/specs/hub
	@$(if $(ARGS),$(SPECS) $(ARGS),$(MAKE) -k -j 2 --output-sync=target --no-print-directory specs-a-half specs-the-rest)

.PHONY: specs-a-half specs-the-rest
specs-a-half:
	@$(SPECS) $(A_HALF)
specs-the-rest:
	@$(SPECS) tests/specs $(addprefix --ignore=,$(A_HALF))

.PHONY: denied
denied: runtime ## make every call that must be denied, and those that must not, on a stack of its own
	@$(PYTHON) -m tests.denied

.PHONY: abuse
abuse: runtime ## attack a stack of its own (minutes); ARGS=name for one attack
	@$(PYTHON) -m tests.abuse $(ARGS)

.PHONY: lint
lint: set-up ## format, rules, types, imports between packages, generated code, workflows of CI, new commits
	@$(MAKE) --no-print-directory lint-here

.PHONY: lint-here
lint-here:
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
	.venv/bin/mypy .
	.venv/bin/lint-imports
	$(PYTHON) -m deploy.protos --check
	$(PYTHON) -m deploy.workflows
	$(PYTHON) -m deploy.commits

.PHONY: faults
faults: RUNTIME := --with-toxiproxy
faults: runtime ## break a stack of its own while messages flow (8 minutes), and prove that nothing is lost; ARGS=--help
	@$(PYTHON) -m faults $(if $(ARGS),$(ARGS),--publish)

.PHONY: audit
audit: runtime ## vulnerabilities, licences, pins, secrets, and the bill of materials in dist/
	@$(PYTHON) -m deploy.audit

.PHONY: format
format: set-up ## format the code as `make lint` requires
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

.PHONY: proto
proto: set-up ## generate the code from proto/ again
	@$(PYTHON) -m deploy.protos

.PHONY: schema
schema: set-up ## write bff/schema.graphql again and print it
	@$(PYTHON) -m bff.graph.schema_file

.PHONY: metrics
metrics: set-up ## write docs/metrics.md again from what the services declare
	@$(PYTHON) -m service_metrics.page iec_connector device_hub smoc_service bff

.PHONY: picture
picture: set-up ## draw the pictures of docs/ again from docs/pictures/*.dot (needs Graphviz)
	@$(PYTHON) -m deploy.pictures

.PHONY: park-picture
park-picture: is-set-up ## keep what `meterpark park` shows of the running stack as the README's picture
	@$(PYTHON) -m deploy.pictures record park meterpark park --changes 8

.PHONY: guide
guide: is-set-up ## take the pictures of docs/guide.md of the running stack (make up DEVICES=500); ARGS=Today for one
	@$(PYTHON) -m tests.browser.guide $(ARGS)

.PHONY: supergraph
supergraph: runtime ## compose the router's supergraphs again from bff/schema.graphql
	@$(PYTHON) -m deploy.supergraph

.PHONY: bench
bench: runtime ## measure reports per second, delay and processor time beside the stock way (10 minutes)
	@$(PYTHON) -m benchmarks

.PHONY: bench-quick
bench-quick: runtime ## the same with small numbers, to try it out; writes nothing into docs/benchmarks.md
	@$(PYTHON) -m benchmarks --quick

.PHONY: bench-burst
bench-burst: runtime ## measure bursts of one meter and their effect on other meters
	@$(PYTHON) -m benchmarks.burst

.PHONY: bench-devices
bench-devices: runtime ## wake 100,000 devices and measure memory, cost and waking (DEVICES=10000 for a try)
	@$(PYTHON) -m benchmarks.devices

.PHONY: bench-hubs
bench-hubs: runtime ## measure what a report costs with one, two and four processes of the hub
	@$(PYTHON) -m benchmarks.hubs

.PHONY: bench-connector
bench-connector: runtime ## measure what a report costs the connector, step by step, beside bare parsing
	@$(PYTHON) -m benchmarks.connector

.PHONY: bench-register
bench-register: runtime ## fill a register with a million devices and measure it (DEVICES=20000 for a try)
	@$(PYTHON) -m benchmarks.register

.PHONY: bench-page
bench-page: export METERPARK_WITH_TESTS := 1
bench-page: runtime ## measure the web page before a million devices in Chromium (DEVICES=20000 for a try)
	@$(PYTHON) -m benchmarks.page

.PHONY: images
images: RUNTIME := --with-images
images: runtime ## build the container images, start each program in them (ARGS=--debian-bases where no registry is at hand)
	@$(PYTHON) -m deploy.images $(ARGS)

.PHONY: test-cluster
test-cluster: RUNTIME := --with-cluster
test-cluster: runtime ## prove the Helm chart on a real Kubernetes: a node of its own (as root), or that of KUBECONFIG
	@$(MAKE) --no-print-directory images ARGS=$(if $(KUBECONFIG),,--debian-bases)
	@$(PYTHON) -m tests.cluster $(ARGS)

.PHONY: runtime
runtime: set-up ## fetch or build what the system runs on (once; minutes)
	@$(PYTHON) -m deploy.runtime $(RUNTIME) $(if $(filter observability,$(WITH)),--with-observability)

.PHONY: set-up
set-up:
	@deploy/bootstrap.sh

# Verbs about a running system install nothing.
.PHONY: is-set-up
is-set-up:
	@[ -x $(PYTHON) ] || { echo "nothing is set up in this checkout yet: make up" >&2; exit 1; }

.PHONY: clean
clean: ## remove files of tools from the checkout; data, cache and .venv stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .dapr dist build
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
