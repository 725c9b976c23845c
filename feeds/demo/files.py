"""Files of the portal: small attachments of the right kind, and its pictures."""

from __future__ import annotations

import hashlib
import io
import zipfile
from importlib import resources

TYPES = {
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "pdf": "application/pdf",
    "rar": "application/x-rar-compressed",
    "gif": "image/gif",
    "jpg": "image/jpeg",
}
_OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff0900")
_RAR = b"Rar!\x1a\x07\x00\xcf\x90\x73\x00\x00\x0d\x00\x00\x00\x00\x00\x00\x00"
_PDF = (
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n% {mark}\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_SECTOR = 512


def make_file(path: str) -> tuple[str, bytes]:
    """Return MIME type and bytes of an upload, by its path: the right magic, and always the same."""
    name = path.rpartition("/")[2]
    ending = name.rpartition(".")[2].lower()
    mark = hashlib.sha256(name.encode()).hexdigest()
    kind = TYPES.get(ending, "application/octet-stream")
    if ending == "jpg":
        return kind, read_image(name.rpartition("_")[2])[1]
    if ending == "pdf":
        return kind, _PDF.format(mark=mark).encode()
    if ending == "docx":
        return kind, _zip_words(mark)
    head = _RAR if ending == "rar" else _OLE
    return kind, head + mark.encode() + bytes(_SECTOR * 2 - len(head) - len(mark))


def read_image(name: str) -> tuple[str, bytes]:
    """Return MIME type and bytes of a picture of the package.

    Raises FileNotFoundError for a name that is not there.
    """
    if "/" in name or not name.endswith((".gif", ".jpg")):
        raise FileNotFoundError(name)
    image = resources.files("feeds.demo") / "images" / name
    return TYPES[name[-3:]], image.read_bytes()


def _zip_words(mark: str) -> bytes:
    """Return a Word document without words."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as folder:
        for name, text in (
            ("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
            ("word/document.xml", f"<!-- {mark} -->"),
        ):
            # A fixed date: the same bytes at every request.
            folder.writestr(zipfile.ZipInfo(name, (2022, 1, 1, 0, 0, 0)), text)
    return held.getvalue()
