"""``python -m srviewer`` is the command ``srviewer``."""

import signal
import sys


def main() -> int:
    """Run the command line of this process, and return the exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # As this program begins and ends there is nothing to stop, and no stack to show.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Not above: each process that helps this one reads its script anew, and parses no flags.
    from srviewer.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
