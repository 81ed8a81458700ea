"""OpenAI's dialect, with OpenAI's SDK: pip install openai"""

from openai import OpenAI

client = OpenAI(base_url="http://127.0.0.1:8080/v1", api_key="unused")
answer = client.embeddings.create(
    model="all-MiniLM-L6-v2", input=["a first text", "a second text"], dimensions=64
)
print(len(answer.data), len(answer.data[0].embedding))  # 2 64
