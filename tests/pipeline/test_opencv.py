from __future__ import annotations

import subprocess
import sys

from tests.conftest import REPOSITORY


def test_opencvs_own_qt_leaves_nothing_in_the_environment(environment):
    code = (
        "import os, srviewer.pipeline.opencv, cv2\n"
        "print(sorted(key for key in os.environ if key.startswith('QT_QPA_')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "['QT_QPA_PLATFORM']"
