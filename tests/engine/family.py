"""Each family of models, tiny: in an engine, and as the parts of every stock pipeline for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from PIL import Image

from core.request import Request
from core.samplers import SAMPLERS
from core.stages import EncodeImage
from models.addons import find_addons
from models.catalogue import find_models
from models.engine.engine import Engine
from tests.engine import tiny_families as tiny
from tests.engine.stock import MASK, SOURCE, given
from tests.files import families

SEED = 5
SIDE = tiny.SIDE
#: The model of nine channels beside each family's own.
NINE = "nine"

Make = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Family:
    """A tiny model and one with nine channels in the engine, and their parts as diffusers holds them."""

    name: str
    engine: Engine
    folder: Path
    parts: dict[str, Any]
    parts_9: dict[str, Any]

    @property
    def is_large(self) -> bool:
        return "text_encoder_2" in self.parts

    @contextmanager
    def stock(
        self,
        kind: str,
        *,
        sampler: str,
        channels: int = 4,
        ip_adapters: Mapping[Path, float] = MappingProxyType({}),
        lora: Path | None = None,
        **extra: Any,
    ) -> Iterator[Make]:
        """What a stock pipeline makes of a seed and of the options of its call.

        Args:
            kind: as in its name: "", "Img2Img", "Inpaint", "ControlNet", "ControlNetImg2Img" or so.
            ip_adapters: scales of IP-Adapters by their folders.
            lora: a file that is laid over the UNet.
            extra: further parts, or others than the family's.
        """
        import diffusers

        made: Any = getattr(diffusers, f"StableDiffusion{'XL' if self.is_large else ''}{kind}Pipeline")
        parts = (self.parts if channels == 4 else self.parts_9) | extra
        wanted = set(made.__init__.__annotations__) | {"vae", "unet"}
        words = {} if self.is_large else {"requires_safety_checker": False}
        if self.name == "sdxl-refiner":
            words["requires_aesthetics_score"] = True
        pipe = made(**{name: part for name, part in parts.items() if name in wanted}, **words)
        row = SAMPLERS[sampler]
        pipe.scheduler = getattr(diffusers, row.scheduler).from_config(pipe.scheduler.config, **row.config)
        pipe.set_progress_bar_config(disable=True)
        if ip_adapters:
            _wear(pipe, ip_adapters)
        if lora:
            pipe.load_lora_weights(str(lora))
        yield lambda seed, **options: self._call(pipe, seed, options)
        # Its parts are those of other tests too.
        if ip_adapters:
            pipe.unload_ip_adapter()
        if lora:
            pipe.unload_lora_weights()

    def _call(self, pipe: Any, seed: int, options: dict[str, Any]) -> Any:
        generator = options.pop("generator", None) or torch.Generator().manual_seed(seed)
        side = options.pop("side", SIDE)
        sizes = {"original_size": (side, side), "target_size": (side, side)} if self.is_large else {}
        return pipe(
            tiny.PROMPT, **{"negative_prompt": tiny.NEGATIVE, **sizes, "generator": generator, **options}
        ).images[0]


def _wear(pipe: Any, adapters: Mapping[Path, float]) -> None:
    pipe.load_ip_adapter(
        [str(folder) for folder in adapters],
        subfolder="",
        weight_name=["ip-adapter_tiny.safetensors"] * len(adapters),
        local_files_only=True,
    )
    pipe.set_ip_adapter_scale(list(adapters.values()))


@contextmanager
def built(name: str, folder: Path, addons: Callable[[Path], object] = lambda _base: None) -> Iterator[Family]:
    """A family's models in this folder, and an engine on them that is closed in the end.

    Args:
        addons: writes add-ons beside the model that it is given.
    """
    made = tiny.pipeline(name, words=tiny.BYTES_WORDS)
    made.save_pretrained(folder / name, safe_serialization=True)
    # As read from the folder: a config in memory remembers which of its values nobody chose.
    parts = dict(type(made).from_pretrained(folder / name, local_files_only=True).components)
    torch.manual_seed(4)
    parts_9 = {**parts, "unet": families.unet(name, 9)}
    screenless = {"requires_safety_checker": False} if name in ("sd1", "sd2") else {"add_watermarker": False}
    type(made)(**parts_9, **screenless).save_pretrained(folder / NINE, safe_serialization=True)
    addons(folder / name)
    engine = Engine(find_models([folder]), device="cpu", addons=find_addons([folder]))
    try:
        yield Family(name=name, engine=engine, folder=folder, parts=parts, parts_9=parts_9)
    finally:
        engine.close()


def ordered(model: str, *, pictured: bool = False, sampler: str = "DDIM", **denoise: Any) -> Request:
    """A request for a tiny model, from a picture where it is `pictured`."""
    plain = tiny.request(model, seed=SEED, **denoise)
    text, stage, decode = plain.stages
    source = (EncodeImage(image=SOURCE, width=SIDE, height=SIDE),) if pictured else ()
    return replace(plain, stages=(text, *source, replace(stage, sampler=sampler), decode))


def settings(*, steps: int = 4, guidance: float = 5.0) -> dict[str, Any]:
    """What a pipeline is told of steps and guidance: as `ordered` where nothing else is said."""
    return {"num_inference_steps": steps, "guidance_scale": guidance}


def pictures() -> dict[str, Image.Image]:
    """What a pictured request is given, by the names SOURCE and MASK."""
    return given(SIDE, SIDE)


def inpainting(strength: float) -> dict[str, Any]:
    """What a stock pipeline that inpaints is told of picture and mask."""
    known = pictures()
    sides = {"width": SIDE, "height": SIDE}
    return {"image": known[SOURCE], "mask_image": known[MASK], "strength": strength, **sides}
