"""A contact sheet of the companions: ``python -m bench.starter_sheet [--out FILE]``. Nothing in it is picked.

Rows: lines, and what is drawn along them from colours alone; a picture cut out, enlarged by bicubic
interpolation and by the upscaler; the LoRA's style; the textual inversion's colour.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from random import Random

import cv2
import numpy as np
from diffusers import StableDiffusionPipeline
from PIL import Image

from bench import starter_companions as companions
from models.starter.pipeline import WEIGHTS, draw_prompts, load
from models.starter.renderer import draw
from models.starter.scenes import SIDE, Scene, one_thing
from models.upscalers.rrdb import load_rrdb

COLUMNS = 8
_GAP = 4


def _said(pipe: StableDiffusionPipeline, say: Callable[[Random], tuple[str, Scene]]) -> list[Image.Image]:
    return list(draw_prompts(pipe, [say(Random(f"sheet {i}"))[0] for i in range(COLUMNS)], 7))


def _enlargements(weights: Path) -> tuple[list[Image.Image], list[Image.Image]]:
    """The middle of small pictures at twice the size: bicubic, and by the upscaler."""
    net = load_rrdb(weights / "upscaler" / "starter-2x.safetensors")
    rows: tuple[list[Image.Image], list[Image.Image]] = ([], [])
    for i in range(COLUMNS):
        large = np.asarray(draw(one_thing(Random(f"sheet {i}"))))
        small = cv2.resize(large, (SIDE // 2,) * 2, interpolation=cv2.INTER_AREA)
        rows[0].append(Image.fromarray(cv2.resize(small, (SIDE,) * 2, interpolation=cv2.INTER_CUBIC)))
        rows[1].append(Image.fromarray(companions.enlarged(net, small)))
    return rows


def rows_of(pipe: StableDiffusionPipeline, weights: Path) -> list[list[Image.Image]]:
    """The sheet's rows of 128 px pictures."""
    controlled = companions.with_controlnet(pipe, weights)
    tries = list(companions.control_tries(controlled, COLUMNS, 1.0))
    rows = [[Image.fromarray(lines) for _, lines, _ in tries], [image for _, _, image in tries]]
    rows += _enlargements(weights)
    with companions.with_lora(pipe, weights):
        rows.append(_said(pipe, companions.quartered))
    with companions.with_embedding(pipe, weights):
        rows.append(_said(pipe, companions.lime))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.starter_sheet", description=__doc__)
    parser.add_argument(
        "--weights", type=Path, default=WEIGHTS.parent, help="the folder with sd and the others"
    )
    parser.add_argument("--out", type=Path, default=Path("companions.png"))
    args = parser.parse_args()
    rows = rows_of(load(args.weights / WEIGHTS.name), args.weights)
    step = SIDE + _GAP
    sheet = Image.new("RGB", (COLUMNS * step + _GAP, len(rows) * step + _GAP), "white")
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            sheet.paste(image, (x * step + _GAP, y * step + _GAP))
    sheet.save(args.out, optimize=True)
    print(args.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
