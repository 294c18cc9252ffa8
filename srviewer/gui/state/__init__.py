"""All that the window knows and that changes: images, recipe, selection, layers, data set."""
