"""srviewer: the interactive window on a super-resolution training-pair pipeline."""

__version__ = "0.1.0"
