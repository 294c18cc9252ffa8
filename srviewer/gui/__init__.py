"""The window: it shows and asks, and computes nothing that the command line could want too."""
