"""OpenAI's dialect, with LangChain: pip install langchain-openai

LangChain sends OpenAI's token ids: serve with --token-ids tiktoken:cl100k_base (with 'vectord[tiktoken]'),
or let it send texts as here.
"""

from langchain_openai import OpenAIEmbeddings

embeddings = OpenAIEmbeddings(
    model="all-MiniLM-L6-v2",
    base_url="http://127.0.0.1:8080/v1",
    api_key="unused",
    check_embedding_ctx_length=False,
)
print(len(embeddings.embed_query("a text")))  # 384
