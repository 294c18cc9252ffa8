"""A module that is never loaded to its end."""

import time

while True:
    time.sleep(60)
