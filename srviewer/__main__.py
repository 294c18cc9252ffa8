"""``python -m srviewer`` is the command ``srviewer``."""

import sys


def main() -> int:
    """Run the command line of this process, and return the exit code."""
    # Not above: each process that helps this one reads its script anew, and parses no flags.
    from srviewer.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
