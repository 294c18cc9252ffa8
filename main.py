"""``python main.py`` is the command ``srviewer``."""

import sys

from srviewer.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
