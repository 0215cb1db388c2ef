"""Slash commands, a file each. A new command is one cog here and its action."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from discord.ext import commands

from bot.cogs.access import AccessCog
from bot.cogs.admin import AdminCog
from bot.cogs.audit import AuditCog
from bot.cogs.cancel import CancelCog
from bot.cogs.catalogue import CatalogueCog
from bot.cogs.collection import CollectionCog
from bot.cogs.compare import CompareCog
from bot.cogs.contest import ContestCog
from bot.cogs.control import ControlCog
from bot.cogs.describe import DescribeCog
from bot.cogs.filter import FilterCog
from bot.cogs.gallery import GalleryCog
from bot.cogs.grid import GridCog
from bot.cogs.help import HelpCog
from bot.cogs.history import HistoryCog
from bot.cogs.imagine import ImagineCog
from bot.cogs.img2img import Img2ImgCog
from bot.cogs.inpaint import InpaintCog
from bot.cogs.job import JobCog
from bot.cogs.mod import ModCog
from bot.cogs.outpaint import OutpaintCog
from bot.cogs.privacy import PrivacyCog
from bot.cogs.queue import QueueCog
from bot.cogs.quota import QuotaCog
from bot.cogs.reference import ReferenceCog
from bot.cogs.reports import ReportsCog
from bot.cogs.restore import RestoreCog
from bot.cogs.settings import SettingsCog
from bot.cogs.style import StyleCog
from bot.cogs.takedown import TakedownCog
from bot.cogs.tree import TreeCog
from bot.cogs.upscale import UpscaleCog
from bot.cogs.why import WhyCog

if TYPE_CHECKING:
    from bot.client import Atelier

COGS: tuple[Callable[[Atelier], commands.Cog], ...] = (
    HelpCog,
    ImagineCog,
    Img2ImgCog,
    InpaintCog,
    OutpaintCog,
    ControlCog,
    ReferenceCog,
    GridCog,
    UpscaleCog,
    RestoreCog,
    DescribeCog,
    CatalogueCog,
    HistoryCog,
    TreeCog,
    CompareCog,
    GalleryCog,
    CollectionCog,
    ContestCog,
    JobCog,
    CancelCog,
    QueueCog,
    WhyCog,
    QuotaCog,
    ModCog,
    FilterCog,
    AccessCog,
    ReportsCog,
    TakedownCog,
    AuditCog,
    SettingsCog,
    StyleCog,
    AdminCog,
    PrivacyCog,
)
