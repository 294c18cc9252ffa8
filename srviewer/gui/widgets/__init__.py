"""Small widgets and helpers that views and panels share."""
