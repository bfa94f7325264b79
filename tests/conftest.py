"""What every test shares: how hypothesis and warnings are set up, and one colourful picture."""

import os

# Before torch is imported: at toy sizes threads wait for each other longer than they work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

pytest_plugins = ["toys"]

# Looked through for doctests, the conftest.py of two folders would be two modules of one name.
collect_ignore_glob = ["*conftest.py"]

# No time limit on one example: a busy machine is not a bug. No database: tests leave no files.
settings.register_profile("iae", deadline=None, database=None, derandomize=True)
settings.load_profile("iae")


def pytest_configure(config: pytest.Config) -> None:
    # pytest takes away the filter that iae.images.decode sets when it is imported.
    config.addinivalue_line("filterwarnings", r"ignore:::PIL\.")


@pytest.fixture(scope="session")
def picture() -> Image.Image:
    """96×64 RGB: smooth gradients that differ in both directions, without any symmetry."""
    y, x = np.mgrid[0:64, 0:96]
    red, green, blue = x * 255 / 95, y * 255 / 63, (x + 2 * y) * 255 / 221
    return Image.fromarray(np.stack([red, green, blue], axis=2).round().astype(np.uint8))
