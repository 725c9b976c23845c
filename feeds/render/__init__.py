"""Facts in, bytes out: feeds (RSS, Atom, JSON Feed), OPML, mail. Pure."""
