"""A name server for tests: real datagrams on loopback, from a table; what is not in it does not exist."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Table = Mapping[tuple[str, str], list[str]]
"""Name and kind to records as a zone file has them."""
SILENT, BROKEN = ["(silent)"], ["(broken)"]


class _Server(asyncio.DatagramProtocol):
    def __init__(self, table: Table) -> None:
        self._table = table
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        if answer := answer_query(self._table, dns.message.from_wire(data)):
            self._transport.sendto(answer.to_wire(), addr)


def answer_query(table: Table, query: dns.message.Message) -> dns.message.Message | None:
    """Return what a server says of a query; None: it stays silent."""
    question = query.question[0]
    name, kind = str(question.name).rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
    records = table.get((name, kind), [])
    if records == SILENT:
        return None
    answer = dns.message.make_response(query, recursion_available=True)
    if records == BROKEN:
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif records:
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
    elif not any(known == name for known, _ in table):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer


@asynccontextmanager
async def serve_names(table: Table) -> AsyncIterator[str]:
    """Serve a table on loopback; yields ADDRESS:PORT."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Server(table), local_addr=("127.0.0.1", 0))
    try:
        yield f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()
