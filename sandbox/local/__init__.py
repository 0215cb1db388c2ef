"""The members' side: what a person does in Discord's own app, as an HTTP API for tests and the page."""
