"""`make demo`: the whole studio with a local Discord, open in the browser, and a first picture of its own.

`--once` checks the delivered picture with the starter model's meaning checker and ends.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path

from PIL import Image

from core.errors import AtelierError
from core.settings import load_settings
from launch.newcomer import open_page, welcome
from launch.progress_bar import show_progress
from launch.trial import NotDelivered, Trial, running_trial
from models.starter.checker import check
from models.starter.grammar import demo_prompt, scene_of
from sandbox.seen import SeenMessage

MEMBER = "olive"
CHANNEL = "studio"
DELIVERY_TIMEOUT_S = 120


def main() -> int:
    arguments = _arguments()
    demo = _once if arguments.once else _stay
    prompt = arguments.prompt or demo_prompt(random.Random())
    try:
        return asyncio.run(_until_signal(demo(prompt)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\nStopped.")
        return 0
    except (AtelierError, OSError) as error:
        print(f"The demo stopped: {error}", file=sys.stderr)
        return 1


async def _until_signal(demo: Coroutine[None, None, int]) -> int:
    """Run the demo; SIGTERM and a closed terminal end it as Ctrl-C does: cancelled, it stops everything."""
    task = asyncio.ensure_future(demo)
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


async def _stay(prompt: str) -> int:
    """Draw a first picture and stay up until cancelled."""
    print("Starting the studio with a local Discord...", flush=True)
    async with running_trial(_demo_dir()) as trial:
        await welcome(trial.members, CHANNEL)
        print(f"Open {trial.url} in your browser: you are ana there, one of the members.", flush=True)
        await asyncio.to_thread(open_page, trial.url)
        await _first_picture(trial, prompt)
        print("The studio stays up; Ctrl-C stops everything.", flush=True)
        await asyncio.Event().wait()
    return 0


async def _once(prompt: str) -> int:
    """Draw one picture in a studio of its own, check it, and say 0 or 1."""
    data_dir = Path(tempfile.mkdtemp(prefix="once-", dir=_demo_dir()))
    async with running_trial(data_dir) as trial:
        print(f"Local Discord: {trial.url}", flush=True)
        picture = await _first_picture(trial, prompt)
    # Where something failed it stays: the error names a log in it.
    shutil.rmtree(data_dir)
    return _report(picture, prompt)


async def _first_picture(trial: Trial, prompt: str) -> bytes:
    """Ask for a picture as a member, watch it come, keep it and say where it is."""
    print(f'{MEMBER} types: /imagine prompt:"{prompt}"', flush=True)
    started = time.monotonic()
    interaction = await trial.members.slash(MEMBER, CHANNEL, "imagine", {"prompt": prompt})
    watching = asyncio.create_task(show_progress(trial.database))
    try:
        message = await _result(trial, interaction)
    finally:
        watching.cancel()
    seconds = time.monotonic() - started
    picture = await trial.members.download(message.attachments[0])
    path = _demo_dir() / "first-picture.png"
    path.write_bytes(picture)
    print(f"\rDelivered in {seconds:.1f} s: {path}" + " " * 30, flush=True)
    return picture


async def _result(trial: Trial, interaction: int) -> SeenMessage:
    """The bot's message once the job has ended: with the picture, which is the only PNG that it shows.

    Raises:
        NotDelivered: it ended without one, or not in time.
    """

    def ended(message: SeenMessage) -> bool:
        # While there is something to wait for, there is something to cancel.
        return not message.loading and not any(button.get("label") == "Cancel" for button in message.buttons)

    try:
        found = await trial.members.wait_for(
            CHANNEL, ended, member=MEMBER, interaction=interaction, timeout_s=DELIVERY_TIMEOUT_S
        )
    except TimeoutError:
        raise NotDelivered(
            f"no picture within {DELIVERY_TIMEOUT_S} s; see {trial.log('worker')} and {trial.log('bot')}"
        ) from None
    if not _pictures(found):
        raise NotDelivered(f"the bot answered: {found.text}")
    return found


def _pictures(message: SeenMessage) -> list[str]:
    return [file["url"] for file in message.attachments if file.get("content_type") == "image/png"]


def _report(picture: bytes, prompt: str) -> int:
    """Say whether the pixels mean what was asked; 1 where they do not."""
    scene = scene_of(prompt)
    if scene is None:
        print("These words are outside the starter model's grammar, so nothing checks the picture.")
        return 0
    with Image.open(io.BytesIO(picture)) as image:
        verdict = check(image.convert("RGB"), scene)
    if verdict.ok:
        print("The picture shows what was asked for.")
        return 0
    print(f"The picture does not show what was asked for: {'; '.join(verdict.problems)}.", file=sys.stderr)
    return 1


def _demo_dir() -> Path:
    """`data/demo`, apart from a real studio's data."""
    directory = load_settings().data_dir / "demo"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="check one picture and end")
    parser.add_argument("--prompt", help="what to draw; default a random one of the starter model's grammar")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
