"""Inputs of one to more than a hundred tokens, and the words that the tiny vocabularies are made of."""

TEXTS = (
    "a",
    "hello world",
    "What is the capital of France?",
    "Paris is the capital and most populous city of France.",
    "The quick brown fox jumps over the lazy dog, then it sleeps under an old oak tree.",
    "def add(a, b):\n    return a + b",
    "Où est la bibliothèque ? Elle est près de la gare.",
    "机器学习 모델 שלום 🙂 and 12 numbers: 3.1415, 2,718",
    "  whitespace\t\tis   content \n",
    " ".join(["Vector search compares the query with every document and returns the nearest."] * 4),
    " ".join(["A long document talks about cats, rivers, trains, ships and the weather."] * 7),
)

QUERIES = ("what is the capital of france", "how do vector search engines work", "fox")
PAIRS = tuple((QUERIES[index % len(QUERIES)], text) for index, text in enumerate(TEXTS))

COMMON = (
    "the of and to in is that for it as was with be by on not he his but at are this have from or had an "
    "they which one you were all her she there would their we him been has when who will no more if out so "
    "up said what its about than into them can only other time new some could these two may first then do "
    "any like my now over such our man me even most made after also did many off before must well back "
    "query document vector model token embedding server capital search result score rank yes no user answer"
)

CORPUS = (*TEXTS, *QUERIES, *COMMON.split(), "Instruct: Given a web search query, retrieve passages\nQuery:")
