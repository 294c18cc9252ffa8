"""How the file of each image format becomes samples, which `pipeline.reading` puts together."""
