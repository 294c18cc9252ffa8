# Each target does all its set-up on a machine with Python 3.11 or newer, pip and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

.PHONY: run test coverage check bench soak screenshots sample format hooks clean

# The display decides: without one, the sample's pairs and the window's picture go to out/.
run: $(READY)
	@if $(BIN)/python -m srviewer.gui.display; then \
		$(BIN)/srviewer; \
	else \
		echo "No window can be opened here, so the sample's pairs and a picture of the window go to out/"; \
		$(BIN)/srviewer export assets/sample.png --out out/pairs && \
		$(BIN)/srviewer snapshot assets/sample.png out/window.png && \
		echo "Written: out/pairs and out/window.png"; \
	fi

# What is compiled is kept, whatever the shell says: processes share it.
test: $(READY_DEV)
	PYTHONDONTWRITEBYTECODE= QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest --numprocesses auto --dist loadfile

coverage: $(READY_DEV)
	PYTHONDONTWRITEBYTECODE= QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov

check: $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# With what is compiled kept, as it is where srviewer is installed: else each start compiles it.
bench: $(READY_DEV)
	PYTHONDONTWRITEBYTECODE= QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks

soak: $(READY_DEV)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.soak

screenshots: $(READY)
	$(BIN)/python assets/take_screenshots.py

sample: $(READY)
	$(BIN)/python assets/paint_sample.py
	$(BIN)/python assets/paint_icon.py

format: $(READY_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Has git run what `make check` runs on the files of each commit.
hooks: $(READY_DEV)
	$(BIN)/pre-commit install

clean:
	rm -rf $(VENV) out

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "srviewer needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $(READY)

# What tests and checks need lies in the same environment; running does not ask for it.
$(READY_DEV): $(READY)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(READY_DEV)
