"""The ways of talking TLS to a portal. Certificates are verified in every one of them."""

from __future__ import annotations

import ssl

import certifi


def make_context(mode: str) -> ssl.SSLContext:
    """Return the TLS context of a portal's mode: `strict`, `legacy` or `http`.

    `legacy` admits servers that know no secure renegotiation, old protocol versions and short keys: OpenSSL 3 refuses
    them (UNSAFE_LEGACY_RENEGOTIATION_DISABLED, DH_KEY_TOO_SMALL). `http` trusts nobody: it is there for http only.
    """
    if mode == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())  # slim containers have no authorities of their own
    if mode == "legacy":
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.options |= _OP_LEGACY_SERVER_CONNECT
    return context


_OP_LEGACY_SERVER_CONNECT = 0x4
"""SSL_OP_LEGACY_SERVER_CONNECT of openssl/ssl.h; Python has the name only from 3.12 on."""
