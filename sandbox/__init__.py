"""A local Discord: gateway, REST, CDN and the members' side, for tests and for trying the bot."""
