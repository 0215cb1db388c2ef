"""Fetch a known model: licence accepted once, downloaded, compared with its hash, put where it belongs."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from core.errors import AtelierError
from models.known import KnownFile, KnownModel
from models.licences import Ask, accept

#: Where a download waits below the model directory until it is whole; what begins with a dot is no model.
_WAITING = ".fetch"


class FetchFailed(AtelierError):
    """A model could not be fetched; the text says why and what would do."""


def fetch(model: KnownModel, directory: Path, data_dir: Path, accepts: Ask) -> Path:
    """Fetch a model into its kind's folder below `directory`; one that is there is not fetched again.

    A download that broke off goes on where it ended.

    Args:
        data_dir: where it is remembered which licences were accepted.

    Raises:
        FetchFailed: the licence is not accepted, there is no room, the hub does not answer, or what came is
            not the file that was pinned.
    """
    target = directory / model.kind / (model.name if model.is_folder else f"{model.name}.safetensors")
    if target.exists():
        return target
    if not accept(model, data_dir, accepts):
        raise FetchFailed(
            f"{model.title} comes under the licence {model.licence} ({model.licence_url}). "
            "Read it, and add --accept-licence if you accept it."
        )
    waiting = directory / _WAITING / model.name
    waiting.mkdir(parents=True, exist_ok=True)
    _check_room(model, waiting)
    for file in model.files:
        _check(model, file, _download(model, file, waiting))
    target.parent.mkdir(parents=True, exist_ok=True)
    about = {"name": model.name, "title": model.title, "licence": model.licence, **model.limits}
    beside = waiting / "atelier.json" if model.is_folder else target.with_suffix(".json")
    beside.write_text(json.dumps(about, indent=1), encoding="utf-8")
    # Last, so that whoever watches the folder sees it whole.
    (waiting if model.is_folder else _place(model.files[0], waiting)).replace(target)
    shutil.rmtree(waiting, ignore_errors=True)
    return target


def _place(file: KnownFile, waiting: Path) -> Path:
    return waiting / (file.to or Path(file.path).name)


def _check_room(model: KnownModel, waiting: Path) -> None:
    there = sum(file.stat().st_size for file in waiting.rglob("*") if file.is_file())
    free = shutil.disk_usage(waiting).free
    if free < model.bytes - there:
        needed, left = (number / 2**30 for number in (model.bytes - there, free))
        raise FetchFailed(
            f"{model.name} needs {needed:.1f} GiB in {waiting.parent.parent}; {left:.1f} are free."
        )


def _download(model: KnownModel, known: KnownFile, waiting: Path) -> Path:
    """Into a file that grows over several runs: `hf_hub_download` begins anew in each."""
    from httpx2 import HTTPError
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.file_download import http_get

    file = _place(known, waiting)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        told = get_hf_file_metadata(hf_hub_url(model.hub, known.path, revision=model.revision))
        with file.open("ab") as growing:
            if growing.tell() < (told.size or known.bytes):
                http_get(
                    told.location,
                    growing,
                    resume_size=growing.tell(),
                    expected_size=told.size,
                    displayed_filename=file.name if model.is_folder else model.name,
                )
    except (HfHubHTTPError, HTTPError, OSError) as error:
        # Some say nothing.
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise FetchFailed(
            f"{model.name} could not be fetched: {why} "
            "What has come so far is kept; run the same again to go on."
        ) from error
    return file


def _check(model: KnownModel, known: KnownFile, file: Path) -> None:
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != known.sha256:
        size = file.stat().st_size
        file.unlink()
        raise FetchFailed(
            f"What came is not {known.path} of {model.name}: its SHA-256 is {found} ({size} bytes), and "
            f"{known.sha256} ({known.bytes} bytes) is known. It was deleted. Somebody changed it on the way "
            "or on the hub: do not use it from elsewhere either."
        )
