"""Requests in any number, of any framing, cut anywhere, and with bytes that went wrong on the way."""

import asyncio
import json
import random

import pytest

from .echo import HOST, Client, client_of


def request(chance: random.Random, number: int) -> tuple[bytes, str]:
    """Return a request and the body that it carries."""
    body = "".join(chance.choices("abc\r\n{}: ", k=chance.choice((0, 1, 30, 3000))))
    head = b"POST /%d HTTP/1.1\r\n" % number + HOST
    head += b"".join(b"x-%d: %b\r\n" % (n, b"v" * chance.randint(0, 60)) for n in range(chance.randint(0, 9)))
    if chance.random() < 0.5:
        return head + b"content-length: %d\r\n\r\n" % len(body) + body.encode(), body
    chunks, left = [], body
    while left:
        size = chance.randint(1, len(left))
        chunks.append(b"%x\r\n%b\r\n" % (size, left[:size].encode()))
        left = left[size:]
    return head + b"transfer-encoding: chunked\r\n\r\n" + b"".join(chunks) + b"0\r\n\r\n", body


async def send(client: Client, data: bytes, chance: random.Random) -> None:
    """Write in parts that end anywhere."""
    start = 0
    while start < len(data):
        end = start + chance.choice((1, 2, 17, 400, 70_000))
        client.writer.write(data[start:end])
        if chance.random() < 0.3:
            await asyncio.sleep(0)
        start = end


@pytest.mark.parametrize("seed", range(12))
async def test_every_request_gets_its_answer_in_turn(seed: int) -> None:
    chance = random.Random(seed)
    async with client_of() as client:
        asked = [request(chance, number) for number in range(chance.randint(1, 30))]
        sent = b"".join(data for data, _ in asked)
        await asyncio.gather(send(client, sent, chance), answered(client, [body for _, body in asked]))


async def answered(client: Client, bodies: list[str]) -> None:
    for number, body in enumerate(bodies):
        head, answer = await asyncio.wait_for(client.answer(), 10)
        assert head.startswith(b"http/1.1 200 ")
        seen = json.loads(answer)
        assert (seen["path"], seen["body"]) == (f"/{number}", body)


@pytest.mark.parametrize("seed", range(12))
async def test_wrong_bytes_end_a_connection_and_hold_nothing_up(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(8):
        data = bytearray(request(chance, 0)[0] + request(chance, 1)[0])
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        async with client_of() as client:
            client.writer.write(bytes(data))
            client.writer.write_eof()  # what is not complete never will be
            answers = await asyncio.wait_for(client.reader.read(), 10)
            assert not answers or answers.startswith(b"HTTP/1.1 ")
    async with client_of() as client:
        assert (await client.ask(request(chance, 0)[0]))[0].startswith(b"http/1.1 200 ")
