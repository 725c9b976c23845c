"""The database: domain rows that are the truth, and the claims on them. The only room that knows SQL."""
