# Hearth's front door: thin calls of the `hearth` command and of pip, pytest, ruff, mypy and Verilator.
# `make help` lists the targets. Every variable below can be given on the command line.

PYTHON ?= python3
VENV   ?= .venv
BUILD  ?= build
LANES  ?= 256
STALL  ?= 20
MODEL  ?= weights/imagenet/squeezenet_v1.1.onnx
CALIBRATION ?= weights/imagenet/calibration
IMAGES ?= weights/imagenet/images
LABELS ?= $(IMAGES)/labels.csv
IMAGENET_LANES ?= 850
BOARD  ?= ulx3s-85f
# MHz; for the default board what the embedded network meets there (docs/results/ecp5.md).
CLOCK  ?= $(if $(filter ulx3s-85f,$(BOARD)),72)
PORT   ?= virtual
PREPROCESSING ?= caffe
# of `make fuzz`
N    ?= 2000
SEED ?= 1

GROUPS := ecp5 hls4ml plot xilinx
# The checkout's path may hold spaces (sim/plain_paths.py); make splits these at them.
$(foreach name,VENV BUILD BOARD,$(if $(filter-out 1,$(words $($(name)))),\
  $(error $(name)='$($(name))': expected one word without spaces)))

BIN     := $(VENV)/bin
READY   := $(VENV)/ready
DEFAULT := $(BUILD)/default
VIDEO   := $(BUILD)/video
DEFAULT_MODEL := $(wildcard weights/default/*.onnx)

.DEFAULT_GOAL := demo
.DELETE_ON_ERROR:
# Targets share the build folder, and the tools use every core by themselves.
.NOTPARALLEL:
.PHONY: help tools setup hls hlsnet demo sim bench bitstream program compare update resources test lint format mutants prove fuzz imagenet lock notices clean distclean $(GROUPS:%=setup-%)

help: ## this list
	@echo "make [target] [VARIABLE=value]"
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
	  || sed -nE 's/^([a-z]+):[^#]*## /  \1  /p' $(MAKEFILE_LIST)
	@echo "variables: PYTHON VENV BUILD LANES STALL BOARD CLOCK PORT; for imagenet and resources: MODEL CALIBRATION IMAGES LABELS"

# ---- setup

tools: ## check that the distribution's packages are there
	@case "$$(pwd -P)" in *[[:cntrl:]:\$$\`\"\\]*) \
	  printf '%s: the path holds one of : $$ ` " \\, or a tab or line break, which scripts of Python\n%s\n' \
	    "$$(pwd -P)" "environments do not stand; move the checkout to another folder"; exit 2;; \
	esac; \
	missing=; \
	for tool in git g++ perl; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	if ! command -v "$(PYTHON)" >/dev/null; then \
	  if [ "$(PYTHON)" != python3 ]; then \
	    echo "PYTHON=$(PYTHON): there is no such program; give one of Python 3.11 or newer"; exit 2; fi; \
	  missing="$$missing python3 python3-venv"; \
	elif ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	  echo "Hearth needs Python 3.11 or newer; $(PYTHON) is older (make PYTHON=...)"; exit 2; \
	else "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || missing="$$missing python3-venv"; fi; \
	if [ -n "$$missing" ]; then echo "missing packages: sudo apt install$$missing"; exit 2; fi

setup: $(READY) ## Python environment in .venv, pinned and checked by hash; setup-ecp5, setup-xilinx, setup-hls4ml add to it

# What an optional group of pyproject.toml needs, from its own lock: make setup-ecp5.
$(GROUPS:%=setup-%): setup-%: $(VENV)/%-ready ;

PIP := $(BIN)/pip --quiet --disable-pip-version-check install --no-build-isolation
# Shell code: wait for another make that sets up the same folder; true when it made $@ anew meanwhile.
made_meanwhile = mkdir -p $(VENV); exec 9>$(VENV)/lock; ! command -v flock >/dev/null || flock 9; \
  [ -e $@ ] $(foreach file,$^,&& [ ! $(file) -nt $@ ])

# The scripts in an environment name its path, which $(READY) holds: after a move it is made anew.
MOVED := $(shell [ -s $(READY) ] && [ "$$(cat $(READY))" != "$$(pwd -P)" ] && echo moved)
.PHONY: moved
moved:
	@echo "the checkout was moved: $(VENV) is made anew"
	@rm -f $(VENV)/*ready

$(READY): requirements.lock pyproject.toml $(MOVED)
	@$(MAKE) --no-print-directory tools
	@if $(made_meanwhile); then exit 0; fi; set -ex; \
	"$(PYTHON)" -m venv $(if $(MOVED),--clear) $(VENV); \
	$(PIP) --require-hashes -r requirements.lock; \
	$(PIP) --no-deps -e .; \
	pwd -P > $@

$(VENV)/%-ready: requirements/%.lock | $(READY)
	@if $(made_meanwhile); then exit 0; fi; set -ex; \
	$(PIP) --require-hashes -r requirements/$*.lock; \
	touch $@

LOCK := pip-compile --quiet --all-build-deps --allow-unsafe --generate-hashes --strip-extras \
  --no-emit-index-url --no-emit-options --no-header --annotation-style line
lock: ## renew the locks from pyproject.toml (needs pip-tools; minutes)
	$(LOCK) --extra dev --output-file requirements.lock pyproject.toml
	for group in $(GROUPS); do $(LOCK) --extra $$group --constraint requirements.lock \
	  --output-file requirements/$$group.lock pyproject.toml || exit; done

notices: $(GROUPS:%=setup-%) ## renew THIRD_PARTY.md from what is installed
	$(BIN)/python -m tests.house.notices THIRD_PARTY.md

# ---- the main job

demo: $(DEFAULT)/design.json $(VIDEO)/.ready ## (default) compile the embedded network, stream a video through its hardware
	$(BIN)/hearth run $(DEFAULT) $(VIDEO)
	$(BIN)/hearth sim $(DEFAULT) $(VIDEO)
	@$(BIN)/hearth summary $(DEFAULT)

sim: $(DEFAULT)/design.json $(VIDEO)/.ready ## the same with random stalls on every stream
	$(BIN)/hearth sim $(DEFAULT) $(VIDEO) --stall $(STALL)

bench: $(DEFAULT)/design.json $(VIDEO)/.ready ## cycles, utilisation and simulation speed as a table
	$(BIN)/python -m hearth.sim.bench $(DEFAULT) $(VIDEO)

$(DEFAULT)/design.json: $(DEFAULT_MODEL) $(shell find hw toolchain -name '*.py' -o -name '*.x' -o -name '*.sv') | $(READY)
	$(BIN)/hearth compile $(DEFAULT_MODEL) --lanes $(LANES) -o $(DEFAULT)
	@touch $@

$(VIDEO)/.ready: toolchain/data/default_video.py | $(READY)
	$(BIN)/python -m hearth.toolchain.data.default_video $(VIDEO)
	@touch $@

imagenet: | $(READY) ## SqueezeNet v1.1 at 224x224: accuracy, then three photographs through the hardware
	$(BIN)/hearth compile $(MODEL) --input-size 224 --preprocessing $(PREPROCESSING) \
	  --calibration $(CALIBRATION) --lanes $(IMAGENET_LANES) -o $(BUILD)/imagenet
	$(BIN)/hearth eval $(BUILD)/imagenet --labels $(LABELS)
	$(BIN)/hearth sim $(BUILD)/imagenet $(IMAGES) --limit 3 --stall $(STALL)
	$(BIN)/hearth sim $(BUILD)/imagenet $(IMAGES) --limit 3

hls: $(DEFAULT)/design.json $(VENV)/hls4ml-ready ## hls4ml: two Fire modules as Vitis HLS C++, simulated against the golden model
	$(BIN)/hearth export-hls $(DEFAULT) --layers fire2:fire3 -o $(BUILD)/hls

hlsnet: $(VENV)/hls4ml-ready ## hls4ml: the whole network of `make imagenet`, one photograph (a minute)
	$(BIN)/hearth export-hls $(BUILD)/imagenet $(IMAGES) --limit 1 -o $(BUILD)/hlsnet

# ---- a board

# Boards, and the optional group of packages that each needs: `hearth boards` is the one list.
.PHONY: board-tools
board-tools: $(READY)
	@group=$$($(BIN)/hearth boards --group-of $(BOARD)) && $(MAKE) --no-print-directory setup-$$group

bitstream: board-tools $(DEFAULT)/design.json ## configuration for BOARD (default ulx3s-85f) at CLOCK MHz, open tools or Vivado
	$(BIN)/hearth bitstream $(DEFAULT) --board $(BOARD) $(if $(CLOCK),--clock $(CLOCK))

program: board-tools ## load it into the connected board
	$(BIN)/hearth program $(DEFAULT) --board $(BOARD)

update: $(DEFAULT)/design.json $(VIDEO)/.ready ## other weights for the running board at PORT, compared before and after
	$(BIN)/hearth compile $(DEFAULT_MODEL) --like $(DEFAULT) --range mse -o $(BUILD)/other
	$(BIN)/hearth update $(BUILD)/other $(VIDEO) --running $(DEFAULT) --port $(PORT)

compare: $(DEFAULT)/design.json $(VIDEO)/.ready ## a board at PORT against the golden model; PORT=virtual needs no board
	$(BIN)/hearth compare $(DEFAULT) $(VIDEO) --port $(PORT)

RESOURCES := $(foreach bits,8 4,$(foreach lanes,256 850 1700,$(BUILD)/v11-$(lanes)x$(bits)))
resources: $(RESOURCES:=/hearth.json) $(VENV)/xilinx-ready ## v1.1 with 8 and 4 bits at three lane counts beside what AMD's parts hold
	$(BIN)/python -m hearth.toolchain.studies.resources --family xcup $(RESOURCES)
	$(BIN)/python -m hearth.toolchain.studies.resources --family xc7 $(filter $(BUILD)/v11-256%,$(RESOURCES))

$(BUILD)/v11-%/hearth.json: | $(READY)
	$(BIN)/hearth compile $(MODEL) --input-size 224 --preprocessing $(PREPROCESSING) \
	  --calibration $(CALIBRATION) --lanes $(word 1,$(subst x, ,$*)) \
	  --weight-bits $(word 2,$(subst x, ,$*)) -o $(@D)

# ---- checks

test: $(READY) ## every test: contract tests of all kernels, passes, errors, whole networks
	$(BIN)/python -m pytest

mutants: $(READY) $(VENV)/xilinx-ready ## put single faults into hardware and toolchain; the tests must catch each
	$(BIN)/python -m tests.mutants

fuzz: $(READY) ## N (2000) damaged model files: each must be refused in a sentence or equal ONNX Runtime
	$(BIN)/python -m tests.fuzz --count $(N) --seed $(SEED)

prove: $(VENV)/xilinx-ready ## prove the stream blocks for all time; their faulty twins must be refuted
	$(BIN)/python -m hearth.sim.formal
	$(BIN)/python -m tests.mutants proof

lint: $(DEFAULT)/design.json ## ruff, mypy, and Verilator's lint over all RTL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m hearth.sim.lint $(DEFAULT)

format: $(READY) ## let ruff lay out the Python files
	$(BIN)/ruff format .

clean: ## remove what was built
	rm -rf $(BUILD) .mypy_cache .ruff_cache .pytest_cache
	find hw sim tests toolchain -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## and the Python environment
	rm -rf $(VENV) *.egg-info
