"""sentence-transformers' `encode` at its defaults, a process of its own. Commands come on standard input."""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Answer each line of input with the seconds of one run."""
    from sentence_transformers import SentenceTransformer

    path, file = sys.argv[1:3]
    texts = json.loads(Path(file).read_text())
    model = SentenceTransformer(path, device="cpu")
    model.encode(texts[:32])
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        model.encode(texts)
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main()
