# Each target says what it does, and may be repeated. What a machine lacks is installed first (Debian, Ubuntu); where
# nothing is missing, nothing is asked of the network but cargo's crates.

SHELL := /bin/bash
export PATH := $(HOME)/.cargo/bin:$(PATH)

.PHONY: run build test storm crowd cases torture fuzz contact-sheet bench words lint openapi formats image tools tools-to-build

run: tools ## builds Jarchi and serves it at http://127.0.0.1:8080, with its archive in ./data
	cargo build --release --locked --bins
	cargo run --release --locked -- serve

build: tools-to-build ## builds the binary alone
	cargo build --release --locked

test: tools-to-build ## runs every test: with SQLite and files, then with PostgreSQL and an S3 server
	.ci/tools test
	cargo test --locked --workspace
	JARCHI_CHECKS_WORLD=scaled cargo test --locked --test suite

SEED ?= 20261127
storm: tools-to-build ## kills the processes a hundred times under load and harms what they stand on, in both worlds; SEED is another chance
	.ci/tools test
	JARCHI_CHECKS_SEED=$(SEED) JARCHI_CHECKS_KILLS=100 cargo test --locked --test suite -- --nocapture storm faults
	JARCHI_CHECKS_SEED=$(SEED) JARCHI_CHECKS_KILLS=100 JARCHI_CHECKS_WORLD=scaled cargo test --locked --test suite -- --nocapture storm faults

crowd: tools-to-build ## tells of a hundred thousand changes by six writers on PostgreSQL, to readers who start anywhere
	.ci/tools test
	JARCHI_CHECKS_WORLD=scaled cargo test --locked --test suite -- --ignored --nocapture changes::crowd

CASES ?= 50
cases: tools-to-build ## throws schemathesis's cases of the OpenAPI document at the server, as the public and as each role
	cargo build --locked --bins
	BENCH_PROFILE=debug CASES=$(CASES) benches/cases.py

torture: tools ## harms each format by the thousand (an hour); fetches the bad files of other projects' tests where it can
	.ci/tools torture || echo "The test files of other projects cannot be had here: left out"
	cargo test --locked --test suite -- --ignored --nocapture media::hostile

SECONDS_EACH ?= 600
SEEDS ?= tests/fuzz/corpus/none
fuzz: tools-to-build ## throws chance at each parser that is our own, ten minutes each; begins with the files in SEEDS
	cargo fuzz --version || cargo install --locked cargo-fuzz
	cp Cargo.lock tests/fuzz/
	for target in $$(cargo fuzz list --fuzz-dir tests/fuzz); do \
	  mkdir -p tests/fuzz/corpus/$$target $(SEEDS) && \
	  cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none --target-dir target/fuzz $$target tests/fuzz/corpus/$$target $(SEEDS) -- \
	    -max_total_time=$(SECONDS_EACH) -timeout=20 -rss_limit_mb=4096 -max_len=65536 -verbosity=0 -print_final_stats=1 || exit; \
	done

contact-sheet: tools ## shows every rendition of every format on target/contact-sheet.jpg
	cargo test --locked --test suite -- --ignored --nocapture contact

bench: tools ## measures what the README promises, against others where they can be had
	cargo build --release --locked
	benches/run

words: tools-to-build ## tells whether a word finds its forms, on Debian's lists of Uzbek and Kyrgyz words
	benches/words.py

lint: tools-to-build ## fmt, clippy and rustdoc; every warning is an error
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items
	bash -n .ci/run && bash -n .ci/tools && python3 -c 'import ast, pathlib, sys; [ast.parse(pathlib.Path(p).read_text()) for p in sys.argv[1:]]' $$(find benches -type f ! -name '*.txt')

openapi: tools-to-build ## writes openapi/openapi.json anew
	mkdir -p openapi
	cargo run --locked --quiet --bin jarchi -- openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

formats: tools-to-build ## writes the README's table of formats anew
	cargo run --locked --quiet --bin jarchi -- formats > target/formats.md
	sed -i -e '/^<!-- formats -->$$/,/^<!-- \/formats -->$$/{//!d}' -e '/^<!-- formats -->$$/r target/formats.md' README.md

image: ## builds the container image
	docker build --file docker/Dockerfile --tag jarchi .

# What the commands of the README and the tests use beside the binary: ffmpeg, curl, jq, unzip.
tools: tools-to-build
	@.ci/tools use

tools-to-build:
	@.ci/tools build
