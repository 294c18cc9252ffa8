"""Where the window is asked: recipe, images, export."""
