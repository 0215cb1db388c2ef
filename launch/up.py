"""`make up`: bot, worker and keeper for the real Discord, under a supervisor that restarts what dies."""

from __future__ import annotations

import signal
import sys

from core.errors import AtelierError, SettingsError
from core.settings import Settings, load_settings
from launch import supervision
from launch.prepare import prepare
from launch.processes import studio
from launch.single import only_studio

_NO_TOKEN = """\
DISCORD_TOKEN is not set, so the bot cannot sign in to Discord.

  1. Open https://discord.com/developers/applications, make an application and copy its bot's token.
  2. Put it into the file .env in this directory:  DISCORD_TOKEN=...
  3. Invite the bot to your server with the scopes "bot" and "applications.commands".

To try Atelier without an account: make demo"""


def main() -> int:
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    if settings.discord_token is None:
        print(_NO_TOKEN, file=sys.stderr)
        return 2
    try:
        return run(settings)
    except (AtelierError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def run(settings: Settings) -> int:
    """Keep the studio up until Ctrl-C, SIGTERM or a closed terminal; return supervisord's exit code.

    Raises:
        AlreadyRunning: another studio uses the data directory.
    """
    prepare(settings)
    processes = studio(settings)
    with only_studio(settings.data_dir):
        config = supervision.write_config(processes, settings.data_dir / "run", settings.data_dir / "logs")
        supervisor = supervision.start(config)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.send_signal(signal.SIGTERM))
        names = supervision.program_names(processes)
        print(f"Starting {names}. Logs are in {settings.data_dir / 'logs'}. Ctrl-C stops everything.")
        return supervisor.wait()


if __name__ == "__main__":
    sys.exit(main())
