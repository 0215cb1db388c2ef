"""What a member does in the running studio, and what its pictures show."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from launch.trial import Trial
from models.starter.checker import check
from models.starter.grammar import scene_of
from sandbox.seen import SeenMessage

SCENE = "a red circle to the left of a blue square on a white background"
OTHER = "a red circle to the left of a green star on a white background"


async def result(trial: Trial, interaction: int) -> SeenMessage:
    """The delivered message that answers an interaction."""

    def ended(message: SeenMessage) -> bool:
        verbs = [button["custom_id"].partition(":")[0] for button in message.buttons]
        return "delete" in verbs

    return await trial.members.wait_for("studio", ended, member="ana", interaction=interaction, timeout_s=60)


async def pictures(trial: Trial, message: SeenMessage) -> list[Image.Image]:
    assert message.attachments, message.text
    files = [await trial.members.download(file) for file in message.attachments]
    return [Image.open(io.BytesIO(file)).convert("RGB") for file in files]


async def make(trial: Trial, command: str, **options: object) -> tuple[SeenMessage, Image.Image]:
    """Use a command; its message, and its first picture."""
    message = await result(trial, await trial.members.slash("ana", "studio", command, options))
    return message, (await pictures(trial, message))[0]


async def press(trial: Trial, message: SeenMessage, verb: str) -> Image.Image:
    """Press a button; the first picture that comes of it."""
    ids = [button["custom_id"] for button in message.buttons]
    custom_id = next(custom_id for custom_id in ids if custom_id.startswith(f"{verb}:"))
    made = await result(trial, await trial.members.press("ana", message.id, custom_id))
    return (await pictures(trial, made))[0]


async def attach(trial: Trial, image: Image.Image) -> int:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return await trial.members.upload("studio", "picture.png", buffer.getvalue())


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean distance of their pixels' values, 0..255."""
    return float(np.abs(values(one) - values(other)).mean())


def shows(image: Image.Image, prompt: str) -> bool:
    scene = scene_of(prompt)
    assert scene is not None
    return check(image, scene).ok


def values(image: Image.Image) -> NDArray[np.float64]:
    return np.asarray(image, np.float64)


async def panel_of(trial: Trial, **options: object) -> SeenMessage:
    """The panel of `/imagine`."""
    asked = await trial.members.slash("ana", "studio", "imagine", {**options, "advanced": True})
    await trial.members.answered(asked)
    return await trial.members.wait_for(
        "studio", lambda seen: "guidance" in seen.text, member="ana", interaction=asked
    )


async def form(trial: Trial, panel: SeenMessage, name: str, values: dict[str, str]) -> None:
    """Fill in a form of the panel and send it."""
    opened = await trial.members.press("ana", panel.id, name)
    await trial.members.answered(opened)
    await trial.members.answered(await trial.members.submit("ana", opened, values))
