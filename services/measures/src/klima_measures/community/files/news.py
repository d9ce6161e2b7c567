"""News as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

_ATOM = "http://www.w3.org/2005/Atom"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def news_feed(title: str, author: str, address: str, items: Sequence[Mapping[str, Any]]) -> bytes:
    """`items`: rows of press items, newest first; `address`: where the feed itself is found. Texts
    are plain text."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(_name("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": "de"})
    _text(feed, "id", address if address.startswith("http") else f"urn:klimakreis:news:{address}")
    _text(feed, "title", title)
    _text(feed, "updated", _moment(max((item["changed_at"] for item in items), default=EPOCH)))
    _text(ET.SubElement(feed, _name("author")), "name", author)
    ET.SubElement(
        feed, _name("link"), {"rel": "self", "href": address, "type": "application/atom+xml"}
    )
    for item in items:
        document = item["document"]
        entry = ET.SubElement(feed, _name("entry"))
        _text(entry, "id", f"urn:uuid:{item['id']}")
        _text(entry, "title", document["title"])
        _text(entry, "published", _moment(item["published_at"]))
        _text(entry, "updated", _moment(max(item["changed_at"], item["published_at"])))
        if document["url"]:
            ET.SubElement(entry, _name("link"), {"rel": "alternate", "href": document["url"]})
        content = ET.SubElement(entry, _name("content"), {"type": "text"})
        content.text = document["text"] or document["title"]
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _name(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, _name(name)).text = text


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
