# Everything that is done with this repository. `make` alone lists it.

MAKEFLAGS += --no-print-directory
OUTPUT ?= .build/agent
TARGET ?= armv7em-none-none-eabi
SOURCES := Package.swift Sources Agent Collector Tests

.PHONY: help build demo test lint format embedded agent-library clean install-missing

help: ## list what make can do
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

build: install-missing ## build dalloc-collector, dalloc and dalloc-simulator in .build/release
	swift build -c release

demo: install-missing ## watch nine simulated devices with a collector of their own
	@scripts/demo.sh

test: install-missing lint embedded ## check style, build for devices, run all tests
	swift build --build-tests
	swift test --skip-build --no-parallel

lint: ## check the style of all Swift files
	swift format lint --strict -r $(SOURCES)

format: ## bring all Swift files into that style
	swift format -i -r $(SOURCES)

embedded: ## compile the agent as Embedded Swift, for a Cortex-M4 and for this machine
	scripts/build-agent-library.sh armv7em-none-none-eabi .build/embedded/armv7em-none-none-eabi
	scripts/build-agent-library.sh x86_64-unknown-linux-gnu .build/embedded/x86_64-unknown-linux-gnu

agent-library: ## build libDallocAgent.a for C: TARGET=triple OUTPUT=folder FLAGS="-D…"
	scripts/build-agent-library.sh $(TARGET) $(OUTPUT) $(FLAGS)

clean: ## remove all that was built
	rm -rf .build

install-missing:
	@scripts/install-missing.sh
