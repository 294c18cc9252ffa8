"""Containers: formats that hold all pairs of a data set, one module each."""
