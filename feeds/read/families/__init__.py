"""Content families: what the content systems of public portals have in common, one file per family, one shape.

recognise -> listing (rows of the page, or an answer of data) -> next page -> article (hints). `shape.Family` is the
shape, `registry.FAMILIES` holds them in the order in which they are asked.
"""
