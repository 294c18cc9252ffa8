# make run and make test do all the set-up on a machine with Python 3.11 or newer, pip and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test check bench soak screenshots sample format clean

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

test: $(READY)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks

soak: $(READY)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.soak

screenshots: $(READY)
	$(BIN)/python assets/take_screenshots.py

sample: $(READY)
	$(BIN)/python assets/paint_sample.py
	$(BIN)/python assets/paint_icon.py

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) out

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "srviewer needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(READY)
