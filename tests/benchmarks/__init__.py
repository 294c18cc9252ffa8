"""What srviewer costs, as ratios and frame times measured in one run: ``make bench``.

These are measurements to read, never tests: nothing here fails for being slow.
"""
