"""What has to stand before the processes start: directories, the database's schema, the bucket.

`python -m launch.prepare` does it once for a deployment of several containers.
"""

from __future__ import annotations

from core.settings import Settings, load_settings


def prepare(settings: Settings) -> None:
    """Create directories, bring the schema to the newest version, make the bucket; repeating is harmless."""
    make_directories(settings)
    _migrate(settings)
    if settings.s3 is not None:
        from core.storage_s3 import make_bucket

        make_bucket(settings.s3)


def make_directories(settings: Settings) -> None:
    """The data directory and what lies in it, readable by this user alone."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("run", "logs", "objects", "models"):
        (settings.data_dir / name).mkdir(exist_ok=True)
    if settings.embedded_redis:
        from pathlib import Path

        socket = Path(settings.redis_url.removeprefix("unix://"))
        socket.parent.mkdir(mode=0o700, exist_ok=True)
        # Another user's directory of the same name would give away every message.
        if socket.parent.stat().st_uid != settings.data_dir.stat().st_uid:
            raise PermissionError(f"{socket.parent} belongs to another user; set ATELIER_REDIS_URL.")


def _migrate(settings: Settings) -> None:
    from db.engine import open_database

    database = open_database(settings.database_url)
    try:
        database.upgrade()
    finally:
        database.close()


if __name__ == "__main__":
    prepare(load_settings())
