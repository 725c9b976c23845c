from __future__ import annotations

from pathlib import Path

import pytest

CERTIFICATES = Path(__file__).parent.parent / "fetch" / "certificates"


@pytest.fixture
def _trust(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the test certificate of localhost, the way an operator adds an authority: OpenSSL's own variable."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "localhost.pem"))
