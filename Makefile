# One environment, .venv, for every command but those that need the peers or LlamaIndex. What a command made leaves a
# stamp, so that a second run does only what a change calls for. `make help` lists the commands.

MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
PEERS := .venv-peers
PY := $(VENV)/bin/python
SOURCES := $(shell find csrc python tests notebooks docs benchmarks tools container *.md Makefile pyproject.toml setup.py \
    \( -name __pycache__ -o -name '*.so' -o -name '*.egg-info' -o -name .ipynb_checkpoints \) -prune -o -type f -print)
C_SOURCES := $(filter csrc/%,$(SOURCES))
PACKAGE := $(filter python/%,$(SOURCES))
# the explorer's page as it is written, without what `make wasm` makes of it
PAGE := $(filter-out %/page-loader.js %/parameters.js,$(wildcard python/logitlab/explorer/static/*.js python/logitlab/explorer/static/*.css))

# what has been done: the packages a reader needs, the rest of what a developer needs, editable install, extensions newer than the C sources, a green run of the tests
READER_PACKAGES := $(VENV)/.reader-packages
PACKAGES := $(VENV)/.packages
INSTALLED := $(VENV)/.installed
BUILT := $(VENV)/.built
PASSED := build/passed$(if $(LOGITLAB_REQUIRE_ALL),-with-all)
TUTORIAL := build/tutorial.html

.PHONY: help tutorial test lab lint format bench lock test-targets test-peers test-llama-index test-model test-flags test-pythons wheel test-wheels test-container test-apptainer classroom test-classroom release-dry-run test-asan test-tsan bench-readme fuzz build clean wasm docs screenshots
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; do \
	    printf '  make %-17s %s\n' "$$name" "$$what"; done

tutorial: ## from a fresh clone to the executed tutorial, an HTML page to open
	@$(MAKE) --question $(TUTORIAL) >/dev/null 2>&1 || tools/system.sh model
	@$(MAKE) $(TUTORIAL)
	@echo "The tutorial is in $(abspath $(TUTORIAL))"

test: ## from a fresh clone to a green test run (ARGS="tests/functions -k top_k": a part of it)
ifdef ARGS # a part is no green run: it leaves no stamp
	@$(MAKE) $(BUILT) $(PACKAGES)
	$(PY) -m pytest $(ARGS)
else
	@if $(MAKE) --question $(PASSED) >/dev/null 2>&1; then \
	    echo "Nothing has changed since the last green run (rm $(PASSED) to run it again):"; cat $(PASSED); \
	else $(MAKE) $(PASSED); fi
endif

lab: $(BUILT) ## the notebooks in JupyterLab
	$(PY) -m jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/01-temperature-and-top-k.ipynb

# checks the shell and the expressions of workflows; it is no wheel, so it is built where Go is, and CI always runs it
ACTIONLINT := $(if $(shell command -v go),build/bin/actionlint)
build/bin/actionlint:
	@mkdir -p $(@D)
	GOBIN=$(abspath $(@D)) GOFLAGS=-modcacherw go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

lint: $(BUILT) $(PACKAGES) $(ACTIONLINT) ## ruff, mypy, clang-format, oxfmt, oxlint, zizmor: what a change must pass beside the tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/clang-format --dry-run -Werror $(filter %.c %.h %.inc,$(C_SOURCES)) $(wildcard tests/fuzz/*.[ch])
	$(VENV)/bin/oxfmt --check $(PAGE)
	$(VENV)/bin/oxlint $(filter %.js,$(PAGE))
	$(VENV)/bin/zizmor --offline --quiet .github
	$(if $(ACTIONLINT),$(ACTIONLINT))
	@! LC_ALL=C.UTF-8 grep -nHE '.{121}' $(PAGE) || { echo "a line must have at most 120 characters"; exit 1; }

format: $(PACKAGES) ## formats Python, C and the explorer's page in place
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(VENV)/bin/clang-format -i $(filter %.c %.h %.inc,$(C_SOURCES)) $(wildcard tests/fuzz/*.[ch])
	$(VENV)/bin/oxfmt $(PAGE)

build: $(BUILT) $(PACKAGES) ## the environment and the extensions, nothing run

lock: $(PACKAGES) ## renews the files of locks/: newest versions, hashes of every platform's wheels (ARGS="--add developer")
	tools/lock.sh $(VENV)/bin/uv $(ARGS)

wasm: $(BUILT) $(PACKAGES) ## compiles the kernels for the explorer's page and packs the page, after a change to either; commit both
	$(PY) csrc/wasm/build.py
	$(PY) tools/pack_explorer.py

docs: $(BUILT) $(PACKAGES) ## writes docs/steps.md from the docstrings of the sampler's steps; commit it
	$(PY) tools/steps_page.py

screenshots: $(BUILT) $(PACKAGES) ## draws the explorer's pictures of docs/ again, in a real browser
	@tools/system.sh browser
	$(PY) tools/screenshots.py docs/pictures

clean: ## removes what the commands made
	rm -rf build dist $(VENV) $(PEERS) $(LLAMA_INDEX) $(WHEEL) python/*.egg-info
	find python -name '*.so' -delete

$(READER_PACKAGES): locks/tutorial.lock tools/environment.sh tools/system.sh
	@tools/environment.sh $(VENV) $<
	@touch $@

# The same versions and more. They are compiled here because a warning that the compiler has about somebody else's module
# would be an error in the tests; not every file called .py is a module, so what cannot be compiled is left alone.
$(PACKAGES): locks/developer.lock $(READER_PACKAGES)
	@tools/environment.sh $(VENV) $<
	@$(PY) -W ignore -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@

# Without isolation the build uses the lock's setuptools and NumPy, and needs no network.
$(INSTALLED): $(READER_PACKAGES) setup.py tools/compiler.py tools/publish.py pyproject.toml
	@echo "logitlab: building the extensions"
	@$(PY) -m pip install --quiet --no-build-isolation --no-deps --no-index --editable .
	@touch $@

$(BUILT): $(INSTALLED) $(C_SOURCES)
	@$(PY) setup.py --quiet build_ext --inplace
	@touch $@

$(TUTORIAL): $(BUILT) notebooks/01-temperature-and-top-k.ipynb $(PACKAGE) tools/run_notebook.py
	@mkdir -p build
	@LOGITLAB_CONNECT=builtin $(PY) tools/run_notebook.py notebooks/01-temperature-and-top-k.ipynb --html $@

$(PASSED): $(BUILT) $(PACKAGES) $(SOURCES)
	@mkdir -p build
	@$(if $(wildcard tests/browser),tools/system.sh browser$(if $(LOGITLAB_REQUIRE_ALL),, || true))
	@tools/system.sh client$(if $(LOGITLAB_REQUIRE_ALL),, || true)
	@LOGITLAB_TEST_SUMMARY=$@.part $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=20
	@mv $@.part $@

# The peers weigh several GB, most of it torch's: they have an environment of their own, and see logitlab by its path.
PEER_PACKAGES := $(PEERS)/.packages
PEER_PY := PYTHONPATH=python $(PEERS)/bin/python
$(PEER_PACKAGES): locks/peers.lock tools/environment.sh tools/system.sh
	@tools/environment.sh $(PEERS) $<
	@touch $@

# So does LlamaIndex, for one test file.
LLAMA_INDEX := .venv-llama-index
$(LLAMA_INDEX)/.packages: locks/llama-index.lock tools/environment.sh tools/system.sh
	@tools/environment.sh $(LLAMA_INDEX) $<
	@touch $@

test-llama-index: $(BUILT) $(LLAMA_INDEX)/.packages ## the wrapper for LlamaIndex inside the real one
	PYTHONPATH=python $(LLAMA_INDEX)/bin/python -m pytest tests/ollama/test_llama_index.py

test-model: $(BUILT) $(PACKAGES) ## the built-in model beside llama.cpp: logits of 50 prompts, perplexity, 5000 strings
	$(PY) -m benchmarks.agreement

test-peers: $(BUILT) $(PEER_PACKAGES) ## SciPy, torch and the engines' own code agree (writes tests/vectors); the explorer in marimo
	@tools/system.sh browser
	$(PEER_PY) tools/make_peer_vectors.py
	$(PEER_PY) -m pytest tests/peers

test-targets: $(BUILT) $(PACKAGES) ## the functions on other processors, under qemu
	@tools/system.sh targets
	tools/test_targets.sh nehalem --ignore=tests/functions/test_accuracy.py
	tools/test_targets.sh aarch64

LLAMA_CPP := sampling/test_llama_cpp.py llms/test_peers.py# somebody else's C, not built with a sanitizer
test-flags: $(BUILT) $(PACKAGES) ## builds with the compiler flags of users and distributions: the same bits (ARGS="-Ofast")
	@tools/system.sh flags$(if $(LOGITLAB_REQUIRE_ALL),, || true)
	$(PY) tools/test_flags.py $(ARGS)

test-pythons: $(BUILT) $(PACKAGES) ## every Python with its oldest and newest NumPy, by the oldest and newest compilers (ARGS=3.15)
	@tools/system.sh pythons$(if $(LOGITLAB_REQUIRE_ALL),, || true)
	$(PY) tools/test_pythons.py $(ARGS)

# What a release is made of needs an environment of its own: a compiler for every platform, and those who judge wheels.
WHEEL := .venv-wheel
WHEEL_PACKAGES := $(WHEEL)/.packages
$(WHEEL_PACKAGES): locks/wheel.lock tools/environment.sh tools/system.sh
	@tools/environment.sh $(WHEEL) $<
	@touch $@

wheel: $(WHEEL_PACKAGES) ## the sdist and a wheel for each platform, in dist/ (ARGS="--twice": built twice, the bytes compared)
	$(WHEEL)/bin/python tools/wheels.py $(ARGS)

test-wheels: $(BUILT) $(PACKAGES) ## the wheels of dist/ on every Python without a compiler, on aarch64, at a reader's (ARGS=3.12)
	@tools/system.sh wheels$(if $(LOGITLAB_REQUIRE_ALL),, || true)
	$(PY) tools/test_wheels.py $(ARGS)

test-container: ## container/install.sh in a fresh root without a compiler, with the wheel of dist/ (root on Debian)
	@tools/system.sh root
	tests/container/run.sh $(abspath build/container-root) dist/logitlab-*-manylinux_2_28_$(shell uname -m).whl

test-apptainer: ## after make test-container: apptainer builds container/logitlab.def on that root and runs the image
	tests/container/apptainer.sh $(abspath build/container-root) \
	    $(abspath $(wildcard dist/logitlab-*-manylinux_2_28_$(shell uname -m).whl)) $(abspath build/apptainer)

classroom: $(BUILT) ## after make wheel: build/classroom, from which a class installs and runs without a network
	tools/classroom.sh $(abspath $(PY)) build/classroom dist/logitlab-*-manylinux_2_28_$(shell uname -m).whl

test-classroom: ## build/classroom with the network cut: installed, the notebooks run, thirty processes on one model (root)
	tests/classroom/run.sh $(abspath build/classroom)

test-asan: $(BUILT) $(PACKAGES) ## under AddressSanitizer and UndefinedBehaviorSanitizer
	tools/test_sanitized.sh address,undefined tests $(addprefix --ignore=tests/,packaging notebooks docs recipes browser $(LLAMA_CPP))

test-tsan: $(BUILT) $(PACKAGES) ## threads on shared arrays, and workers, under ThreadSanitizer
	tools/test_sanitized.sh thread tests/functions/test_threads.py tests/llms/test_workers.py

bench: $(BUILT) $(PEER_PACKAGES) ## side by side with what a user would call instead (ARGS="--only top_k")
	@mkdir -p build
	$(PEER_PY) -m benchmarks --json build/bench.json --plot build/bench.png $(ARGS)
	$(PEER_PY) -m benchmarks.short_rows
	$(PEER_PY) -m benchmarks.ollama_client
	$(PEER_PY) -m benchmarks.sampler

bench-readme: ## puts the last run of bench into the tables of the README and docs/performance.md
	cp build/bench.json benchmarks/results.json && cp build/bench.png docs/bench.png
	$(PY) -m benchmarks --readme benchmarks/results.json .

# 30 minutes without a finding is what a release needs, for the kernels and 15 for each of the others; a shorter
# look: make fuzz SECONDS=60
SECONDS := 1800
FUZZERS := build/fuzz/kernels build/fuzz/lines build/fuzz/model
FUZZ = $(1) -max_total_time=$(2) -max_len=400 $(3) -print_final_stats=1 -artifact_prefix=$(1)- $(1)-corpus
build/fuzz/kernels: $(filter csrc/kernels/%,$(C_SOURCES)) setup.py tools/compiler.py
build/fuzz/lines: $(filter csrc/http/lines.%,$(C_SOURCES))
build/fuzz/model: $(filter csrc/kernels/% csrc/model/%,$(C_SOURCES)) setup.py tools/compiler.py
$(FUZZERS): $(PACKAGES) $(wildcard tests/fuzz/*)
	@tools/system.sh fuzz
	$(PY) tests/fuzz/build.py $@

release-dry-run: $(BUILT) $(WHEEL_PACKAGES) ## the steps of docs/release.md but the last: nothing is tagged or published
	$(WHEEL)/bin/python tools/release.py

fuzz: $(FUZZERS) ## libFuzzer on the kernels and the model, all targets compared, and on a server's lines (SECONDS=1800)
	@mkdir -p $(FUZZERS:=-corpus)
	$(call FUZZ,build/fuzz/kernels,$(SECONDS))
	$(call FUZZ,build/fuzz/lines,$$(($(SECONDS) / 2)),-len_control=0)
	$(call FUZZ,build/fuzz/model,$$(($(SECONDS) / 2)),)
