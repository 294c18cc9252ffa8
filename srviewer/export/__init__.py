"""From many images to a data set on disk, for the command line and the window alike."""
