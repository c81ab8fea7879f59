# The commands of the house; `make help` lists them. Nothing here needs sudo.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
# TORCH_INDEX: the CPU wheel index that PyTorch's install page gives; spares gigabytes of CUDA.
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# the gadget's libraries, and the browser that tests and screenshots use
LIBRARIES := gadget-js/node_modules/.ready
BROWSER := $(VENV)/.browser
# the database of production, for the tests of the store
DATABASE := $(VENV)/.database
# a real MediaWiki, for the tests of the gadget
MEDIAWIKI := $(VENV)/.mediawiki
EXTRAS := web,bot,stream,linker,train,ray,test
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# the tests start hundreds of programs: modules are compiled once, whatever the machine is set to
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-check screenshots check test test-gadget test-bot test-backfill test-spark soak lint types quick photos fit tune experiments evaluate bench \
	bench-bot bench-backfill load faults deploy-check clean

# the photos that train and judge the tiny model: photos.zip, photos.csv and encoders/ in a folder
PHOTOS ?=
LISTED = --photos $(PHOTOS)/photos.zip --list $(PHOTOS)/photos.csv
TEACHER = $(PHOTOS)/encoders/mobilenet_v2_1.0_224_quant.tflite
TINY := model/depicts_model/data/tiny

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) $(LIBRARIES) $(BROWSER) $(DATABASE) $(MEDIAWIKI) ## Make .venv; fetch libraries, a browser, a database, a MediaWiki

$(READY): setup.cfg pyproject.toml constraints.txt
	@echo "set-up: virtual environment in $(VENV) (torch is large; a few minutes)"
	$(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(BIN)/python -m pip install -q -c constraints.txt --no-deps --index-url $(TORCH_INDEX) torch)
	@# setuptools warns of folders named as packages; ours are meant
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install -q -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

$(LIBRARIES): gadget-js/package.json gadget-js/package-lock.json gadget-js/.npmrc | $(READY)
	@echo "set-up: the gadget's libraries in gadget-js/node_modules (Vue, Codex, axe-core, eslint)"
	@if $(BIN)/python -m tests.sandbox.demo_setup npm; then touch $@; fi

# asked once: who is not root is told what to type, and demo-check tells it again
$(BROWSER): | $(READY)
	@$(BIN)/python -m tests.sandbox.demo_setup chromium || true
	@touch $@

$(DATABASE): | $(READY)
	@$(BIN)/python -m tests.sandbox.demo_setup mariadb || true
	@touch $@

$(MEDIAWIKI): | $(READY)
	@$(BIN)/python -m tests.mediawiki.packages || true
	@touch $@

# of the gallery; the wiki's page is one further
DEMO_PORT ?= 8030

# how soon chips are there is measured alone; all other pages in two browsers, each with its wiki
SPEED := tests/browser/test_gadget_speed.py
PAGES := tests/browser --ignore $(SPEED) -n 2 --dist loadfile
# the bot's: half of their time is waiting, so three beside each other; those that take longest first
BOT := tests/mediawiki/test_bot_kills.py tests/bot/test_faults_run.py tests/mediawiki/test_faults.py
BOT += tests/mediawiki tests/bot -m slow -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/bot/backfill
# all others that are slow, likewise
SLOW := $(foreach one,retraining/test_retrain_killed.py experiments/test_systems_te.py retraining,tests/model/$(one))
SLOW += tests/test_docs.py tests/bot/backfill tests -m slow -n 2 --dist loadfile --no-loadscope-reorder
# pages of the service, and the demo
ELSEWHERE := $(foreach one,demo gallery pages,--ignore tests/browser/test_$(one).py)

demo: setup ## Show it: the whole chain on an embedded wiki, left running until Ctrl-C
	@$(BIN)/python -m tests.sandbox.demo --port $(DEMO_PORT)

demo-check: setup ## Run the whole chain once on an embedded wiki, and check every step
	@$(BIN)/python -m tests.sandbox.demo --check

screenshots: setup ## Make docs/screenshots anew: the demo's pages, every state of the dialog on a real MediaWiki
	@$(BIN)/python -m tests.sandbox.demo_screenshots
	@$(BIN)/python -m tests.browser.gadget_screens

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/python -m tests.gadget.lint

types: setup
	$(BIN)/mypy

quick: setup
	$(BIN)/python -m pytest -m 'not slow' -n auto

check: lint types quick ## Lint, types and the quick tests: under two minutes

