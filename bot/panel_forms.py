"""The forms of the *Advanced* panel: which of a command's options each asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.modals import Field
from core.model_spec import ModelSpec
from core.options.control import ControlOptions, Guide
from core.options.drawing import DrawOptions
from core.stages import MAX_GUIDANCE_SCALE, MAX_SEED
from core.words import N_, _


@dataclass(frozen=True)
class Line:
    #: What it asks for; numbers in braces are filled in.
    label: str
    #: Characters.
    max_length: int = 12


@dataclass(frozen=True, kw_only=True)
class PanelForm:
    """A button of the panel and the lines of the form that it opens."""

    title: str
    emoji: str
    #: By name of the option.
    lines: Mapping[str, Line]
    #: The option without which none of these means anything.
    part_of: str | None = None

    @property
    def label(self) -> str:
        return _(self.title)

    def fields(self, options: DrawOptions, spec: ModelSpec) -> list[Field]:
        """Lines for those of the options that the command has, filled with what was chosen so far."""
        if self.part_of is not None and not getattr(options, self.part_of, None):
            return []
        return [
            Field(
                name=name,
                label=_(line.label, steps=spec.max_steps, guidance=f"{MAX_GUIDANCE_SCALE:g}", seed=MAX_SEED),
                value=getattr(options, name),
                max_length=line.max_length,
            )
            for name, line in self.lines.items()
            if hasattr(options, name)
        ]

    def changes(self, options: DrawOptions, values: Mapping[str, str | None]) -> dict[str, object]:  # noqa: ARG002
        """What the sent lines change of the options."""
        return dict(values)


@dataclass(frozen=True, kw_only=True)
class GuideForm(PanelForm):
    """The same for one of the pictures to follow."""

    title: str = N_("Control {number}")
    emoji: str = "🧭"
    lines: Mapping[str, Line] = field(default_factory=lambda: _GUIDE_LINES)
    #: Which of them, 0-based.
    place: int

    @property
    def label(self) -> str:
        return _(self.title, number=self.place + 1)

    def fields(self, options: DrawOptions, spec: ModelSpec) -> list[Field]:  # noqa: ARG002
        guide = _guides(options)[self.place]
        return [
            Field(name=name, label=_(line.label), value=getattr(guide, name), max_length=line.max_length)
            for name, line in self.lines.items()
        ]

    def changes(self, options: DrawOptions, values: Mapping[str, str | None]) -> dict[str, object]:
        guides = list(_guides(options))
        guides[self.place] = replace(guides[self.place], **values)  # type: ignore[arg-type]
        return {"guides": tuple(guides)}


def forms_for(options: DrawOptions, spec: ModelSpec) -> list[PanelForm]:
    """The forms of a command: those that ask for one of its options, and one a picture to follow."""
    guided = [GuideForm(place=place) for place in range(len(_guides(options)))]
    return [form for form in FORMS if form.fields(options, spec)] + guided


def _guides(options: DrawOptions) -> tuple[Guide, ...]:
    return options.guides if isinstance(options, ControlOptions) else ()


#: A form shows where the command has one of its options.
FORMS = (
    PanelForm(
        title=N_("Steps and guidance"),
        emoji="🔢",
        lines={
            "steps": Line(N_("Steps (1 to {steps})")),
            "guidance": Line(N_("Guidance (1 to {guidance})")),
            "clip_skip": Line(N_("Clip skip (1: none; often 2 for anime models)")),
            "strength": Line(N_("Strength (0 keeps the picture, 1 redraws it)")),
        },
    ),
    PanelForm(
        title=N_("Seed, count, size"),
        emoji="🌱",
        lines={
            "seed": Line(N_("Seed (0 to {seed}; empty: random)")),
            "count": Line(N_("How many pictures")),
            "size": Line(N_("Size in pixels, like 512x768")),
            "negative": Line(N_("Leave out"), 4000),
        },
    ),
    PanelForm(
        title=N_("Finer"),
        emoji="🎚️",
        lines={
            "eta": Line(N_("Eta (0 to 1; DDIM and TCD)")),
            "noise_scale": Line(N_("Noise between steps (0.5 to 1.5)")),
            "vae": Line(N_("VAE (a name; empty: the model's own)"), 100),
            "refiner": Line(N_("Refiner (a model's name; empty: none)"), 100),
            "refiner_from": Line(N_("Refiner from (a share of the steps, 0 to 1)")),
        },
    ),
    PanelForm(
        title=N_("Hires fix"),
        emoji="🔎",
        lines={
            "hires": Line(N_("Enlarge by (1 to 4; empty: off)")),
            "hires_strength": Line(N_("How much is drawn anew (0 to 1)")),
        },
    ),
    PanelForm(
        title=N_("Reference"),
        emoji="🖼️",
        part_of="images",
        lines={
            "likeness": Line(N_("Likeness of the pictures (0 to 2)")),
            "adapter": Line(N_("IP-Adapter (its name)"), 100),
            "model": Line(N_("Model (its name; empty: the first)"), 100),
        },
    ),
)
_GUIDE_LINES: Mapping[str, Line] = {
    "preprocessor": Line(N_("Preprocessor (empty: it is a map already)"), 40),
    "scale": Line(N_("How strongly it counts (0 to 2)")),
    "start": Line(N_("From which share of the steps (0 to 1)")),
    "end": Line(N_("To which share of the steps (0 to 1)")),
}
