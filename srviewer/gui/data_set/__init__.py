"""The data set view: a whole image set under the recipe, tuned before anything is exported."""
