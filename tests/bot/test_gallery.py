"""🖼, ⭐, the gallery channel and `/gallery` through Discord."""

from __future__ import annotations

import asyncio

import pytest

from core.storage import image_key
from sandbox.seen import SeenMessage
from tests.bot.reacting import direct
from tests.bot.studio import Town

SEND = "/channels/{channel_id}/messages"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Votes are shown without waiting for others."""
    monkeypatch.setattr("db.gallery.SETTLE_S", 0.0)


async def made(town: Town, prompt: str = "a red fox", member: str = "ana", **options: object) -> SeenMessage:
    """A delivered result."""
    seen = await town.imagine(prompt, member, **options)
    town.worker.make()
    count = options.get("count", 1)
    assert isinstance(count, int)
    return await town.result(seen, pictures=count + (count > 1), member=member)


async def published(town: Town, prompt: str = "a red fox", member: str = "ana") -> SeenMessage:
    message = await made(town, prompt, member)
    await town.press(message, "publish", member)
    await town.until_told("in the gallery now", member=member)
    return message


async def open_gallery(town: Town, stars: int = 1) -> None:
    """#gallery is the gallery channel."""
    channel = await channel_id(town, "gallery")
    await town.slash("gallery channel", "maya", channel=channel)
    await town.slash("gallery threshold", "maya", stars=stars)


async def channel_id(town: Town, name: str) -> str:
    (guild,) = (await town.members.town())["guilds"]
    return str(next(channel["id"] for channel in guild["channels"] if channel["name"] == name))


async def posted(town: Town, *texts: str) -> SeenMessage:
    """The message in the gallery channel that holds these texts."""
    return await town.members.wait_for(
        "gallery", lambda message: all(text in message.text for text in texts), member="ben"
    )


async def until_gone(town: Town) -> None:
    async def look() -> bool:
        return await town.members.messages("gallery", "ben") == []

    await town.members.wait_until(look)


async def starred(town: Town) -> SeenMessage:
    """A picture of ana's in the gallery channel, by ben's star."""
    await open_gallery(town)
    await town.members.react("ben", (await published(town)).id, "⭐")
    return await posted(town, "⭐ **1**", "a red fox")


@pytest.mark.usefixtures("bot")
async def test_stars_post_a_picture_once_and_its_count_follows(town: Town) -> None:
    await open_gallery(town, stars=2)
    message = await published(town)
    await town.members.react("ben", message.id, "⭐")
    await town.members.react("ana", message.id, "⭐")
    await asyncio.sleep(0.6)
    assert await town.members.messages("gallery", "ben") == [], "ana's own does not count"
    await town.members.react("chloe", message.id, "⭐")
    shown = await posted(town, "⭐ **2**", "a red fox")
    (picture,) = shown.attachments
    assert "a red fox" in picture["description"] and picture["filename"].endswith(".png")
    # The star on the gallery's own message is the same member's, and counts once.
    await town.members.react("ben", shown.id, "⭐")
    await town.press(shown, "vote", "maya")
    await posted(town, "⭐ **3**")
    await town.members.react("chloe", message.id, "⭐", remove=True)
    again = await posted(town, "⭐ **2**")
    assert again.id == shown.id and again.buttons[0]["label"] == "2"
    assert len(await town.members.messages("gallery", "ben")) == 1


@pytest.mark.usefixtures("bot")
async def test_a_reaction_publishes_and_taking_it_back_unpublishes(town: Town) -> None:
    await open_gallery(town)
    message = await made(town)
    await town.members.react("ben", message.id, "🖼️")
    await direct(town, "ben", "only they can publish")
    await town.members.react("maya", message.id, "🖼")
    await direct(town, "maya", "only they can publish")
    await town.members.react("ana", message.id, "🖼")
    await town.members.react("ben", message.id, "⭐")
    await posted(town, "⭐ **1**")
    await town.members.react("maya", message.id, "🖼", remove=True)
    await asyncio.sleep(0.5)
    await posted(town, "⭐ **1**")
    await town.members.react("ana", message.id, "🖼", remove=True)
    await until_gone(town)


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("how", ["unpublish", "delete", "takedown", "moderator"])
async def test_what_takes_a_picture_away_takes_its_message_away(town: Town, how: str) -> None:
    await starred(town)
    job_id = town.only_job().id
    if how == "delete":
        original = next(one for one in await town.all_messages() if one.attachments)
        await town.press(original, "delete")
    elif how == "takedown":
        await town.slash("takedown picture", "maya", id=job_id, reason="not here")
    else:
        await town.slash("gallery unpublish", "maya" if how == "moderator" else "ana", id=job_id)
    await until_gone(town)


