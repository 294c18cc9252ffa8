"""``python -m srviewer`` is the command ``srviewer``."""

import sys

from srviewer.cli import main

if __name__ == "__main__":
    sys.exit(main())
