# Two commands: `make reproduce` and `make test`. The README says what each costs.

PYTHON ?= python3
# Where the environment lies: one for each Python, to try both.
VENV ?= .venv
# Folder or page with a ready mmcv wheel, to save half an hour of compiling.
MMCV_FIND_LINKS ?=
RUN := . $(VENV)/bin/activate &&
MMCV := mmengine==0.10.7 mmcv==2.2.0
# The compiler for torch 2.11.0's CUDA; the other headers come with torch.
NVCC := nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-cccl==13.0.85
CUDA ?=

.PHONY: reproduce test test-all mmcv verify lint lock release

reproduce: .git $(VENV)/installed
	$(RUN) dvc repro demonstration
	@echo "The page: $(CURDIR)/reports/phantom/index.html"

test: $(VENV)/installed
	$(RUN) OMP_NUM_THREADS=1 pytest --numprocesses 2 --dist worksteal

# The same tests under every supported Python that is here, each in an environment of its own.
test-all:
	@for version in 3.11 3.12; do \
		if python$$version --version > /dev/null 2>&1; then \
			$(MAKE) test PYTHON=python$$version VENV=.venv-$$version || exit 1; \
		else echo "python$$version is not here: not tested"; fi; \
	done

# DVC needs a repository; a ZIP of the files is none.
.git:
	@echo "error: this folder is no git repository, which DVC needs: clone it, or run \`git init\` here, then the same again."; exit 1

verify: $(VENV)/installed
	$(RUN) acsbench verify $(if $(CELL),--cell $(CELL))

release: $(VENV)/installed
	$(RUN) acsbench release build

lint: $(VENV)/installed
	$(RUN) pre-commit run --all-files --show-diff-on-failure

# CUDA=1 compiles its CUDA kernels as well, without a GPU, into a wheel in wheels/ that `acsbench bundle --wheel` takes. Its
# sources and objects lie in .cuda/: what was stopped goes on. torch brings CUDA's runtime under a name that no linker looks for.
# Without its symbols (LDFLAGS) the library has a third of its size: a bundle has a limit.
mmcv: SHELL := /bin/bash
mmcv: .SHELLFLAGS := -o pipefail -c
mmcv: $(VENV)/installed
ifeq ($(CUDA),1)
	$(RUN) pip install --quiet --no-deps --target .cuda $(NVCC)
	test -d .cuda/mmcv-2.2.0 || { $(RUN) pip download --quiet --no-deps --no-build-isolation --no-cache-dir \
		--no-binary mmcv --dest .cuda mmcv==2.2.0 && tar --extract --file .cuda/mmcv-2.2.0.tar.gz --directory .cuda; }
	$(RUN) torch=$$(python -c "import torch, pathlib; print(pathlib.Path(torch.__file__).parent.parent)")/nvidia/cu13 && \
		mkdir -p .cuda/lib && ln -sf $$torch/lib/libcudart.so.13 .cuda/lib/libcudart.so && \
		export CUDA_HOME=$(CURDIR)/.cuda/nvidia/cu13 && \
		export CPATH=$$CUDA_HOME/include:$$CUDA_HOME/include/cccl:$$torch/include && \
		export LIBRARY_PATH=$(CURDIR)/.cuda/lib:$$torch/lib && cd .cuda/mmcv-2.2.0 && \
		FORCE_CUDA=1 MMCV_WITH_OPS=1 LDFLAGS=-s TORCH_CUDA_ARCH_LIST='8.0;9.0' PATH=$$CUDA_HOME/bin:$$PATH \
		python setup.py bdist_wheel --dist-dir $(CURDIR)/wheels 2>&1 | tee ../build.log | \
		{ grep --only-matching '^\[[0-9/]*\]' || true; } \
		|| { tail -20 ../build.log; exit 1; }
	$(RUN) acsbench mmcv-wheel wheels/mmcv-2.2.0-*.whl
else
	$(RUN) MMCV_WITH_OPS=1 pip install --no-build-isolation --no-deps \
		$(if $(MMCV_FIND_LINKS),--find-links $(MMCV_FIND_LINKS)) $(MMCV)
	$(RUN) python -c "import mmcv.ops, cv2"
endif

# Modules are compiled here, once: where Python may not write beside them, each process would do it again (16 s).
$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)) and 'Python 3.11 or 3.12 is needed, found ' + sys.version.split()[0] + '. Try make PYTHON=python3.11 ...')"
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet uv==0.13.9
	$(RUN) uv pip install --quiet --compile-bytecode --no-deps --requirement constraints.txt \
		|| pip install --no-deps --requirement constraints.txt  # pip's own settings may know an index that uv does not
	$(RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Pin every package anew, for all supported Pythons.
lock:
	$(RUN) pip install --quiet uv && uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--no-emit-index-url --no-header --no-annotate --upgrade --output-file constraints.txt
