"""A Chromium of this machine and a running demo. Chromium missing: skipped on a laptop, failed where `CI` is set."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.browser.browser import SharedBrowser

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MISSING = "No Chromium on this machine: install the package chromium (or Chrome) to run the browser tests."
_DEMO = (sys.executable, "-m", "bot", "demo", "--port", "0")
_ADDRESS = re.compile(r"http://\S+")


@pytest.fixture(scope="session")
def browser() -> Iterator[SharedBrowser]:
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    with SharedBrowser(program) as shared:
        yield shared


@pytest.fixture
def demo() -> Iterator[str]:
    """The address of a `frontdesk demo` of this test's own, stopped as an operator stops it."""
    with subprocess.Popen(_DEMO, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _read_address(process)
        finally:
            process.terminate()


def _read_address(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        if found := _ADDRESS.search(line):
            return found[0]
    raise AssertionError(f"the demo ended with code {process.wait()} before it told its address")
