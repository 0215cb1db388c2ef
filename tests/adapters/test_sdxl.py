"""A LoRA of SDXL as kohya's scripts write it: Stability's names, and both text encoders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from core.addon_spec import AddonKind
from core.request import Adapter
from models.addons import find_addons
from models.engine.engine import Engine
from models.tiny.adapters import LINEAR
from tests.adapters.orders import draw
from tests.engine.stock import are_equal
from tests.engine.tiny_families import local_model, request, saved, stock_picture
from tests.files import original


def _layers(stock: Any) -> Iterator[tuple[str, nn.Linear]]:
    state = original.place_upsamplers(original.unet_state(stock.unet))
    names = {tensor.data_ptr(): name.removeprefix("model.diffusion_model.") for name, tensor in state.items()}
    encoders = {"te1": stock.text_encoder, "te2": stock.text_encoder_2}
    for part, network in {"unet": stock.unet, **encoders}.items():
        for path, layer in network.named_modules():
            if path.endswith(LINEAR) and isinstance(layer, nn.Linear):
                known = names.get(layer.weight.data_ptr(), "").removesuffix(".weight")
                name = known or f"text_model.{path.removeprefix('text_model.')}"
                yield f"lora_{part}_{name.replace('.', '_')}", layer


def test_equal_to_stock(tmp_path: Path) -> None:
    stock = saved("sdxl", tmp_path / "xl")
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for name, layer in _layers(stock):
        for what, shape in (("down", (4, layer.in_features)), ("up", (layer.out_features, 4))):
            tensors[f"{name}.lora_{what}.weight"] = torch.randn(shape, generator=generator) * 0.2
        tensors[f"{name}.alpha"] = torch.tensor(2.0)
    file = tmp_path / "lora" / "ink.safetensors"
    file.parent.mkdir()
    save_file(tensors, file)
    (lora,) = (addon for addon in find_addons([tmp_path]) if addon.spec.kind is AddonKind.LORA)
    assert lora.spec.architecture == "sdxl"
    order = replace(request("xl"), adapters=(Adapter(name="ink", weight=0.7),))
    engine = Engine([local_model(tmp_path)], device="cpu", addons=[lora])
    try:
        with_ink, plain = draw(engine, order, replace(order, adapters=()))
    finally:
        engine.close()
    assert are_equal(plain.image, stock_picture(stock))
    stock.load_lora_weights(str(file), adapter_name="ink")
    stock.set_adapters(["ink"], [0.7])
    assert are_equal(with_ink.image, stock_picture(stock))
    assert not are_equal(with_ink.image, plain.image)
