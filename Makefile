# SPDX-License-Identifier: Apache-2.0
# Everything that is done with this repository. `make` alone lists it.

MAKEFLAGS += --no-print-directory
TARGET ?= armv7em-none-none-eabi
CONFIGURATION = $(if $(CONF),'-DDALLOC_CUSTOM_CONF_FILE="$(CONF)"') $(FLAGS)
SOURCES := Package.swift Sources Agent Collector Examples Fuzzing Tests Benchmarks

.PHONY: docs man help build demo test lint format embedded c-library agent-library firmware-library preload c-docs stress bench-allocator bench-wire bench-firmware bench-collector bench-query firmware-demo fuzz extremes api-test mutations soak release release-test clean install-missing

help: ## list what make can do
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

build: install-missing ## build dalloc-collector, dalloc and dalloc-simulator in .build/release
	swift build -c release

demo: install-missing ## watch nine simulated devices with a collector of their own
	@scripts/demo.sh

firmware-demo: install-missing ## boot firmwares on emulated boards and watch them over their UARTs
	@scripts/firmware-demo.sh

test: install-missing lint embedded stress ## check style, build for devices, run all tests
	@scripts/install-missing.sh cmake ninja-build gcc-arm-none-eabi libnewlib-arm-none-eabi picolibc-arm-none-eabi gcc-riscv64-unknown-elf qemu-system-arm qemu-system-misc openssl mosquitto mosquitto-clients pkgconf python3-pip python3-setuptools python3-wheel tshark prometheus curl
	swift build --build-tests
	swift test --skip-build --no-parallel

lint: install-missing ## check the style of all Swift files, the house rules, and that no operator traps on numbers from outside
	swift format lint --strict -r $(SOURCES)
	@scripts/lint-arithmetic.sh
	@scripts/lint/lint.py --self-test
	@scripts/lint/lint.py

format: ## bring all Swift files into that style
	swift format -i -r $(SOURCES)

embedded: ## compile the agent as Embedded Swift, for a Cortex-M4 and for this machine
	scripts/build-library.sh DallocAgent armv7em-none-none-eabi .build/embedded/armv7em-none-none-eabi
	scripts/build-library.sh DallocAgent host .build/embedded/host
	scripts/build-swift-device.sh armv7em-none-none-eabi .build/embedded/swift-device

c-library: ## build libdalloc.a, the allocator for C and C++ on this machine: CONF=header.h FLAGS="-D…" OUTPUT=folder
	@scripts/build-library.sh dalloc host '$(or $(OUTPUT),.build/c-library)' $(CONFIGURATION)

agent-library: ## build libDallocAgent.a, allocator and agent for this machine: CONF, FLAGS, OUTPUT
	@scripts/build-library.sh DallocAgent host '$(or $(OUTPUT),.build/agent-library)' $(CONFIGURATION)

firmware-library: ## build libDallocAgent.a for bare metal: TARGET=armv6m-none-none-eabi CONF, FLAGS, OUTPUT
	@scripts/build-library.sh DallocAgent $(TARGET) '$(or $(OUTPUT),.build/firmware-library/$(TARGET))' $(CONFIGURATION)

preload: ## build .build/preload/dalloc-preload.so, which watches malloc in any program: OUTPUT=folder
	@scripts/build-preload.sh '$(or $(OUTPUT),.build/preload)'

c-docs: ## write the reference of the C API with Doxygen to .build/c-docs/html; what is not documented is an error
	@scripts/install-missing.sh doxygen
	@mkdir -p .build/c-docs
	doxygen docs/Doxyfile

stress: ## compare a million random operations in 26 configurations with a model: OPERATIONS=n SEED=n
	@scripts/stress.sh $(if $(OPERATIONS),--operations $(OPERATIONS)) $(if $(SEED),--seed $(SEED))

bench-allocator: ## count the allocator's instructions, next to the least that they could be, and its bytes
	@scripts/install-missing.sh valgrind
	@scripts/bench-allocator.sh

bench-wire: ## count the bytes of an operation on the line, beside other formats, and what it costs the device
	@scripts/install-missing.sh valgrind
	@scripts/bench-wire.sh

bench-firmware: ## count what the agent costs a Cortex-M4: instructions, stack, flash, RAM
	@scripts/bench-firmware.sh

bench-collector: install-missing ## measure what a collector carries, beside plain SQLite and a bare listener: 20 minutes, 6 GB of disk
	@scripts/bench-collector.sh

bench-query: install-missing ## measure answers about a month of a fleet under load, and what their sums cost: BEFORE=folder of a collector without them; 30 minutes, 8 GB
	@scripts/bench-query.sh $(if $(BEFORE),--before '$(BEFORE)')

fuzz: ## fuzz the frame reader, the replica and the collector's session: SECONDS=600 for each
	@scripts/fuzz.sh --seconds $(or $(SECONDS),600)

extremes: install-missing ## let devices live at random with extreme numbers in all fields: SECONDS=600
	@scripts/extremes.sh --seconds $(or $(SECONDS),600)

api-test: install-missing ## hold the HTTP API to schema/openapi.yaml with Schemathesis (from PyPI), two minutes: SEED=n EXAMPLES=n
	@scripts/install-missing.sh python3-venv
	@scripts/api-test.sh $(if $(SEED),--seed $(SEED)) $(if $(EXAMPLES),--examples $(EXAMPLES))

mutations: ## change a million true frames at random: the replica must never take a wrong table
	@scripts/mutations.sh

soak: install-missing ## the long runs, some hours: bad lines, damage, wrong clocks, 20 minutes of trouble, an hour of load: OPERATIONS=n PLACES=n SEEDS=n MINUTES=n
	@scripts/soak.sh loss $(if $(OPERATIONS),--operations $(OPERATIONS))
	@scripts/soak.sh damage $(if $(PLACES),--places $(PLACES))
	@scripts/soak.sh clock $(if $(SEEDS),--seeds $(SEEDS))
	@scripts/soak.sh trouble
	@scripts/soak.sh collector $(if $(MINUTES),--minutes $(MINUTES))

release: install-missing ## make archives for people without Swift in .build/release-files: libraries for nine targets, programs, checksums: TARGETS=names OUTPUT=folder
	@scripts/release.sh $(if $(TARGETS),--targets $(TARGETS)) $(OUTPUT)

release-test: ## take these from the download to the first frame, with no Swift in sight: OUTPUT=folder
	@scripts/release-test.sh $(OUTPUT)

docs: ## make the reference of the Swift modules, for a browser, in .build/docs; warnings are errors
	@mkdir -p .build/docs
	@for module in Dalloc DallocAgent; do \
		swift package --allow-writing-to-directory .build/docs generate-documentation --target $$module --warnings-as-errors \
			--output-path .build/docs/$$module || exit 1; done

man: install-missing ## write a manual page for each command of the programs to .build/man/man1
	@scripts/make-man.sh

clean: ## remove all that was built
	rm -rf .build

install-missing:
	@scripts/install-missing.sh
