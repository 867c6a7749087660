# Two commands: `make reproduce` and `make test`. The README says what each costs.

PYTHON ?= python3
# Folder or page with a ready mmcv wheel, to save half an hour of compiling.
MMCV_FIND_LINKS ?=
RUN := . .venv/bin/activate &&
MMCV := mmengine==0.10.7 mmcv==2.2.0

.PHONY: reproduce test mmcv verify lint lock

reproduce: .venv/installed
	$(RUN) dvc repro demonstration
	@echo "The page: $(CURDIR)/reports/phantom/index.html"

test: .venv/installed
	$(RUN) OMP_NUM_THREADS=1 pytest --numprocesses 2 --dist worksteal

verify: .venv/installed
	$(RUN) acsbench verify $(if $(CELL),--cell $(CELL))

lint: .venv/installed
	$(RUN) pre-commit run --all-files --show-diff-on-failure

# With a GPU and nvcc, or FORCE_CUDA=1 and nvcc, its CUDA kernels are compiled as well.
mmcv: .venv/installed
	$(RUN) MMCV_WITH_OPS=1 pip install --no-build-isolation --no-deps \
		$(if $(MMCV_FIND_LINKS),--find-links $(MMCV_FIND_LINKS)) $(MMCV)
	$(RUN) python -c "import mmcv.ops, cv2"

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)) and 'Python 3.11 or 3.12 is needed, found ' + sys.version.split()[0] + '. Try make PYTHON=python3.11 ...')"
	$(PYTHON) -m venv .venv
	$(RUN) pip install --quiet uv==0.13.9
	$(RUN) uv pip install --quiet --no-deps --requirement constraints.txt \
		|| pip install --no-deps --requirement constraints.txt  # pip's own settings may know an index that uv does not
	$(RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Pin every package anew, for all supported Pythons.
lock:
	$(RUN) pip install --quiet uv && uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--no-emit-index-url --no-header --no-annotate --upgrade --output-file constraints.txt
