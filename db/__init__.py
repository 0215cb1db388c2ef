"""Tables and every query over them, written once for SQLite and PostgreSQL."""
