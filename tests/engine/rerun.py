"""A worker of its own: reads PNGs, makes each again from its recipe, prints the SHA-256 of each new file.

    python -m tests.engine.rerun <model directory> <folder with PNGs>

The images come in the order of their files' names, all at once, each with a stranger beside it.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import torch

from models.catalogue import find_models
from models.engine.api import ImageTask
from models.engine.engine import Engine
from tests.engine.stock import mixed_requests
from tests.recipes import recipe_of


def main(model_dir: Path, pictures: Path) -> None:
    torch.set_num_threads(1)
    engine = Engine(find_models([model_dir]), device="cpu")
    files = sorted(pictures.glob("*.png"))
    again = {}
    for file, stranger in zip(files, mixed_requests(len(files), seed=99), strict=True):
        recipe = recipe_of(file.read_bytes())
        again[file] = engine.submit(
            ImageTask(request=recipe.request, index=recipe.image_index, replay=recipe)
        )
        engine.submit(ImageTask(request=stranger))
    for file, image in again.items():
        print(file.name, hashlib.sha256(image.result().png()).hexdigest())
    engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
