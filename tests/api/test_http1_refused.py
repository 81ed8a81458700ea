"""What is refused before it is a request, since two readers might take it differently."""

import json

import pytest

from .echo import client_of

STRANGE = {
    "bare newlines": b"GET / HTTP/1.1\nhost: x\na: b\n\n",
    "a newline in a value": b"GET / HTTP/1.1\r\nhost: x\r\na: b\nc: d\r\n\r\n",
    "a lone carriage return": b"GET / HTTP/1.1\r\nhost: x\r\na: b\rc\r\n\r\n",
    "a folded line": b"GET / HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length : 3\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n",
    "no name": b"GET / HTTP/1.1\r\nhost: x\r\n: b\r\n\r\n",
    "a NUL": b"GET / HTTP/1.1\r\nhost: x\r\na: \0\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
    "a list of lengths": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3, 3\r\n\r\nabc",
    "a signed length": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +3\r\n\r\nabc",
    "an endless length": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999999\r\n\r\n",
    "a length and chunks": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n"
    b"transfer-encoding: chunked\r\n\r\n",
    "chunks of another coding": b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
    "chunks of an old client": b"POST / HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "another version": b"GET / HTTP/2.0\r\nhost: x\r\n\r\n",
    "an unknown method": b"FOO / HTTP/1.1\r\nhost: x\r\n\r\n",
    "a tunnel": b"CONNECT a:80 HTTP/1.1\r\nhost: x\r\n\r\n",
    "a path that is no URL": b"GET a HTTP/1.1\r\nhost: x\r\n\r\n",
    "a path that is not ASCII": b"GET /\xc3\xa4 HTTP/1.1\r\nhost: x\r\n\r\n",
    "a broken chunk": b"POST /slow HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "many large headers": b"GET / HTTP/1.1\r\nhost: x\r\n"
    + b"x: "
    + b"y" * 5000
    + b"\r\n" * 1
    + (b"x: " + b"y" * 5000 + b"\r\n") * 3
    + b"\r\n",
    "a large header": b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 100_000,
}


@pytest.mark.parametrize("case", STRANGE)
async def test_what_readers_may_take_differently_is_refused(case: str) -> None:
    async with client_of() as client:
        head, body = await client.ask(STRANGE[case])
        assert head.split()[1] in (b"400", b"431", b"501")
        assert b"\r\nconnection: close\r\n" in head
        assert json.loads(body)["error"]["message"]
        assert await client.ends()
