# Hearth's front door: thin calls of the `hearth` command and of pytest, ruff, mypy and Verilator.
# `make help` lists the targets. Every variable below can be given on the command line.

PYTHON ?= python3
VENV   ?= .venv
BUILD  ?= build
LANES  ?= 256
STALL  ?= 20
BOARD  ?= ulx3s-85f
# MHz, and the seed of a placement that meets them; for the default board what the embedded network
# meets there (docs/results/ecp5.md).
CLOCK  ?= $(if $(filter ulx3s-85f,$(BOARD)),72)
PLACEMENT ?= $(if $(filter ulx3s-85f,$(BOARD)),2)
PORT   ?= virtual

# The checkout's path may hold spaces (sim/plain_paths.py); make splits these at them.
$(foreach name,VENV BUILD BOARD,$(if $(filter-out 1,$(words $($(name)))),\
  $(error $(name)='$($(name))': expected one word without spaces)))

RUN     := $(VENV)/bin/
SET_UP  := @PYTHON="$(PYTHON)" VENV="$(VENV)" sh requirements/set_up.sh
DEFAULT := $(BUILD)/default
VIDEO   := $(BUILD)/video
MODEL   := $(wildcard weights/default/*.onnx)
DEMO    := $(DEFAULT)/design.json $(VIDEO)/.ready

.DEFAULT_GOAL := demo
.DELETE_ON_ERROR:
# Targets share the build folder, and the tools use every core by themselves.
.NOTPARALLEL:
.PHONY: help tools tools-xc7 setup demo sim bench board-tools bitstream program compare update test lint \
  mutants fuzz prove clean

help: ## this list
	@echo "make [target] [VARIABLE=value]"
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  \1\t\2/p' Makefile | expand -t 14
	@echo "variables: PYTHON VENV BUILD LANES STALL BOARD CLOCK PLACEMENT PORT"

setup: ## Python environment; setup-ecp5, -xilinx, -hls4ml, -plot add to it
	$(SET_UP)
setup-%: ; $(SET_UP) $*
tools: ; $(SET_UP) --tools
# Place and route for AMD's 7 series: Debian's packages, unpacked into .tools/xc7.
tools-xc7: ; sh requirements/xc7.sh .tools/xc7

demo: $(DEMO) ## (default) the embedded network compiled, a video in its hardware
	$(RUN)hearth run $(DEFAULT) $(VIDEO)
	$(RUN)hearth sim $(DEFAULT) $(VIDEO)
	@$(RUN)hearth summary $(DEFAULT)

sim: $(DEMO) ## the video once more, with random stalls on every stream
	$(RUN)hearth sim $(DEFAULT) $(VIDEO) --stall $(STALL)

bench: $(DEMO) ## cycles, utilisation and simulation speed as a table
	$(RUN)python -m hearth.sim.bench $(DEFAULT) $(VIDEO)

$(DEFAULT)/design.json: $(MODEL) $(shell find hw toolchain -name '*.py' -o -name '*.x' -o -name '*.sv') | setup
	$(RUN)hearth compile $(MODEL) --lanes $(LANES) -o $(DEFAULT)
	@touch $@

$(VIDEO)/.ready: toolchain/data/default_video.py | setup
	$(RUN)python -m hearth.toolchain.data.default_video $(VIDEO)
	@touch $@

# Boards, and the optional group of packages that each needs: `hearth boards` is the one list.
board-tools: setup
	@group=$$($(RUN)hearth boards --group-of $(BOARD)) && $(MAKE) --no-print-directory setup-$$group

bitstream: board-tools $(DEFAULT)/design.json ## configuration for BOARD at CLOCK MHz
	$(RUN)hearth bitstream $(DEFAULT) --board $(BOARD) $(if $(CLOCK),--clock $(CLOCK)) \
	  $(if $(PLACEMENT),--seed $(PLACEMENT))

program: board-tools ## load it into the connected BOARD
	$(RUN)hearth program $(DEFAULT) --board $(BOARD)

compare: $(DEMO) ## a board at PORT, or a virtual one, against the golden model
	$(RUN)hearth compare $(DEFAULT) $(VIDEO) --port $(PORT)

update: $(DEMO) ## other weights for the running board at PORT
	$(RUN)hearth compile $(MODEL) --like $(DEFAULT) --range mse -o $(BUILD)/other
	$(RUN)hearth update $(BUILD)/other $(VIDEO) --running $(DEFAULT) --port $(PORT)

test: setup ## every test: kernels, passes, errors, whole networks
	$(RUN)python -m pytest

lint: $(DEFAULT)/design.json ## ruff, mypy, and Verilator's lint over all RTL
	$(RUN)ruff check .
	$(RUN)ruff format --check .
	$(RUN)mypy
	$(RUN)python -m hearth.sim.lint $(DEFAULT)

mutants: setup-xilinx ; $(RUN)python -m tests.mutants
fuzz: setup ; $(RUN)python -m tests.fuzz $(if $(N),--count $(N)) $(if $(SEED),--seed $(SEED))
prove: setup-xilinx ; $(RUN)python -m hearth.sim.formal && $(RUN)python -m tests.mutants proof

clean: ## remove what was built
	rm -rf $(BUILD) .mypy_cache .ruff_cache .pytest_cache
	find hw sim tests toolchain -name __pycache__ -prune -exec rm -rf {} +
