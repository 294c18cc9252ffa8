"""Work over many images, whatever it makes of them: inputs, workers, progress."""
