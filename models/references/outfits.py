"""IP-Adapters live in a UNet's attention processors: a lane's UNet call wears its own, and no other's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from diffusers.models import UNet2DConditionModel
from diffusers.models.attention_processor import Attention

if TYPE_CHECKING:
    from models.references.encode import Shown, Worn
    from models.references.files import IPAdapter


#: (name, hash of the weights) of each.
_Names = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Outfit:
    """What a UNet has on."""

    #: Each attention's processor.
    processors: dict[Attention, Any]
    #: Turns embedded pictures into words; None where there are none.
    projection: Any = None


class Wardrobe:
    """Of one UNet: each outfit is built once, and put on only where the next call wants another."""

    def __init__(self) -> None:
        self._plain: _Outfit | None = None
        #: By names and hashes of the IP-Adapters; each outfit stays while its first IP-Adapter does.
        self._outfits: WeakKeyDictionary[IPAdapter, dict[_Names, _Outfit]] = WeakKeyDictionary()
        #: None where nobody knows.
        self._worn: tuple[Worn, ...] | None = ()

    def dress(self, unet: UNet2DConditionModel, shown: Sequence[Shown]) -> None:
        """Have the UNet wear these IP-Adapters at their scales, and nothing else."""
        wanted = tuple(one.worn for one in shown)
        if wanted == self._worn:
            return
        self._worn = None
        outfit = self.outfit(unet, shown)
        _put_on(unet, outfit)
        for processor in outfit.processors.values():
            if hasattr(processor, "to_k_ip"):
                processor.scale = [worn.scale for worn in wanted]
        self._worn = wanted

    def outfit(self, unet: UNet2DConditionModel, shown: Sequence[Shown]) -> _Outfit:
        """What the UNet is to wear for these IP-Adapters, built if it is not there yet.

        Raises:
            RuntimeError, KeyError: an IP-Adapter does not fit the UNet.
        """
        if self._plain is None:
            self._plain = _take_off(unet)
        if not shown:
            return self._plain
        known = self._outfits.setdefault(shown[0].adapter, {})
        names = tuple((one.worn.name, one.worn.weights_hash) for one in shown)
        if names not in known:
            # Building changes what the UNet has on.
            self._worn = None
            _put_on(unet, self._plain)
            unet._load_ip_adapter_weights([one.adapter.weights for one in shown], low_cpu_mem_usage=False)
            known[names] = _take_off(unet)
        return known[names]


def _take_off(unet: UNet2DConditionModel) -> _Outfit:
    """What the UNet has on. A projection has attention of its own, which is none of the UNet's."""
    projection, unet.encoder_hid_proj = unet.encoder_hid_proj, None
    worn = unet.attn_processors.items()
    processors = {unet.get_submodule(name.removesuffix(".processor")): processor for name, processor in worn}
    return _Outfit(processors=processors, projection=projection)


def _put_on(unet: UNet2DConditionModel, outfit: _Outfit) -> None:
    # One by one: `set_attn_processor` walks the whole network, which takes as long as a small call of it.
    for attention, processor in outfit.processors.items():
        if attention.processor is not processor:
            attention.set_processor(processor)
    unet.encoder_hid_proj = outfit.projection
    unet.config.encoder_hid_dim_type = None if outfit.projection is None else "ip_image_proj"
