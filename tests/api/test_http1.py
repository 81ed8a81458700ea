"""HTTP/1.1 over real sockets, with an app that says what it saw."""

import asyncio
import json
import time

import pytest
from starlette.types import Message, Receive, Scope, Send

from vectord.api.framing import Framing

from .echo import HOST, body_of, client_of, get, post


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x;a=b\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nx-trailer: y\r\n\r\n"


@pytest.mark.parametrize("step", [0, 1, 7])
async def test_requests_are_read_however_they_are_cut(step: int) -> None:
    async with client_of() as client:
        for data, seen in (
            (post(b"hello"), "hello"),
            (post(b""), ""),
            (
                b"POST /a HTTP/1.1\r\n"
                + HOST
                + b"Transfer-Encoding: Chunked\r\n\r\n"
                + chunked(b"he", b"llo"),
                "hello",
            ),
            (get("/a"), ""),
        ):
            head, body = await client.ask(data, step=step)
            assert head.startswith(b"http/1.1 200 ok\r\n")
            assert b"\r\ndate: " in head
            assert json.loads(body)["body"] == seen


async def test_paths_queries_and_headers_arrive_as_they_were_sent() -> None:
    async with client_of() as client:
        _, body = await client.ask(get("/a%20b/c?d=%26&e", "X-One:  two \t"))
        seen = json.loads(body)
        assert (seen["path"], seen["query"]) == ("/a b/c", "d=%26&e")
        assert ["x-one", "two"] in seen["headers"]
        _, body = await client.ask(get("http://elsewhere:80/a?b"))
        assert (json.loads(body)["path"], json.loads(body)["query"]) == ("/a", "b")
        _, body = await client.ask(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n")
        assert json.loads(body)["path"] == "*"


async def test_pipelined_requests_are_answered_in_turn() -> None:
    async with client_of() as client:
        client.writer.write(
            b"".join(get("/slow" if n == 0 else f"/{n}") for n in range(40)) + b"garbage\r\n\r\n"
        )
        paths = [json.loads((await client.answer())[1])["path"] for _ in range(40)]
        assert paths == ["/slow", *(f"/{n}" for n in range(1, 40))]
        head, _ = await client.answer()
        assert head.startswith(b"http/1.1 400 ")
        assert await client.ends()


async def test_a_server_that_says_close_forgets_what_is_behind() -> None:
    async with client_of() as client:
        head, body = await client.ask(get("/close") + get("/a") * 5)
        assert b"\r\nconnection: close\r\n" in head
        assert json.loads(body)["path"] == "/close"
        assert await client.ends()
        began = time.monotonic()
    # a connection that went on waiting would be cut off after a second
    assert time.monotonic() - began < 0.8


async def test_old_clients_keep_a_connection_if_they_ask_for_it() -> None:
    async with client_of() as client:
        head, _ = await client.ask(get("/a", "connection: keep-alive", version="1.0"))
        assert b"\r\nconnection: keep-alive\r\n" in head
        head, _ = await client.ask(get("/a", version="1.0"))
        assert b"\r\nconnection: close\r\n" in head
        assert await client.ends()


async def test_a_client_that_says_close_is_left_after_its_answer() -> None:
    async with client_of() as client:
        head, body = await client.ask(get("/a", "connection: close") + get("/b"))
        assert b"\r\nconnection: close\r\n" in head
        assert json.loads(body)["path"] == "/a"
        assert await client.ends()


async def test_an_answer_of_unknown_length_is_chunked_or_ends_its_connection() -> None:
    async with client_of() as client:
        head, body = await client.ask(get("/streamed"))
        assert b"transfer-encoding: chunked" in head
        assert json.loads(body)["path"] == "/streamed"
        client.writer.write(get("/streamed", version="1.0"))
        answer = (await client.reader.read()).partition(b"\r\n\r\n")
        assert json.loads(answer[2])["path"] == "/streamed"


async def test_a_head_has_no_body() -> None:
    async with client_of() as client:
        for path in ("/a", "/streamed"):
            client.writer.write(get(path).replace(b"GET", b"HEAD"))
            head = await client.reader.readuntil(b"\r\n\r\n")
            assert (b"content-length" in head) == (path == "/a")
        _, body = await client.ask(get("/b"))
        assert json.loads(body)["path"] == "/b"


async def test_leave_to_send_is_given_when_the_body_is_wanted() -> None:
    async with client_of() as client:
        client.writer.write(post(b"hello", "expect: 100-continue")[: -len(b"hello")])
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        _, body = await client.ask(b"hello")
        assert json.loads(body)["body"] == "hello"
        head, _ = await client.ask(post(b"hello", "expect: 100-continue", path="/unread")[: -len(b"hello")])
        assert head.startswith(b"http/1.1 200 ")
        assert await client.ends()


async def test_a_wish_for_another_protocol_costs_no_body() -> None:
    wish = (
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
    )
    async with client_of() as client:
        _, body = await client.ask(post(b"hello", *wish) + post(b"again", path="/b"))
        assert json.loads(body)["body"] == "hello"
        assert json.loads((await client.answer())[1])["body"] == "again"
        client.writer.write(get("/a", *wish))
        assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert (await client.reader.read(9))[3:4] == b"\4"  # SETTINGS (RFC 9113, 6.5)


async def test_an_answer_that_breaks_off_ends_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/short", "/two-lines", "/fail"):
        async with client_of() as client:
            client.writer.write(get(path) + get("/b"))
            data = await client.reader.read()
            assert b"/b" not in data
            assert data.startswith(b"HTTP/1.1 200 " if path == "/short" else b"HTTP/1.1 500 ")
    assert "secret" not in caplog.text


async def test_a_client_that_leaves_is_noticed_whatever_it_has_sent() -> None:
    left = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = [await receive()]
        while messages[-1]["type"] != "http.disconnect":
            messages.append(await receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        left.set()

    for sent in (get("/a"), post(b"hello")[:-2], post(b"hello")):
        left.clear()
        async with client_of(app) as client:
            client.writer.write(sent)
            await asyncio.sleep(0.05)
            client.writer.close()
            await asyncio.wait_for(left.wait(), 5)


async def test_a_body_that_nobody_takes_is_not_kept_in_memory() -> None:
    taken, go = 0, asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal taken
        await go.wait()
        taken = len(await body_of(receive))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    size = 40_000_000
    async with client_of(app) as client:
        client.writer.write(b"POST / HTTP/1.1\r\n" + HOST + b"content-length: %d\r\n\r\n" % size)
        sending = asyncio.create_task(send_all(client.writer, size))
        await asyncio.sleep(0.3)
        assert not sending.done()  # the kernel's buffers are full, since nobody reads
        go.set()
        assert (await client.answer())[0].startswith(b"http/1.1 204 ")
        await sending
    assert taken == size


async def send_all(writer: asyncio.StreamWriter, size: int) -> None:
    for _ in range(size // 100_000):
        writer.write(b"x" * 100_000)
        await writer.drain()


def test_a_body_longer_than_was_said_is_cut() -> None:
    framing = Framing("GET", "1.1", keeps_alive=True)
    framing.head(200, [(b"content-length", b"3")])
    assert framing.body(b"ab", last=False) + framing.body(b"cd", last=True) == b"abc"
    assert not framing.closes
