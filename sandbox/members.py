"""The answer to a bot that asks the gateway for a server's members."""

from typing import Any


def chunk(guilds: list[dict[str, Any]], asked: dict[str, Any], *, everyone: bool) -> dict[str, Any] | None:
    """GUILD_MEMBERS_CHUNK: all that match, in one piece; None for a server that is not there.

    `guilds` are servers as GUILD_CREATE shows them. Without `everyone`, which is the GUILD_MEMBERS intent,
    who asks for all members hears nothing.
    """
    guild = next((guild for guild in guilds if guild["id"] == str(asked["guild_id"])), None)
    if guild is None:
        return None
    ids = asked.get("user_ids") or []
    wanted = {str(user_id) for user_id in (ids if isinstance(ids, list) else [ids])}
    prefix = str(asked.get("query") or "").lower()
    if not (everyone or wanted or prefix or asked.get("limit")):
        return None
    found = [member for member in guild["members"] if _meant(member["user"], wanted, prefix)]
    answer = {
        "guild_id": guild["id"],
        "members": found[: asked.get("limit") or None],
        "chunk_index": 0,
        "chunk_count": 1,
        "presences": [],
    }
    if wanted:
        answer["not_found"] = sorted(wanted - {member["user"]["id"] for member in found})
    return answer | ({"nonce": asked["nonce"]} if "nonce" in asked else {})


def _meant(user: dict[str, Any], wanted: set[str], prefix: str) -> bool:
    return user["id"] in wanted if wanted else user["username"].lower().startswith(prefix)
