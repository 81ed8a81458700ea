"""What a user of the OpenAI SDK does, in a process of its own: `sdk.py URL KEY OUT < texts.json`.

Vectors go to OUT as numpy arrays, everything else to standard output as JSON.
"""

import asyncio
import json
import sys
from typing import Any

import numpy as np
import openai
from numpy.typing import NDArray

MODEL = "all-MiniLM-L6-v2"
BAD: dict[str, dict[str, Any]] = {
    "empty": {"input": ""},
    "dimensions": {"input": "a", "dimensions": 100_000},
    "model": {"input": "a", "model": "text-embedding-3-large"},
    "large": {"input": "x" * 10_000_000},
}


def rows(answer: Any) -> NDArray[np.float64]:
    """Return vectors as the SDK hands them out, by their place in the list."""
    assert [one.index for one in answer.data] == list(range(len(answer.data)))
    return np.array([one.embedding for one in answer.data])


def together(client: openai.OpenAI, texts: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Embed all texts in one request, in each way."""
    default = client.embeddings.create(model=MODEL, input=texts)
    floats = client.embeddings.create(model=MODEL, input=texts, encoding_format="float")
    short = client.embeddings.create(model=MODEL, input=texts[:8], dimensions=64)
    found = client.models.list()
    told = {
        "model": default.model,
        "usage": default.usage.model_dump(),
        "request_id": default._request_id,
        "models": [one.id for one in found],
        "retrieved": client.models.retrieve(MODEL).id,
    }
    return {"default": rows(default), "floats": rows(floats), "short": rows(short)}, told


async def one_by_one(client: openai.AsyncOpenAI, texts: list[str]) -> NDArray[np.float64]:
    """Embed each text in a request of its own, at most 16 at a time."""
    places = asyncio.Semaphore(16)

    async def embed(text: str) -> list[float]:
        async with places:
            answer = await client.embeddings.create(model=MODEL, input=text)
        return answer.data[0].embedding

    async with client:
        return np.array(await asyncio.gather(*map(embed, texts)))


def refused(client: openai.OpenAI, body: dict[str, Any]) -> dict[str, Any]:
    """Return what the SDK raises for a bad request."""
    try:
        client.embeddings.create(**{"model": MODEL, **body})
    except openai.APIStatusError as error:
        return {
            "class": type(error).__name__,
            "status": error.status_code,
            "code": error.code,
            "param": error.param,
            "request_id": error.request_id,
            "message": error.message,
        }
    return {}


def main() -> None:
    url, key, out = sys.argv[1:]
    texts = json.load(sys.stdin)
    with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client:
        vectors, told = together(client, texts)
        told["refused"] = {name: refused(client, body) for name, body in BAD.items()}
    asked = openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=0)
    vectors["alone"] = asyncio.run(one_by_one(asked, texts))
    np.savez(out, **vectors)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
