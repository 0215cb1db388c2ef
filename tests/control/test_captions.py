"""A captioner says what a picture shows: a tiny BLIP in the engine, and what is no captioner."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from PIL import Image

from core.addon_spec import AddonKind
from core.needs import Need, needs_of
from core.png import read_parameters
from core.request import Request
from core.stages import Caption, LoadImage
from models.addons import find_addons
from models.captions import facts, load_captioner
from models.catalogue import find_models
from models.engine.api import ImageTask
from models.engine.engine import Engine
from models.tiny.seers import build_tiny_captioner
from tests.control.stock import DISC, PICTURES
from tests.recipes import recipe_of


@pytest.fixture(scope="module")
def captioner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny captioner, below a model directory."""
    folder = tmp_path_factory.mktemp("captions") / "captioner" / "tiny"
    torch.manual_seed(0)
    build_tiny_captioner(folder)
    return folder


def test_the_recipe_keeps_what_is_said(model_dir: Path, captioner: Path) -> None:
    addons = find_addons([captioner.parent.parent])
    assert [addon.spec.name for addon in addons if addon.spec.kind is AddonKind.CAPTIONER] == ["tiny"]
    request = Request(model="tiny", seed=0, stages=(LoadImage(image=DISC), Caption(captioner="tiny")))
    assert Request.from_json(request.to_json()) == request
    assert Need(kind="captioner", name="tiny") in needs_of(request)
    engine = Engine(find_models([model_dir]), device="cpu", addons=addons)
    made = engine.submit(ImageTask(request=request, inputs=PICTURES)).result()
    again = engine.submit(ImageTask(request=request, inputs=PICTURES, replay=made.recipe)).result()
    engine.close()
    said = load_captioner(captioner, torch.device("cpu"))(PICTURES[DISC])
    assert made.recipe.caption == said != ""
    assert made.image.tobytes() == PICTURES[DISC].convert("RGB").tobytes()
    assert again.png() == made.png()
    assert recipe_of(made.png()) == made.recipe
    assert (read_parameters(made.png()) or "").startswith(said)
    with Image.open(io.BytesIO(made.png())) as opened:
        assert opened.size == PICTURES[DISC].size


def test_what_is_no_captioner_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a folder"):
        facts(tmp_path / "blip.safetensors")
    (tmp_path / "config.json").write_text('{"architectures": ["CLIPModel"]}')
    with pytest.raises(ValueError, match="not that of a BLIP captioner"):
        facts(tmp_path)
