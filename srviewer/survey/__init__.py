"""The survey: what every later decision about a whole image set needs, kept in one file."""
