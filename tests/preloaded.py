"""What a process has imported that `multiprocessing` forks the workers of tests from."""

from tests import photos  # noqa: F401
from tests.fork_server import import_all

import_all()