@pytest.mark.usefixtures("bot")
async def test_of_several_one_is_chosen_and_a_private_one_asked_about(town: Town) -> None:
    message = await made(town, count=2)
    await town.press(message, "publish")
    asked = await town.until_told("Which one?")
    await town.press(asked, "publishone")
    await town.until_told("in the gallery now")
    await town.press(message, "publish")
    await town.slash("gallery browse", "ben")
    await town.until_told("a red fox", "⭐ 0", member="ben")
    await town.slash("gallery publish", id=town.only_job().id)
    await town.until_told("one of 1, 2")


@pytest.mark.usefixtures("bot")
async def test_a_private_picture_is_published_after_one_more_question(town: Town) -> None:
    await town.imagine("secret", advanced=True)
    panel = await town.told()
    for button in ("Only I see it: no", "Make it"):
        await town.members.settled(await town.members.press("ana", panel.id, button))
    town.worker.make()
    result = await town.until_told("secret", "seed")
    result = await town.members.wait_for(
        "studio", lambda message: message.id == result.id and bool(message.attachments), member="ana"
    )
    await town.slash("gallery publish", id=town.only_job().id)
    await town.until_told("Only you see this picture", "private:True")
    await town.press(result, "publish")
    asked = await town.members.wait_for(
        "studio",
        lambda message: "Publish it" in [button.get("label") for button in message.buttons],
        member="ana",
    )
    await town.slash("gallery browse", "ben")
    await town.until_told("Nothing of the kind", member="ben")
    await town.press(asked, "publishsurely")
    await town.until_told("in the gallery now")
    await town.slash("gallery browse", "ben")
    await town.until_told("secret", member="ben")


@pytest.mark.usefixtures("bot")
async def test_others_may_not_publish_or_take_out(town: Town) -> None:
    message = await made(town)
    await town.press(message, "publish", "ben")
    await town.until_told("only they can publish", member="ben")
    await town.press(message, "publish")
    await town.until_told("in the gallery now")
    await town.press(message, "publish")
    await town.until_told("in the gallery already")
    await town.slash("gallery unpublish", "ben", id=town.only_job().id)
    await town.until_told("another member's", member="ben")
    for command, option in (("channel", {}), ("threshold", {"stars": 2}), ("age", {"days": 2})):
        await town.slash(f"gallery {command}", "ben", **option)
    await town.until_told("manage this server", member="ben")


@pytest.mark.usefixtures("bot")
async def test_what_is_set_can_be_read_back(town: Town) -> None:
    await town.slash("gallery settings", "maya")
    await town.until_told("posted nowhere", "has 3 ⭐", "7 days old", member="maya")
    await open_gallery(town, stars=5)
    await town.slash("gallery age", "maya", days=1)
    await town.slash("gallery settings", "ben")
    where = f"are posted in <#{await channel_id(town, 'gallery')}>"
    await town.until_told("This server's gallery", where, "has 5 ⭐", "1 day old", member="ben")


