"""What is told to a client whose request could not even be read; the connection ends with it."""

from vectord.errors import RequestError

from .encode import encode
from .failures import openai_body
from .framing import Framing


def refusal(error: RequestError, method: bytes = b"") -> bytes:
    """Return an answer in OpenAI's shape, as bytes."""
    body = encode(openai_body(error, ""))
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    framing = Framing(method.decode(), "1.1", keeps_alive=False)
    return framing.head(error.status, headers) + framing.body(body, last=True)
