"""The texts of `feeds/text`, loaded once for whoever renders."""

from __future__ import annotations

from importlib import resources

import jinja2


def load_templates() -> jinja2.Environment:
    """Return the environment of all templates, `mail/...` and `pages/...`: HTML escaped, a missing name an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(resources.files("feeds") / "text")),
        autoescape=jinja2.select_autoescape(("html", "html.j2"), ("txt", "txt.j2"), default_for_string=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
