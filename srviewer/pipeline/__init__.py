"""From an image and a recipe to verified pairs: pure functions over numpy, OpenCV and Pillow."""
