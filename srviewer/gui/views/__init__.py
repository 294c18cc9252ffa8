"""What the window shows: pictures, lines, charts."""
