"""The configuration: TOML and environment in, frozen values out, every fault at once.

`feeds.toml` becomes `Settings`; each `portals/*.toml` beside it becomes a `Portal` of the model. Nothing here opens a
database or a socket: whether the values work is for `feeds doctor` to say, whether they make sense is said here.
"""

from feeds.config.load import find_config, load_configuration, load_portals, load_settings
from feeds.config.settings import (
    AdminSettings,
    AlertSettings,
    DkimSettings,
    FileSettings,
    MailSettings,
    PollSettings,
    PublishSettings,
    Settings,
    Site,
    StoreSettings,
    WebSettings,
)

__all__ = [
    "AdminSettings",
    "AlertSettings",
    "DkimSettings",
    "FileSettings",
    "MailSettings",
    "PollSettings",
    "PublishSettings",
    "Settings",
    "Site",
    "StoreSettings",
    "WebSettings",
    "find_config",
    "load_configuration",
    "load_portals",
    "load_settings",
]
