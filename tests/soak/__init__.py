"""Long runs that look for errors, leaked threads and growing memory: ``make soak``."""
