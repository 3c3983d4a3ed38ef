# Everything that is done with this project, by name. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

home := .jinmaek

# $(call step,what,command): runs the command and says how long it took.
define step
	@started=$$(date +%s%N); echo "── $(1)"; $(2); \
	awk -v ns=$$(( $$(date +%s%N) - started )) 'BEGIN { printf "── $(1): %.1f s\n", ns / 1e9 }'
endef

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 22

.PHONY: run
run: mariadb build ko-dic ## Run the whole platform with sample data, on a private MariaDB; prints where it serves
	@exec cargo run --quiet -- --with-sample

.PHONY: test
test: mariadb ko-dic browser nats ## Run every test, against real servers and a real browser
	$(call step,build the tests,cargo test --workspace --no-run --quiet)
	$(call step,tests,cargo test --workspace --quiet)

.PHONY: test-mysql
test-mysql: mysql ko-dic nats ## Run the tests of the change stream and of those who follow it against MySQL
	$(call step,tests on MySQL,JINMAEK_TEST_FLAVOUR=mysql cargo test --package cdc --package indexer --quiet)
	$(call step,publishing from MySQL,JINMAEK_TEST_FLAVOUR=mysql cargo test --package jinmaek --test it --quiet -- publish)

.PHONY: test-meilisearch
test-meilisearch: mariadb ko-dic ## Run the tests of the Meilisearch engine on a real server: MEILI_URL=http://… [MEILI_KEY=…]
	@test -n "$(MEILI_URL)" || { echo "say which: make test-meilisearch MEILI_URL=http://host:7700" >&2; exit 2; }
	$(call step,tests on Meilisearch,JINMAEK_TEST_MEILI_URL='$(MEILI_URL)' JINMAEK_TEST_MEILI_KEY='$(MEILI_KEY)' cargo test --package search-api --test it --quiet -- meilisearch)

# ── what is needed first ────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: mariadb
mariadb: ## Get MariaDB, unless it or DATABASE_URL is there
	$(call step,MariaDB,.ci/get-mariadb $(home))

.PHONY: mysql
mysql: ## Get MySQL for the tests, in a Debian root of its own
	$(call step,MySQL,.ci/get-mysql $(home))

.PHONY: nats
nats: ## Get nats-server for the tests, unless it is there
	$(call step,NATS,.ci/get-nats $(home))

.PHONY: build
build: ## Build the program
	$(call step,build,cargo build --quiet)

.PHONY: ko-dic
ko-dic: build ## Get mecab-ko-dic (or take KO_DIC_SOURCE=DIR) and build the Korean dictionary of it
	$(call step,Korean dictionary,.ci/get-ko-dic $(home))

.PHONY: browser
browser: ## Get Chromium and its driver, unless they are there
	$(call step,browser,.ci/get-browser)

.PHONY: tools
tools: ## Get the tools of `make lint`, unless they are there
	$(call step,lint tools,.ci/get-tools)

# ── checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: lint
lint: tools ## Format, clippy, rustdoc, licences, unused dependencies, arrows, first lines
	$(call step,rustfmt,cargo fmt --all --check)
	$(call step,clippy,cargo clippy --workspace --all-targets --quiet -- -D warnings)
	$(call step,rustdoc,RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --document-private-items --quiet)
	$(call step,cargo-deny,cargo deny --log-level error check bans licenses sources)
	$(call step,cargo-machete,cargo machete)
	$(call step,arrows,.ci/check-arrows)
	$(call step,tidy,.ci/check-tidy)

.PHONY: fmt
fmt: ## Format
	cargo fmt --all

.PHONY: sqlx
sqlx: mariadb ## Renew `.sqlx`, the descriptions of the queries, from a database with the present schema
	.ci/renew-sqlx

# ── measuring ───────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: bench-freshness
bench-freshness: mariadb ko-dic ## Time from a commit in MariaDB until the change is searchable, over 1,000 changes
	cargo bench --quiet --bench freshness

.PHONY: bench-search
bench-search: mariadb ko-dic ## Searches a second over 100,000 institutions and articles, over HTTP and without, beside MySQL's LIKE and FULLTEXT
	cargo bench --quiet --bench search

.PHONY: bench-cdc
bench-cdc: mariadb ## Rows and transactions a second of the change stream beside bare mysql_async, and its memory
	cargo bench --quiet --package cdc --bench read

.PHONY: bench-analyzers
bench-analyzers: ko-dic ## Korean analysis, the whole chain beside bare lindera on the same text, MB/s on one thread
	cargo bench --quiet --package analyzers --bench chain

.PHONY: bench-suggest
bench-suggest: ko-dic ## Suggestions at 1,000,000 keystrokes over 100,000 institutions: time of each, and memory
	cargo bench --quiet --package search-api --bench suggest

# The model checker's settings.
SEED ?= $(shell date +%s)
HISTORIES ?= 10000
FAULTS ?= 1000
SECONDS ?= 3600

.PHONY: model
model: mariadb ## Random histories and failures against a mirror of the stream; SEED, HISTORIES, FAULTS, SECONDS
	JINMAEK_MODEL_SEED=$(SEED) JINMAEK_MODEL_HISTORIES=$(HISTORIES) JINMAEK_MODEL_FAULTS=$(FAULTS) JINMAEK_MODEL_SECONDS=$(SECONDS) cargo test --release --package cdc --test it model -- --nocapture

.PHONY: hammer
hammer: mariadb ko-dic ## 100,000 single-row transactions: no document may be older than its event
	JINMAEK_HAMMER_TRANSACTIONS=100000 cargo test --release -p indexer --test it hammer -- --nocapture

.PHONY: kill
kill: mariadb ko-dic ## kill -9 of jinmaek at 20 moments and of mariadbd at 5, `jinmaek verify` after each
	JINMAEK_KILLS=20 JINMAEK_SERVER_KILLS=5 JINMAEK_KILL_ROWS=15000 cargo test --release -p jinmaek --test it kill -- --nocapture

# How often each fuzz target runs.
RUNS ?= 10000000

.PHONY: fuzz
fuzz: ## Run each fuzz target of cdc RUNS=10000000 times; what reaches new code is added to its corpus
	.ci/fuzz $(RUNS)

.PHONY: clean
clean: ## Remove what was built; `.jinmaek`, with the private database, stays
	cargo clean
