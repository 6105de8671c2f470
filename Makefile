# Hearth's front door: thin calls of the `hearth` command and of pytest, ruff, mypy and Verilator.
# `make help` lists the targets. Every variable below can be given on the command line.

PYTHON ?= python3
VENV   ?= .venv
BUILD  ?= build
# The network: any ONNX file. WEIGHTS is bits of a weight, or a ROM size that bits are chosen for, as
# 380KB; CLASSES lists those to keep. Each choice of these, and of LANES, has a build folder of its own.
# LANES=fit: bits and folding are chosen for BOARD.
ZOO    := weights/imagenet/squeezenet1.1-7.onnx
OWN    := $(wildcard weights/default/*.onnx)
MODEL  ?= $(if $(filter imagenet,$(MAKECMDGOALS)),$(ZOO),$(OWN))
LANES  ?= $(if $(filter imagenet,$(MAKECMDGOALS)),850,256)
STALL  ?= 20
BOARD  ?= ulx3s-85f
# MHz, and the seed of a placement that meets them; for the default board what the embedded network
# meets there (docs/results/ecp5.md).
TUNED  := $(and $(filter ulx3s-85f,$(BOARD)),$(filter $(OWN),$(MODEL)))
CLOCK  ?= $(if $(TUNED),85)
PLACEMENT ?= $(if $(TUNED),2)
PLACEMENTS := $(if $(TUNED),--seeds 4)
PORT   ?= virtual

# The checkout's path may hold spaces (sim/plain_paths.py); make splits these at them.
$(foreach name,VENV BUILD BOARD $(if $(OWN),MODEL),$(if $(filter-out 1,$(words $($(name)))),\
  $(error $(name)='$($(name))': expected one word without spaces)))
$(if $(wildcard $(MODEL))$(filter $(ZOO),$(MODEL)),,$(if $(MODEL),$(error MODEL=$(MODEL): there is no such file)))
$(if $(filter imagenet,$(MAKECMDGOALS)),$(if $(and $(CALIBRATION),$(LABELS)),,$(error imagenet needs\
  CALIBRATION=FOLDER, photographs like yours, and LABELS=, others in one folder per class or a CSV)))

RUN     := $(VENV)/bin/
SET_UP  := @PYTHON="$(PYTHON)" VENV="$(VENV)" sh requirements/set_up.sh
CHOICES := $(if $(filter fit,$(LANES)),$(BOARD),$(filter-out 256,$(LANES))) $(WEIGHTS) \
  $(basename $(notdir $(CLASSES))) $(INPUT_SIZE)
DESIGN  := $(BUILD)/$(if $(filter-out $(OWN),$(MODEL)),$(basename $(notdir $(MODEL))),default)$(subst \
  $() ,,$(foreach choice,$(CHOICES),_$(choice)))
OPTIONS := $(if $(CALIBRATION),--calibration '$(CALIBRATION)') \
  $(if $(PREPROCESSING),--preprocessing '$(PREPROCESSING)') $(if $(CLASSES),--classes '$(CLASSES)') \
  $(if $(INPUT_SIZE),--input-size '$(INPUT_SIZE)') $(if $(WEIGHTS),$(if $(filter \
  1 2 3 4 5 6 7 8,$(WEIGHTS)),--weight-bits,--mixed --rom-budget) '$(WEIGHTS)')
FOLDING := $(if $(filter fit,$(LANES)),--board '$(BOARD)' $(if $(CLOCK),--clock '$(CLOCK)'),--lanes '$(LANES)')
VIDEO   := $(BUILD)/video
IMAGES  ?= $(VIDEO)
# What `make` draws the embedded network's classes into; `make CLIP=mine.mp4` takes another.
CLIP     := $(BUILD)/clip.mp4
LABELLED := $(BUILD)/labelled
DRAWN   := $(filter $(OWN),$(MODEL))
SHOWN   := $(DESIGN)/design.json $(if $(filter $(VIDEO),$(IMAGES)),$(VIDEO)/.ready)

.DEFAULT_GOAL := demo
.DELETE_ON_ERROR:
# Targets share the build folder, and the tools use every core by themselves.
.NOTPARALLEL:
.PHONY: help tools tools-xc7 setup demo sim bench weights imagenet board-tools bitstream program \
  compare video pace update test lint mutants fuzz prove clean

help: ## this list
	@echo "make [target] [VARIABLE=value]"
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  \1\t\2/p' Makefile | expand -t 14
	@echo "variables: PYTHON VENV BUILD MODEL LANES STALL BOARD CLOCK PLACEMENT PORT IMAGES"
	@echo "of MODEL: CALIBRATION LABELS PREPROCESSING INPUT_SIZE WEIGHTS CLASSES"

setup: ## Python environment; setup-ecp5, -xilinx, -hls4ml, -plot add to it
	$(SET_UP)
setup-%: ; $(SET_UP) $*
tools: ; $(SET_UP) --tools
# Place and route for AMD's 7 series: Debian's packages, unpacked into .tools/xc7.
tools-xc7: ; sh requirements/xc7.sh .tools/xc7

demo: $(SHOWN) ## (default) network compiled, a video in hardware, a clip labelled
	$(RUN)hearth run $(DESIGN) '$(IMAGES)'
	$(RUN)hearth sim $(DESIGN) '$(IMAGES)'
	$(if $(DRAWN),$(RUN)hearth video $(DESIGN) '$(CLIP)' -o $(LABELLED).mp4 --sheet $(LABELLED).png)
	@$(RUN)hearth summary $(DESIGN)
	@$(RUN)hearth report $(DESIGN) --html $(DESIGN)/report.html
	@$(if $(DRAWN),echo "labelled   $(LABELLED).mp4 and some of its frames: $(LABELLED).png")

sim: $(SHOWN) ## the video once more, with random stalls on every stream
	$(RUN)hearth sim $(DESIGN) '$(IMAGES)' --stall $(STALL)

bench: $(SHOWN) ## cycles, utilisation and simulation speed as a table
	$(RUN)python -m hearth.sim.bench $(DESIGN) '$(IMAGES)'

$(DESIGN)/design.json: $(MODEL) $(shell find hw toolchain -name '*.py' -o -name '*.x' -o -name '*.sv') | setup
	$(RUN)hearth compile $(MODEL) $(FOLDING) $(OPTIONS) -o $(DESIGN)
	@touch $@

weights: $(ZOO) ## SqueezeNet v1.1 for ImageNet, 5 MB: the one download
$(ZOO): weights/imagenet/manifest.json | setup-weights
	$(RUN)python -m weights.download weights/imagenet
	@touch $@

imagenet: $(DESIGN)/design.json ## compiles, evaluates, simulates it; CALIBRATION= LABELS= IMAGES=
	$(RUN)hearth eval $(DESIGN) --labels '$(LABELS)'
	$(RUN)hearth sim $(DESIGN) '$(if $(filter $(VIDEO),$(IMAGES)),$(LABELS),$(IMAGES))' --limit 3

$(VIDEO)/.ready: toolchain/data/default_video.py | setup
	$(RUN)python -m hearth.toolchain.data.default_video $(VIDEO) --clip $(BUILD)/clip.mp4
	@touch $@

# Boards, and the optional group of packages that each needs: `hearth boards` is the one list.
board-tools: setup
	@group=$$($(RUN)hearth boards --group-of $(BOARD)) && $(MAKE) --no-print-directory setup-$$group

bitstream: board-tools $(DESIGN)/design.json ## configuration for BOARD at CLOCK MHz
	$(RUN)hearth bitstream $(DESIGN) --board $(BOARD) $(if $(CLOCK),--clock $(CLOCK)) \
	  $(if $(PLACEMENT),--seed $(PLACEMENT)) $(PLACEMENTS)

program: board-tools ## load it into the connected BOARD
	$(RUN)hearth program $(DESIGN) --board $(BOARD)

compare: $(SHOWN) ## a board at PORT, or a virtual one, against the golden model
	$(RUN)hearth compare $(DESIGN) '$(IMAGES)' --port $(PORT)

video: $(SHOWN) ## CLIP at a virtual board's camera; its screen as a clip
	$(RUN)hearth compare $(DESIGN) '$(CLIP)' --port $(PORT) --video camera+screen \
	  --screen-clip $(BUILD)/screen.mp4

pace: $(DESIGN)/design.json ## ten seconds of video there: which frames are left out
	$(RUN)python -m hearth.toolchain.studies.camera_pace $(DESIGN)

update: $(SHOWN) ## other weights for the running board at PORT
	$(RUN)hearth compile $(MODEL) $(OPTIONS) --like $(DESIGN) --range mse -o $(BUILD)/other
	$(RUN)hearth update $(BUILD)/other '$(IMAGES)' --running $(DESIGN) --port $(PORT)

# A process for each core, so one thread of BLAS in each. One takes all tests of a file, or of a class
# of tests, which share what they build, in the order of tests/conftest.py.
test: setup ## every test: kernels, passes, errors, whole networks
	OPENBLAS_NUM_THREADS=1 $(RUN)python -m pytest -n auto --dist loadscope --no-loadscope-reorder

lint: $(DESIGN)/design.json ## ruff, mypy, and Verilator's lint over all RTL
	$(RUN)ruff check .
	$(RUN)ruff format --check .
	$(RUN)mypy
	$(RUN)python -m hearth.sim.lint $(DESIGN)

mutants: setup-xilinx ; $(RUN)python -m tests.mutants
fuzz: setup ; $(RUN)python -m tests.fuzz $(if $(N),--count $(N)) $(if $(SEED),--seed $(SEED))
prove: setup-xilinx ; $(RUN)python -m hearth.sim.formal && $(RUN)python -m tests.mutants proof

clean: ## remove what was built
	rm -rf $(BUILD) .mypy_cache .ruff_cache .pytest_cache
	find hw sim tests toolchain -name __pycache__ -prune -exec rm -rf {} +
