"""`python -m workers`: builds a worker, hands each part what it needs, and runs until SIGTERM."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from core.addon_spec import AddonSpec
from core.errors import SettingsError
from core.events import open_redis, publish
from core.health import Check, CheckResult, HealthServer
from core.logs import configure_logging
from core.model_spec import ModelSpec
from core.settings import Settings, load_settings
from core.storage import open_storage
from db.engine import Database, open_database
from db.queue import queue_size
from db.workers import WorkerInfo
from models.licences import folder_of
from workers.app import serve, worker_app
from workers.folders import FolderWatch
from workers.leases import Leases
from workers.presence import Presence
from workers.runner import Runner
from workers.slot import Slot
from workers.tools import Tools
from workers.watchdog import Watchdog

if TYPE_CHECKING:
    from models.addons import LocalAddon
    from models.catalogue import LocalModel
    from models.engine.engine import Engine

logger = logging.getLogger(__name__)

#: Seconds that running jobs get to end at a clean shutdown.
_GRACE_S = 5.0


def main() -> int:
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    slot = Slot(settings.data_dir / "run", "worker")
    configure_logging(slot.process_name, settings)
    with ExitStack() as stack:
        stack.callback(slot.close)
        try:
            run(settings, slot, stack)
        except Exception:
            # Logged like everything else: a bare traceback could show an address with its password.
            logger.exception("this process can't go on")
            return 1
    logger.info("stopped")
    return 0


def run(settings: Settings, slot: Slot, stack: ExitStack) -> None:
    """Work until told to stop; what `stack` holds is then closed, the last thing opened first."""
    database = open_database(settings.database_url)
    stack.callback(database.close)
    redis = open_redis(settings.redis_url)
    stack.callback(redis.close)
    engine, specs, addons, device = _start_engine(settings, stack)
    tools = Tools(
        database=database,
        storage=open_storage(settings),
        engine=engine,
        publish=partial(publish, redis),
        engine_stopped=lambda: os.kill(os.getpid(), signal.SIGTERM),
        worker_id=slot.holder_id,
        lease_s=settings.lease_seconds,
    )
    info = WorkerInfo(id=slot.holder_id, host=socket.gethostname(), device=device)
    presence = Presence(info, specs, tools, addons)
    runner = _start_jobs(settings, tools, presence, stack)
    folders = (*settings.model_dirs, folder_of(settings.data_dir))
    watch = FolderWatch(folders, partial(_offer, settings, engine, presence))
    watch.start()
    stack.callback(watch.close)
    checks: Mapping[str, Check] = {
        "engine": lambda: _engine_check(engine, settings.watchdog_seconds),
        "models": lambda: _models_check(presence),
        "database": lambda: _database_check(database),
        "redis": lambda: CheckResult(bool(redis.ping())),
    }
    stack.enter_context(HealthServer(slot.process_name, settings, checks))
    logger.info("ready with %s on %s", _names(specs), device)
    serve(
        worker_app(settings.redis_url, runner.ring), f"{slot.process_name}@{info.host}", runner.stop_claiming
    )


def _start_engine(
    settings: Settings, stack: ExitStack
) -> tuple[Engine, list[ModelSpec], list[AddonSpec], str]:
    """The engine under its watchdog, what it can load, and the name of what it computes on."""
    # Before transformers is imported: it reads them then.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    # torch takes seconds to import; nothing that a bad setting could stop comes after it.
    from models.engine.engine import Engine
    from models.engine.fingerprint import hardware_name, pick_device
    from models.fits import this_machine
    from models.safety import studio_screen

    models, addons = _find(settings)
    device = pick_device(settings.device)
    engine = Engine(
        models,
        device=settings.device,
        max_width=settings.max_width,
        budget_bytes=this_machine(device, settings.memory_gib).budget,
        screen=studio_screen(settings.model_dirs, device),
        addons=addons,
    )
    watchdog = Watchdog(lambda: engine.last_tick, settings.watchdog_seconds)
    watchdog.start()
    stack.callback(watchdog.close)
    stack.callback(engine.close)
    abilities = _offered(settings, models, addons)
    return engine, *abilities, hardware_name(device)


def _find(settings: Settings) -> tuple[list[LocalModel], list[LocalAddon]]:
    """What lies in the model directories and fits in this machine's memory."""
    from models.addons import find_addons
    from models.catalogue import find_models
    from models.engine.fingerprint import pick_device
    from models.fits import this_machine
    from models.fitting import fitting

    models = find_models(settings.model_dirs, hash_cache=settings.data_dir / "hashes.json")
    machine = this_machine(pick_device(settings.device), settings.memory_gib)
    models = fitting(models, machine, cache=settings.data_dir / "memory.json")
    if not models:
        logger.error("there is no model in %s", ", ".join(map(str, settings.model_dirs)))
    return models, find_addons(settings.model_dirs, hash_cache=settings.data_dir / "addon-hashes.json")


def _offered(
    settings: Settings, models: list[LocalModel], addons: list[LocalAddon]
) -> tuple[list[ModelSpec], list[AddonSpec]]:
    """What the bot is told of, and whose terms wait for the owner."""
    from models.licences import licensed

    return (
        licensed([model.spec for model in models], settings.data_dir),
        licensed([addon.spec for addon in addons], settings.data_dir),
    )


def _offer(settings: Settings, engine: Engine, presence: Presence) -> None:
    """Look again at what there is, and tell of it: first the engine, which is then asked for it."""
    models, addons = _find(settings)
    engine.offer(models, addons)
    presence.offer(*_offered(settings, models, addons))
    logger.info("models: %s; add-ons: %d", _names([model.spec for model in models]), len(addons))


def _start_jobs(settings: Settings, tools: Tools, presence: Presence, stack: ExitStack) -> Runner:
    """Register, then claim jobs and look after their leases."""
    runner = Runner(
        tools,
        limit=2 * settings.max_width,
        look_every_s=0.25 if settings.embedded else 2.0,
    )
    leases = Leases(tools, presence, runner.running)
    presence.begin()
    leases.start()
    stack.callback(leases.close)
    runner.start()
    stack.callback(runner.close, _GRACE_S)
    return runner


def _names(specs: Sequence[ModelSpec]) -> str:
    return ", ".join(spec.name for spec in specs) or "no model"


def _engine_check(engine: Engine, limit_s: float) -> CheckResult:
    silent_s = time.monotonic() - engine.last_tick
    return CheckResult(silent_s < limit_s, f"last tick {silent_s:.1f} s ago, room for {engine.room}")


def _models_check(presence: Presence) -> CheckResult:
    return CheckResult(bool(presence.models), _names(presence.models))


def _database_check(database: Database) -> CheckResult:
    with database.read() as session:
        size = queue_size(session)
    return CheckResult(True, f"{size.queued} queued, {size.running} running")


if __name__ == "__main__":
    status = main()
    # Everything is closed, and taking torch's modules apart would last seconds longer.
    logging.shutdown()
    os._exit(status)
