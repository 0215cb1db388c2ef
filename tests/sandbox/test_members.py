"""What members may do, and what reaches them alone."""

from typing import Any

import aiohttp
import pytest

from sandbox.client import LocalClient, LocalError
from sandbox.permissions import Permission
from sandbox.testing import LocalDiscord


async def act(local: LocalDiscord, name: str, **body: Any) -> tuple[int, Any]:
    """Status and answer of one act under /local."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{local.url}/local/{name}", json=body) as answer,
    ):
        return answer.status, await answer.json()


@pytest.mark.usefixtures("bot")
async def test_a_reply_quotes_no_answer_that_was_for_one_member(
    local: LocalDiscord, client: LocalClient
) -> None:
    await client.slash("ana", "studio", "secret")
    secret = await client.wait_for("studio", lambda m: m.ephemeral, member="ana")
    for member in ("ana", "ben"):
        body = {"member": member, "channel": "studio", "content": "look", "reply_to": str(secret.id)}
        status, answer = await act(local, "say", **body)
        assert (status, "psst" in str(answer)) == (400, False)
    assert await client.messages("studio", "ben") == []


@pytest.mark.usefixtures("bot")
async def test_an_answer_for_one_member_takes_no_reactions(client: LocalClient) -> None:
    await client.slash("ana", "studio", "secret")
    secret = await client.wait_for("studio", lambda m: m.ephemeral, member="ana")
    with pytest.raises(LocalError, match="takes no reactions"):
        await client.react("ana", secret.id, "⭐")


async def test_files_need_the_permission(local: LocalDiscord, client: LocalClient) -> None:
    file = await client.upload("studio", "a.txt", b"words")
    body = {"member": "ana", "channel": "studio", "attachments": [str(file)]}
    await client.set_overwrite("studio", member="ana", deny=int(Permission.ATTACH_FILES))
    status, answer = await act(local, "say", **body)
    assert (status, answer["error"]) == (400, "ana may not attach files here")
    await client.set_overwrite("studio", member="ana")
    assert (await act(local, "say", **body))[0] == 200


@pytest.mark.parametrize(
    ("denied", "refused", "allowed"),
    [
        (Permission.CREATE_PUBLIC_THREADS, {"private": False}, {"private": True}),
        (Permission.CREATE_PRIVATE_THREADS, {"private": True}, {"private": False}),
    ],
)
async def test_threads_need_the_permission(
    client: LocalClient, denied: Permission, refused: dict[str, bool], allowed: dict[str, bool]
) -> None:
    await client.set_overwrite("studio", member="ana", deny=int(denied))
    with pytest.raises(LocalError, match="ana may begin no"):
        await client.add_thread("ana", "studio", "Foxes", **refused)
    await client.add_thread("ana", "studio", "Foxes", **allowed)


async def test_a_thread_at_a_message_is_a_public_one(client: LocalClient) -> None:
    said = await client.say("ben", "studio", "foxes?")
    await client.set_overwrite("studio", member="ana", deny=int(Permission.CREATE_PUBLIC_THREADS))
    with pytest.raises(LocalError, match="ana may begin no public threads"):
        await client.add_thread("ana", "studio", "Foxes", message=said)


async def test_an_upload_is_as_large_as_the_server_takes(client: LocalClient) -> None:
    await client.add_guild("Small", upload_limit=10)
    channel = await client.add_channel("attic", guild="Small")
    await client.upload(channel, "fits.txt", b"x" * 10)
    with pytest.raises(LocalError, match="has 11 bytes; a file may have at most 10 here"):
        await client.upload(channel, "large.txt", b"x" * 11)
    with pytest.raises(LocalError, match="there is no channel 'nowhere'"):
        await client.upload("nowhere", "a.txt", b"")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"kind": "gremlins"}, "there is no fault 'gremlins'"),
        ({}, "there is no fault None"),
        ({"kind": "lose", "colour": "red"}, "a fault has no 'colour'"),
    ],
)
async def test_a_fault_that_is_none_is_refused_in_words(
    local: LocalDiscord, fault: dict[str, str], why: str
) -> None:
    status, answer = await act(local, "add_fault", **fault)
    assert status == 400
    assert answer["error"].startswith(why)
