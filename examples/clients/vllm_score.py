"""vLLM's dialect: its /score has no client of its own, so with httpx: pip install httpx"""

import httpx

answer = httpx.post(
    "http://127.0.0.1:8080/score",
    json={
        "model": "all-MiniLM-L6-v2",
        "text_1": "What is the capital of France?",
        "text_2": ["Bananas are yellow.", "Paris is the capital of France."],
    },
)
scores = [one["score"] for one in answer.json()["data"]]
print(scores.index(max(scores)))  # 1
