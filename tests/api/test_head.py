import pytest

from vectord.api.head import split

PLAIN = (
    b"POST /embed HTTP/1.1\r\nHost: x\r\nX-Request-ID:  a b \t\r\nContent-Length: 2\r\nAccept:\r\n"
    b"accept: */*\r\nx-name: caf\xc3\xa9\r\n\r\n{}"
)


def test_what_frames_a_request_stays_and_the_rest_is_set_aside() -> None:
    judged, aside = split(PLAIN)
    assert judged == b"POST /embed HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    assert aside == [
        (b"x-request-id", b"a b"),
        (b"accept", b""),
        (b"accept", b"*/*"),
        (b"x-name", b"caf\xc3\xa9"),
    ]


STRANGE = {
    "half": PLAIN[:40],
    "no headers": b"GET / HTTP/1.1\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "bare newlines": b"GET / HTTP/1.1\nhost: x\na: b\n\r\n\r\n",
    "a newline in a value": b"GET / HTTP/1.1\r\nhost: x\r\na: b\nc: d\r\n\r\n",
    "a lone carriage return": b"GET / HTTP/1.1\r\nhost: x\r\na: b\rc\r\n\r\n",
    "a folded line": b"GET / HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length : 3\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n",
    "no name": b"GET / HTTP/1.1\r\nhost: x\r\n: b\r\n\r\n",
    "a NUL": b"GET / HTTP/1.1\r\nhost: x\r\na: \0\r\n\r\n",
    "an empty line first": b"\r\nGET / HTTP/1.1\r\nhost: x\r\na: b\r\n\r\n",
    "an upgrade": b"GET / HTTP/1.1\r\nhost: x\r\na: b\r\nUpgrade: websocket\r\n\r\n",
}


@pytest.mark.parametrize("case", STRANGE)
def test_what_is_not_plain_is_left_to_h11(case: str) -> None:
    assert split(STRANGE[case]) == (STRANGE[case], [])


@pytest.mark.parametrize("name", [b"Transfer-Encoding", b"TRANSFER-ENCODING", b"content-length", b"Expect"])
def test_no_spelling_hides_a_framing_header(name: bytes) -> None:
    data = b"POST / HTTP/1.1\r\nhost: x\r\n%b: 1\r\n\r\n" % name
    assert split(data) == (data, [])
