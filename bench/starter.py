"""The starter model's gates: does a picture show what its prompt says, and do the companions do their part?

``python -m bench.starter [--only PART...] [--prompts N] [--weights FOLDER] [--finished] [--confusion]
[--json]``. Fixed seeds, DDIM, 20 steps, guidance 4, at least 200 prompts a group; a picture counts when the
checker finds every attribute right. The parts are `base` and the
companions (`PARTS`).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from PIL import Image

from bench import starter_companions as companions
from bench.figures import Figure, report
from models.starter.checker import Seen, check, judge, placed, see
from models.starter.grammar import GROUPS, random_prompt, scene_for
from models.starter.pipeline import WEIGHTS, draw_prompts, load
from models.starter.renderer import draw
from models.starter.scenes import STYLES, Scene, one_thing

GOALS: dict[str, tuple[float, float]] = {
    "background": (0.98, 0.99),
    "one object, flat": (0.92, 0.97),
    "one object, all styles": (0.80, 0.93),
    "held-out pairs": (0.82, 0.92),
    "held-out phrasings": (0.80, 0.92),
    "counts": (0.45, 0.85),
    "relations, placement": (0.65, 0.92),
    "relations": (0.25, 0.80),
    "style recognisable": (0.80, 0.93),
    "20 steps at 128 px, one CPU thread": (1.0, 0.5),
    "autoencoder, scenes": (30, 33),
    "autoencoder, worst style": (26, 29),
    "checker on true renders": (0.97, 0.97),
    "checker through the autoencoder": (0.94, 0.94),
    "ControlNet, edges with it": (0.35, 0.45),
    "ControlNet, edges without it": (0.12, 0.12),
    "upscaler over bicubic": (2, 4),
    "LoRA, with it": (0.7, 0.8),
    "LoRA, without it": (0.05, 0.05),
    "LoRA, prompts that do not ask for it": (0.8, 0.9),
    "textual inversion, with it": (0.7, 0.8),
    "textual inversion, without it": (0.05, 0.05),
    "IP-Adapter, reference followed": (0.6, 0.8),
}
"""Goal of the first version that may ship, and of the finished one; what has no goal is told all the same."""
_LOWER = ("20 steps", "without it")
_UNITS = {"20 steps": "s", "autoencoder,": "dB", "bicubic": "dB"}


@dataclass(frozen=True)
class Try:
    """One picture of a prompt: what it should show and what it does show."""

    scene: Scene
    seen: Seen

    @property
    def right(self) -> bool:
        return judge(self.seen, self.scene).ok


def tries(pipe: StableDiffusionPipeline, group: str, count: int, seed: int = 1) -> list[Try]:
    """Pictures of `count` random prompts of a group."""
    rng = Random(f"{seed} {group}")
    said = [random_prompt(rng, group) for _ in range(count)]
    images = draw_prompts(pipe, [prompt for prompt, _ in said], seed * 1_000_000)
    return [Try(scene, see(image)) for (_, scene), image in zip(said, images, strict=True)]


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def meaning(groups: dict[str, list[Try]]) -> dict[str, float]:
    """The share of right pictures in each group, and of right parts where a gate asks for a part."""
    values = {group: _share([t.right for t in found]) for group, found in groups.items()}
    lone = groups["one object, all styles"]
    everything = [t for found in groups.values() for t in found]
    return values | {
        "background": _share([t.seen.background == t.scene.background for t in everything]),
        "style recognisable": _share(
            [[s.thing.style for s in t.seen.sights] == [t.scene.things[0].style] for t in lone]
        ),
        "relations, placement": _share([placed(t.seen, t.scene) for t in groups["relations"]]),
    }


@torch.no_grad()
def through(vae: AutoencoderKL, scenes: list[Scene]) -> tuple[list[float], list[bool]]:
    """Drawn scenes through the autoencoder: the PSNR of each, dB, and whether the checker reads it right."""
    noise, right = [], []
    for scene in scenes:
        true = np.asarray(draw(scene), np.float32)
        sheet = torch.from_numpy(true).permute(2, 0, 1)[None] / 127.5 - 1
        latents = vae.encode(sheet).latent_dist.mean
        again = ((vae.decode(latents).sample[0].clamp(-1, 1) + 1) * 127.5).permute(1, 2, 0).numpy().round()
        noise.append(10 * np.log10(255**2 / max(1e-9, float(((again - true) ** 2).mean()))))
        right.append(check(Image.fromarray(again.astype(np.uint8)), scene).ok)
    return noise, right


def fidelity(vae: AutoencoderKL, count: int) -> dict[str, float]:
    """The autoencoder's figures and the checker's ceilings, on `count` scenes of each kind."""
    scenes = {
        group: [scene_for(Random(f"truth {group} {i}"), group) for i in range(count)] for group in GROUPS
    }
    every = [scene for found in scenes.values() for scene in found]
    noise, right = through(vae, every)
    styles = [
        np.mean(through(vae, [one_thing(Random(i), style) for i in range(count)])[0]) for style in STYLES
    ]
    return {
        "autoencoder, scenes": float(np.mean(noise)),
        "autoencoder, worst style": float(min(styles)),
        "checker on true renders": _share([check(draw(scene), scene).ok for scene in every]),
        "checker through the autoencoder": _share(right),
    }


def seconds(pipe: StableDiffusionPipeline, times: int = 5) -> float:
    """The median time of one picture on one thread, from prompt to pixels."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    spent = []
    for i in range(times + 1):  # the first one warms up
        start = time.perf_counter()
        next(draw_prompts(pipe, ["a red circle on a blue background"], i, 1))
        spent.append(time.perf_counter() - start)
    torch.set_num_threads(threads)
    return float(np.median(spent[1:]))


