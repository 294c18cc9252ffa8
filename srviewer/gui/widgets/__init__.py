"""Small widgets that views and panels share; they know neither."""
