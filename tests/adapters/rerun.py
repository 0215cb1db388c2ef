"""A process of its own that makes each PNG of a folder again from its recipe.

python -m tests.adapters.rerun <model directory> <folder with PNGs>
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from models.addons import find_addons
from models.catalogue import find_models
from models.engine.api import ImageTask
from models.engine.engine import Engine
from tests.recipes import recipe_of


def main(model_dir: Path, pictures: Path) -> None:
    torch.set_num_threads(1)
    engine = Engine(find_models([model_dir]), device="cpu", addons=find_addons([model_dir]))
    for file in sorted(pictures.glob("*.png")):
        recipe = recipe_of(file.read_bytes())
        task = ImageTask(request=recipe.request, index=recipe.image_index, replay=recipe)
        file.with_suffix(".again.png").write_bytes(engine.submit(task).result().png())
    engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
