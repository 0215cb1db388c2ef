"""Scenes in words: captions for training, prompts for evaluation, and a prompt back to its scene.

The grammar, with ``[...]`` optional and ``|`` between choices::

    caption   = [lead] frame [tail] | fragment | ""
    lead      = "a picture of" | "an image of" | "a drawing of" | "an illustration of"
    frame     = core | core "on a" BG "background" | core "," BG "background"
              | BG "background ," core | BG "backdrop with" core
              | core "against a" BG "backdrop" | core "with a" BG "background"
    core      = a thing | NUMBER things | thing RELATION thing
    a thing   = "a" [STYLE] COLOUR SHAPE | "a" COLOUR SHAPE STYLE-PHRASE | [STYLE] COLOUR SHAPE
    tail      = ", simple" | ", minimal" | ", high quality" | ", cute"
    fragment  = BG "background" | COLOUR | SHAPE | COLOUR SHAPE | STYLE

About 8 % of the captions are fragments (they make negative prompts work) and 10 % are empty (they make
guidance work).

Held out of training, so that generalisation can be measured:

- `scenes.HELD_OUT_PAIRS`, eight colour/shape pairs;
- `_HELD_OUT_FRAMES`, four ways to name the background, made of words that the training frames use otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from models.starter.scenes import (
    BACKGROUNDS,
    COLOURS,
    RELATIONS,
    SHAPES,
    STYLES,
    Scene,
    Thing,
    one_thing,
    related_things,
    several_things,
)

_LEADS = ("a picture of ", "an image of ", "a drawing of ", "an illustration of ")
_TAILS = (", simple", ", minimal", ", high quality", ", cute")
_FRAMES = (
    "{core} on a {bg} background",
    "{core}, {bg} background",
    "{bg} background, {core}",
    "{core} against a {bg} backdrop",
    "{core} with a {bg} background",
    "{bg} backdrop with {core}",
)
_HELD_OUT_FRAMES = (
    "{core} on a {bg} backdrop",
    "{core} against a {bg} background",
    "{bg} background with {core}",
    "{bg} backdrop, {core}",
)
_STYLE_FRAMES: dict[str, tuple[str, ...]] = {
    "flat": ("{a} {c} {s}", "{a} {c} {s}", "{a} {c} {s}", "{a} flat {c} {s}", "{a} plain {c} {s}"),
    "outlined": ("{a} outlined {c} {s}", "the outline of {a} {c} {s}", "{a} {c} {s} drawn as an outline"),
    "striped": ("{a} striped {c} {s}", "{a} {c} {s} with stripes"),
    "pixel-art": ("{a} pixel-art {c} {s}", "{a} pixel art {c} {s}", "{a} {c} {s} in pixel art"),
}
_NUMBERS = {2: ("two", "2"), 3: ("three", "3"), 4: ("four", "4")}
_RELATION_WORDS: dict[str, tuple[str, ...]] = {
    "left": ("to the left of", "left of"),
    "right": ("to the right of", "right of"),
    "above": ("above", "over"),
    "below": ("below", "under"),
}


def plural(shape: str) -> str:
    """ "star" → "stars", "cross" → "crosses"."""
    return shape + ("es" if shape.endswith("s") else "s")


def _article(words: str) -> str:
    """The words behind "a " with "an" where it is needed."""
    return re.sub(r"\ba (?=[aeiou])", "an ", words)


def _name(thing: Thing, rng: Random, article: str = "a") -> str:
    frame = rng.choice(_STYLE_FRAMES.get(thing.style) or (f"{{a}} {thing.style} {{c}} {{s}}",))
    return frame.format(a=article, c=thing.colour, s=thing.shape).strip()


def _core(scene: Scene, rng: Random) -> str:
    first = scene.things[0]
    if scene.relation:
        words = rng.choice(_RELATION_WORDS[scene.relation])
        return f"a {first.colour} {first.shape} {words} a {scene.things[1].colour} {scene.things[1].shape}"
    if len(scene.things) > 1:
        number = rng.choice(_NUMBERS[len(scene.things)])
        return f"{number} {first.colour} {plural(first.shape)}"
    return _name(first, rng, "a" if rng.random() < 0.85 else "").replace("  ", " ")


def _fragment(scene: Scene, rng: Random) -> str:
    thing = scene.things[0]
    background, pair = f"{scene.background} background", f"{thing.colour} {thing.shape}"
    choices = [background, background, thing.colour, pair, thing.shape]
    return rng.choice(choices if thing.style == "flat" else [*choices, thing.style])


def describe(scene: Scene, rng: Random, frames: tuple[str, ...] = _FRAMES) -> str:
    """A full sentence for a scene; its background is left unsaid where it is None."""
    core = _core(scene, rng)
    lead = rng.choice(_LEADS) if rng.random() < 0.25 else ""
    tail = rng.choice(_TAILS) if rng.random() < 0.15 else ""
    body = rng.choice(frames).format(core=core, bg=scene.background) if scene.background else core
    return _article(lead + body + tail)


def caption(scene: Scene, rng: Random) -> str:
    """A caption as training sees it: mostly a sentence, 8 % fragments, 10 % nothing."""
    kind = rng.random()
    if kind < 0.10:
        return ""
    if kind < 0.18:
        return _fragment(scene, rng)
    said = scene if rng.random() < 0.9 else Scene(None, scene.things, scene.relation)
    return describe(said, rng)


_GROUPS: dict[str, Callable[[Random], Scene]] = {
    "one object, flat": lambda rng: one_thing(rng, "flat"),
    "one object, all styles": one_thing,
    "held-out pairs": lambda rng: one_thing(rng, held_out=True),
    "held-out phrasings": one_thing,
    "counts": several_things,
    "relations": related_things,
}
GROUPS = tuple(_GROUPS)
"""Evaluation groups; `random_prompt` takes one of them."""
DEMO_GROUPS: tuple[str, ...] = ("one object, flat",)
"""The groups in which the shipped model measures .97 or better (docs/starter-model.md)."""


def scene_for(rng: Random, group: str) -> Scene:
    """A scene of an evaluation group, ready to be drawn."""
    return _GROUPS[group](rng)


def random_prompt(rng: Random, group: str) -> tuple[str, Scene]:
    """A prompt of an evaluation group and what a picture of it must show. The background is always said."""
    drawn = scene_for(rng, group)
    scene = Scene(drawn.background, drawn.things, drawn.relation)
    frames = _HELD_OUT_FRAMES if group == "held-out phrasings" else _FRAMES
    return describe(scene, rng, frames), scene


def demo_prompt(rng: Random) -> str:
    """A prompt that the shipped model draws right (at least 97 times in a hundred)."""
    return random_prompt(rng, rng.choice(DEMO_GROUPS))[0]


# ---- from words back to a scene ----

_SINGULAR = {form: shape for shape in SHAPES for form in (shape, plural(shape))}
_STYLE_WORDS = {
    "striped": "striped",
    "stripes": "striped",
    "outlined": "outlined",
    "outline": "outlined",
    "pixel-art": "pixel-art",
    "pixel": "pixel-art",
    "flat": "flat",
    "plain": "flat",
}
_NUMBER_WORDS = {word: number for number, words in _NUMBERS.items() for word in words}
_FILLER = {
    "a",
    "an",
    "the",
    "of",
    "in",
    "with",
    "on",
    "against",
    "drawn",
    "as",
    "art",
    "picture",
    "image",
    "drawing",
    "illustration",
    "simple",
    "minimal",
    "high",
    "quality",
    "cute",
}
_BACKGROUND = re.compile(rf"\b({'|'.join(BACKGROUNDS)}) (?:background|backdrop)\b")
_RELATION = re.compile(
    "|".join(rf"(?P<{name}>\b(?:{'|'.join(phrases)})\b)" for name, phrases in _RELATION_WORDS.items())
)


def _thing_of(words: str) -> tuple[int, Thing] | None:
    """How many of which thing a noun phrase names; None where it names none, or has a foreign word."""
    number, colour, shape, style = 1, None, None, "flat"
    for word in re.findall(r"[\w-]+", words):
        if word in _NUMBER_WORDS:
            number = _NUMBER_WORDS[word]
        elif word in COLOURS and colour is None:
            colour = word
        elif word in _SINGULAR and shape is None:
            shape = _SINGULAR[word]
        elif word in _STYLE_WORDS:
            style = _STYLE_WORDS[word]
        elif word not in _FILLER:
            return None
    return (number, Thing(shape, colour, style)) if shape and colour else None


def scene_of(prompt: str) -> Scene | None:
    """What a picture of `prompt` must show; None where the prompt is not of this grammar."""
    text = prompt.lower().strip()
    found = _BACKGROUND.search(text)
    background = found.group(1) if found else None
    text = _BACKGROUND.sub(" ", text)
    relation = _RELATION.search(text)
    if relation is None:
        named = _thing_of(text)
        return Scene(background, (named[1],) * named[0]) if named else None
    first, second = _thing_of(text[: relation.start()]), _thing_of(text[relation.end() :])
    if first is None or second is None or (first[0], second[0]) != (1, 1):
        return None
    return Scene(background, (first[1], second[1]), relation.lastgroup)


TRAITS: dict[str, tuple[object, ...]] = {
    "background": (None, *BACKGROUNDS),
    "number": (0, 1, 2, 3, 4),
    "relation": (None, *RELATIONS),
    "shape": (None, *SHAPES),
    "colour": (None, *COLOURS),
    "style": (None, *STYLES),
    "second shape": (None, *SHAPES),
    "second colour": (None, *COLOURS),
}
"""What can be asked about a caption, and the possible answers."""


def _answers(prompt: str) -> tuple[object, ...]:
    scene = scene_of(prompt)
    if scene is None:  # a fragment, or nothing
        found, words = _BACKGROUND.search(prompt), _BACKGROUND.sub("", prompt).split()
        first = [next((w for w in words if w in known), None) for known in (SHAPES, COLOURS, STYLES)]
        return (found.group(1) if found else None, 0, None, *first, None, None)
    return _facts(scene)


def _facts(scene: Scene) -> tuple[object, ...]:
    first = scene.things[0]
    second = scene.things[1] if scene.relation else Thing("", "")
    number = len(scene.things)
    said = (scene.background, number, scene.relation, first.shape, first.colour, first.style)
    return (*said, second.shape or None, second.colour or None)


def _numbers(answers: tuple[object, ...]) -> list[int]:
    return [possible.index(answer) for possible, answer in zip(TRAITS.values(), answers, strict=True)]


def traits_of(prompt: str) -> list[int]:
    """What a caption says, as the number of the answer to each of `TRAITS`."""
    return _numbers(_answers(prompt))


def traits_seen(scene: Scene) -> list[int]:
    """What a picture of a scene shows, in the same numbers; the left or upper of two things comes first."""
    if scene.relation in ("right", "below"):
        turned = {"right": "left", "below": "above"}[scene.relation]
        scene = Scene(scene.background, scene.things[::-1], turned)
    return _numbers(_facts(scene))


def vocabulary_text() -> list[str]:
    """Sentences with every word of the grammar, often enough for a tokenizer to learn each as one token."""
    rng = Random(0)
    makers = (one_thing, several_things, related_things)
    lines = [caption(rng.choice(makers)(rng), rng) for _ in range(20_000)]
    return [*lines, *(STYLES * 50)]
