"""Damaged files and random recipes: a sample runs with the tests, much more in ``make soak``."""