@pytest.mark.usefixtures("bot")
async def test_the_gallery_is_searched_and_paged(town: Town) -> None:
    for number in range(6):
        await published(town, f"fox {number}")
    await town.slash("gallery publish", id=(await made_id(town, "a dog")), tags="#night")
    await town.slash("gallery browse", "ben", search="fox")
    page = await town.until_told("fox 5", "fox 2", member="ben")
    assert "dog" not in page.text and len(page.attachments) == 4
    assert "fox 5" in page.attachments[0]["description"]
    await town.members.settled(await town.members.press("ben", page.id, "Next page"))
    page = await town.until_told("fox 1", "fox 0", member="ben")
    assert len(page.attachments) == 2 and "fox 2" not in page.text
    await town.members.settled(await town.members.press("ben", page.id, "First page"))
    await town.until_told("fox 5", "fox 2", member="ben")
    await town.slash("gallery browse", "ben", search="#NIGHT", order="top")
    page = await town.until_told("a dog", member="ben")
    await town.members.settled(await town.members.press("ben", page.id, "1"))
    opened = await town.until_told("a dog", "-# `", member="ben")
    assert [button["custom_id"].partition(":")[0] for button in opened.buttons] == [
        "vote",
        "remake",
        "info",
        "report",
    ]
    await town.slash("gallery browse", "ben", search="cat")
    await town.until_told("Nothing of the kind", member="ben")


@pytest.mark.usefixtures("bot")
async def test_a_lost_picture_leaves_the_others_on_their_page(town: Town) -> None:
    for number in range(2):
        await published(town, f"fox {number}")
    town.storage.delete(image_key(town.jobs()[0].id, 0))
    await town.slash("gallery browse", "ben")
    page = await town.until_told("fox 1", "fox 0", member="ben")
    (picture,) = page.attachments
    assert "fox 1" in picture["description"]
    await town.members.settled(await town.members.press("ben", page.id, "2"))
    await town.until_told("fox 0", "-# `", member="ben")


async def made_id(town: Town, prompt: str) -> str:
    await made(town, prompt)
    return town.jobs()[-1].id


@pytest.mark.usefixtures("bot")
async def test_a_remix_names_and_links_whose_picture_it_is_made_of(town: Town) -> None:
    shown = await starred(town)
    original = town.only_job()
    opened = await town.press(shown, "remake", "ben")
    await town.members.settled(await town.members.submit("ben", opened.id, {"Prompt": "a blue fox"}))
    remade = town.jobs()[1]
    assert remade.parent_id == original.id
    town.worker.make()
    credit = f"by <@{original.member_id}>"
    link = f"/{shown.channel_id}/{shown.id})"
    await town.members.wait_for(
        "gallery", lambda message: credit in message.text and link in message.text, member="chloe"
    )


@pytest.mark.usefixtures("bot")
async def test_a_young_accounts_and_a_banned_members_stars_do_not_count(town: Town) -> None:
    await town.members.add_member("yuri", account_days=2)
    message = await published(town)
    await town.members.react("yuri", message.id, "⭐")
    await town.members.react("ben", message.id, "⭐")
    await browse_until(town, "⭐ 1")
    await town.slash("gallery age", "maya", days=1)
    await browse_until(town, "⭐ 2")
    await ask(town, "maya", "mod ban", {"member": str(await member_id(town, "ben")), "reason": "spam"})
    await browse_until(town, "⭐ 1")
    await town.members.react("ben", message.id, "⭐", remove=True)
    await town.members.react("ben", message.id, "⭐")
    await direct(town, "ben", "banned")
    await browse_until(town, "⭐ 1")


async def ask(town: Town, who: str, command: str, options: dict[str, object]) -> None:
    """Use a command that has an option called *member*."""
    await town.members.settled(await town.members.slash(who, "studio", command, options))


async def browse_until(town: Town, text: str) -> None:
    """Votes that reactions bring arrive a moment later."""
    async with asyncio.timeout(10):
        while True:
            seen = await town.slash("gallery browse", "chloe")
            (answer,) = await town.members.messages("studio", "chloe", interaction=seen.id)
            if text in answer.content:
                return
            await asyncio.sleep(0.05)


async def member_id(town: Town, name: str) -> int:
    (guild,) = (await town.members.town())["guilds"]
    return next(int(one["user"]["id"]) for one in guild["members"] if one["user"]["username"] == name)
