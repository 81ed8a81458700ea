"""Peers that are libraries, behind a minimal server: a script for the venv that holds the peer.

`python bench/peer.py sentence-transformers|fastembed FOLDER PORT`. One request is one call of the library,
at its defaults, one call at a time. vectord is not imported: fastembed needs another hub library.
"""

import asyncio
import base64
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Encode = Callable[[list[str]], Any]


def sentence_transformers(folder: str) -> Encode:
    from sentence_transformers import SentenceTransformer

    encode: Encode = SentenceTransformer(folder, device="cpu").encode
    return encode


def fastembed(folder: str) -> Encode:
    """Return fastembed's own path to a model of one's own; its files lie in the folder (bench/export.py)."""
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    about = orjson.loads((Path(folder) / "peer.json").read_bytes())
    TextEmbedding.add_custom_model(
        model="bench/model",
        pooling=PoolingType[about["pooling"]],
        normalization=about["normalize"],
        sources=ModelSource(hf="bench/model"),
        dim=about["width"],
        model_file="model.onnx",
    )
    model = TextEmbedding("bench/model", specific_model_path=folder)
    return lambda texts: list(model.embed(texts))


def app(encode: Encode) -> Starlette:
    """Return a server of OpenAI's route."""
    one_at_a_time = ThreadPoolExecutor(1)

    async def embeddings(request: Request) -> Response:
        asked = orjson.loads(await request.body())["input"]
        texts = [asked] if isinstance(asked, str) else asked
        rows = await asyncio.get_running_loop().run_in_executor(one_at_a_time, encode, texts)
        data = [
            {"object": "embedding", "index": index, "embedding": base64.b64encode(row.astype("<f4")).decode()}
            for index, row in enumerate(rows)
        ]
        return Response(orjson.dumps({"object": "list", "data": data}), media_type="application/json")

    return Starlette(routes=[Route("/v1/embeddings", embeddings, methods=["POST"])])


if __name__ == "__main__":
    kind, folder, port = sys.argv[1:4]
    encode = {"sentence-transformers": sentence_transformers, "fastembed": fastembed}[kind](folder)
    uvicorn.run(app(encode), host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
