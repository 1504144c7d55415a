"""A Chromium of this machine. Missing: skipped on a laptop, failed where `CI` is set."""

import os
import shutil

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MISSING = "No Chromium on this machine: install the package chromium (or Chrome) to run the browser tests."


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the program."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is not None:
        return found
    if os.environ.get("CI"):
        pytest.fail(_MISSING)
    pytest.skip(_MISSING)
