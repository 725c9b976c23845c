"""What a visitor asks: feeds, pages, signing up and out, status. Looking never writes. Begin with `app`."""