test: lint types ## Everything: lint, types, all tests with branch coverage
	$(BIN)/python -m pytest -m 'not slow' -n auto --cov --cov-report=
	$(BIN)/python -m pytest $(SLOW) --ignore tests/browser --ignore tests/mediawiki --ignore-glob 'tests/bot/test_*' \
	  --cov --cov-append --cov-report=
	$(BIN)/python -m pytest $(BOT) --cov --cov-append --cov-report=
	@rm -rf var/gadget-scenarios
	$(BIN)/python -m pytest $(SPEED)
	$(BIN)/python -m pytest -m slow $(PAGES) --cov --cov-append --cov-report=term --cov-report=json:var/coverage.json
	$(BIN)/python -m tests.branch_coverage var/coverage.json
	@$(BIN)/python -m tests.browser.ledger

test-gadget: setup ## The gadget alone: its modules in Node, its pages in Chromium, on a real MediaWiki: bench/gadget.json
	@rm -rf var/gadget-scenarios
	$(BIN)/python -m pytest $(SPEED)
	$(BIN)/python -m pytest tests/gadget tests/test_gadget_units.py tests/mediawiki $(PAGES) $(ELSEWHERE)
	@$(BIN)/python -m tests.browser.ledger

test-bot: setup ## The bot alone, on a real MediaWiki too: every deed of people, faults, kills
	$(BIN)/python -m pytest tests/bot tests/mediawiki -m 'not slow' -n auto --ignore tests/bot/backfill
	$(BIN)/python -m pytest $(BOT)

test-backfill: setup ## The backfill alone: lists, thumbnails, Ray, shards, import
	$(BIN)/python -m pytest tests/bot/backfill -n 3 --dist loadfile

test-spark: setup ## The backfill on a Spark of this machine: fetches pyspark; needs Java
	@command -v java >/dev/null || { echo "error: needs Java 17: apt-get install openjdk-17-jre-headless"; exit 2; }
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[spark]'
	$(BIN)/python -m pytest tests/bot/backfill/test_spark.py

soak: setup ## Ask the running service 5,000 things by its description; kill the bot 210 times, a retraining 9
	SCHEMATHESIS_CASES=5000 $(BIN)/python -m pytest tests/toolforge/test_schemathesis.py
	RETRAIN_KILLS=all $(BIN)/python -m pytest tests/model/retraining/test_retrain_killed.py
	BOT_KILLS=200 BOT_PROGRAM_KILLS=10 $(BIN)/python -m pytest tests/mediawiki/test_bot_kills.py -s

photos:
	@test -f "$(PHOTOS)/photos.zip" || { echo "error: say PHOTOS=DIR, the folder of photos.zip"; exit 2; }

fit: setup photos ## Train the shipped tiny model anew (PHOTOS=DIR); takes up again after a kill
	$(BIN)/depicts-model fit --from-scratch $(LISTED) --teacher $(TEACHER) \
	  --classes $(PHOTOS)/encoders/imagenet_labels.txt \
	  $$($(BIN)/python -m tests.sandbox.photos | sed 's/^/--exclude /') --out $(TINY)

tune: setup photos ## Twelve trials for each compared system (PHOTOS=DIR); takes up again after a kill
	$(BIN)/depicts-model tune --photos $(PHOTOS) --out model/depicts_model/data/trials.json

experiments: setup photos ## Every system on the same work (PHOTOS=DIR): tables, a report, bench/experiments.json
	$(BIN)/depicts-model evaluate --systems all --photos $(PHOTOS) --out var/experiments
	cp var/experiments/metrics.json bench/experiments.json

evaluate: setup photos ## Judge the shipped model on tiny/val (PHOTOS=DIR)
	$(BIN)/depicts-model evaluate --photos $(PHOTOS)

bench: $(READY) ## Measure speed and memory: a table, bars, bench/latest.json
	$(BIN)/python -m bench

bench-bot: $(READY) ## Measure the bot: what it asks, how it grows, how it keeps pace: bench/bot.json
	$(BIN)/python -m bench.bot

bench-backfill: $(READY) ## Measure the backfill: engines beside a plain loop, memory, kills, an import: bench/backfill.json
	$(BIN)/python -m bench.backfill

load: $(READY) ## Measure the service under load (MariaDB, nginx): bench/load.json
	$(BIN)/python -m bench.load

faults: $(READY) ## Break what the service stands on (as root; MariaDB, nginx): bench/faults.json
	$(BIN)/python -m bench.faults

deploy-check: $(READY) ## Try docs/toolforge.md step by step, in a Toolforge of our own
	$(BIN)/python -m tests.deploy.check

clean: ## Leave the checkout as it was cloned
	rm -rf $(VENV) gadget-js/node_modules var build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf *.egg-info model/*.egg-info bot/*.egg-info toolforge/*.egg-info
