"""The forms of the *Advanced* panel: which of a command's options each asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.modals import Field
from core.model_spec import ModelSpec
from core.options.drawing import DrawOptions
from core.stages import MAX_GUIDANCE_SCALE, MAX_SEED


@dataclass(frozen=True, kw_only=True)
class PanelForm:
    """A button of the panel and the lines of the form that it opens."""

    title: str
    emoji: str
    #: Name of the option, and what its line says; `{spec}` is the model.
    labels: Mapping[str, str]
    #: The option without which none of these means anything.
    part_of: str | None = None

    def fields(self, options: DrawOptions, spec: ModelSpec) -> list[Field]:
        """Lines for those of the options that the command has, filled with what was chosen so far."""
        if self.part_of is not None and not getattr(options, self.part_of, None):
            return []
        return [
            Field(
                name=name,
                label=label.format(spec=spec),
                value=getattr(options, name),
                max_length=_LENGTHS.get(name, 12),
            )
            for name, label in self.labels.items()
            if hasattr(options, name)
        ]


#: Characters of the longer lines.
_LENGTHS = {"negative": 4000, "vae": 100, "refiner": 100}

#: A form shows where the command has one of its options.
FORMS = (
    PanelForm(
        title="Steps and guidance",
        emoji="🔢",
        labels={
            "steps": "Steps (1 to {spec.max_steps})",
            "guidance": f"Guidance (1 to {MAX_GUIDANCE_SCALE:g})",
            "strength": "Strength (0 keeps the picture, 1 redraws it)",
            "likeness": "Likeness of the pictures (0 to 2)",
        },
    ),
    PanelForm(
        title="Seed, count, size",
        emoji="🌱",
        labels={
            "seed": f"Seed (0 to {MAX_SEED}; empty: random)",
            "count": "How many pictures",
            "size": "Size in pixels, like 512x768",
            "negative": "Leave out",
        },
    ),
    PanelForm(
        title="Finer",
        emoji="🎚️",
        labels={
            "eta": "Eta (0 to 1; DDIM and TCD)",
            "noise_scale": "Noise between steps (0.5 to 1.5)",
            "vae": "VAE (a name; empty: the model's own)",
            "refiner": "Refiner (a model's name; empty: none)",
            "refiner_from": "Refiner from (a share of the steps, 0 to 1)",
        },
    ),
    PanelForm(
        title="Hires fix",
        emoji="🔎",
        labels={
            "hires": "Enlarge by (1 to 4; empty: off)",
            "hires_strength": "How much is drawn anew (0 to 1)",
        },
    ),
    PanelForm(
        title="Control",
        emoji="🧭",
        part_of="guides",
        labels={
            "scale": "How strongly the first counts (0 to 2)",
            "other_scale": "How strongly the others count (0 to 2)",
            "start": "From which share of the steps (0 to 1)",
            "end": "To which share of the steps (0 to 1)",
        },
    ),
)
