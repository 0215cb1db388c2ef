"""One studio with its real worker and the starter model, for all tests of ways to make a picture."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image

from core.settings import STARTER_MODEL_DIR
from launch.trial import Trial, running_trial
from models.tiny.addons import build_tiny_controlnet
from models.tiny.seers import build_tiny_clipseg, build_tiny_sam
from sandbox.seen import SeenMessage
from tests.e2e.families import FAMILIES, save_tiny_family, save_tiny_file
from tests.e2e.hands import SCENE, make, shows
from tests.e2e.kin import KIN, save_kin, save_swapped_vae


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def trial(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trial]:
    """One studio for all tests here, with tiny add-ons of random weights."""
    data_dir = tmp_path_factory.mktemp("studio")
    base = STARTER_MODEL_DIR / "sd"
    build_tiny_controlnet(data_dir / "models" / "controlnet" / "canny", base, strength=0.02)
    build_tiny_clipseg(data_dir / "models" / "masker" / "clipseg")
    build_tiny_sam(data_dir / "models" / "masker" / "sam")
    save_swapped_vae(data_dir / "models" / "vae" / "swapped")
    for kind in KIN:
        save_kin(kind, data_dir / "models" / "lycoris" / f"quartered-{kind}.safetensors")
    for family in FAMILIES:
        save_tiny_family(family, data_dir / "models" / family)
    save_tiny_file(data_dir / "models")
    async with running_trial(data_dir) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def drawn(trial: Trial) -> tuple[SeenMessage, Image.Image]:
    """A picture that shows SCENE, and its message; the starter model needs a seed or two."""
    for seed in range(1, 6):
        message, image = await make(trial, "imagine", prompt=SCENE, seed=seed)
        if shows(image, SCENE):
            return message, image
    pytest.fail("the starter model draws no such scene")
