"""`feeds schema`: the shape of the configuration, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from feeds.cli.context import print_json
from feeds.config.portals import PortalFile
from feeds.config.settings import Settings


def schema(
    portal: Annotated[bool, typer.Option("--portal", help="门户文件 · of portals/NAME.toml instead")] = False,
) -> None:
    """打印 feeds.toml 的 JSON Schema，供编辑器补全和检查。 Prints the JSON Schema of feeds.toml for editors.

    Example: feeds schema > feeds.schema.json
    """
    shape = PortalFile.model_json_schema() if portal else Settings.model_json_schema()
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "portals/NAME.toml" if portal else "feeds.toml",
    }
    print_json(shape | about)