def confusion(found: list[Try]) -> str:
    """For lone things: how often a said word was seen as another one, and how often nothing was seen."""
    lines = []
    for trait in ("shape", "colour", "style"):
        pairs = Counter(
            (
                getattr(t.scene.things[0], trait),
                getattr(t.seen.sights[0].thing, trait) if t.seen.sights else "nothing",
            )
            for t in found
        )
        said = Counter(word for word, _ in pairs.elements())
        lines.append(f"{trait}:")
        for word, total in sorted(said.items()):
            others = [
                f"{shown} {n}" for (w, shown), n in sorted(pairs.items()) if w == word and shown != word
            ]
            lines.append(f"  {word:10} {pairs[word, word]:4}/{total:<4} {', '.join(others)}")
    return "\n".join(lines)


def _figure(name: str, value: float, finished: bool) -> Figure:
    goals = GOALS.get(name)
    return Figure(
        name=name,
        value=round(value, 4),
        unit=next((unit for part, unit in _UNITS.items() if part in name), ""),
        goal=goals[finished] if goals else None,
        better="lower" if any(part in name for part in _LOWER) else "higher",
    )


def base(pipe: StableDiffusionPipeline, count: int, confused: bool = False) -> dict[str, float]:
    """The base model's figures; prints what lone things are taken for if asked to."""
    groups = {group: tries(pipe, group, count) for group in GROUPS}
    if confused:
        print(confusion(groups["one object, all styles"]))
    values = meaning(groups) | fidelity(pipe.vae, max(10, count // 4))
    return values | {"20 steps at 128 px, one CPU thread": seconds(pipe)}


PARTS: dict[str, Callable[[StableDiffusionPipeline, Path, int], dict[str, float]]] = {
    "controlnet": companions.control,
    "upscaler": companions.upscaling,
    "lora": companions.new_style,
    "embedding": companions.new_colour,
    "ip-adapter": companions.following,
}
"""The companions' figures, by what goes behind ``--only``."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.starter", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=("base", *PARTS), default=("base", *PARTS))
    parser.add_argument("--prompts", type=int, default=200, help="prompts a group")
    parser.add_argument(
        "--weights", type=Path, default=WEIGHTS.parent, help="the folder with sd and the others"
    )
    parser.add_argument("--finished", action="store_true", help="hold to the finished model's goals")
    parser.add_argument("--confusion", action="store_true", help="also print what lone things are taken for")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    pipe = load(args.weights / WEIGHTS.name)
    values: dict[str, float] = {}
    if "base" in args.only:
        values |= base(pipe, args.prompts, args.confusion and not args.json)
    for name in [part for part in PARTS if part in args.only]:
        values |= PARTS[name](pipe, args.weights, args.prompts)
    figures = [
        _figure(name, values[name], args.finished)
        for name in [*GOALS, *(values.keys() - GOALS.keys())]
        if name in values
    ]
    return report(figures, as_json=args.json)


if __name__ == "__main__":
    raise SystemExit(main())
