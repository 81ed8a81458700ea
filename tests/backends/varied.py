"""Forty texts as users send them: many scripts, odd characters, very long and very short."""

LONG_WORD = "pneumono" * 60
WORDS = (
    "the model reads every token of a document and gives one vector which the index keeps until "
    "somebody asks for what is near to it in meaning rather than in spelling"
).split()

TEXTS = (
    "a",
    "Hello, world!",
    "What is the capital of France?",
    "The quick brown fox jumps over the lazy dog.",
    "SHOUTING IN CAPITALS, THEN whispering",
    "café naïve Zürich Ångström façade",
    "cafe\u0301 nai\u0308ve: combining characters, e\u0302\u0323 stacked",
    "Z\u0351\u036b\u0343a\u0363\u0368l\u0309\u0311g\u0360\u0338o",
    "Добрый день, как дела?",
    "Η γρήγορη καφέ αλεπού",
    "שלום עולם, מה שלומך היום?",
    "مرحبا بالعالم، كيف حالك؟",
    "mixed עברית and English عربي in one line",
    "机器学习是人工智能的一个分支。",
    "日本語のテキストです。カタカナとひらがな。",
    "한국어 문장도 하나 있습니다.",
    "नमस्ते दुनिया, आप कैसे हैं?",
    "สวัสดีชาวโลก ภาษาไทยไม่มีช่องว่าง",
    "🙂🚀🔥 emoji 👩‍👩‍👧‍👦 family and 🇫🇷 flag",
    "👍🏽",
    "\U0001d4d5\U0001d4ea\U0001d4f7\U0001d4ec\U0001d502 mathematical letters and ﬁ ligatures",
    "full width ＡＢＣ１２３ and half width ｶﾀｶﾅ",
    "def add(a: int, b: int) -> int:\n    return a + b\n",
    "SELECT name, COUNT(*) FROM users WHERE age >= 18 GROUP BY name;",
    '{"key": [1, 2.5, null], "nested": {"a": "b"}}',
    "<html><body class='x'>&lt;escaped&gt; &amp; more</body></html>",
    "https://example.org/path?query=1&other=%20#fragment",
    "   leading and trailing   ",
    "   \t\n  ",
    "tabs\tand\nnew lines\r\nand\u00a0odd\u2003spaces\u200band none",
    "control \x00 characters \x01\x02 \x7f and \ufffd replacement \ufeff mark",
    "3.14159 2,718,281 1e-12 0x1F 42% $99.99 ½ ² №7",
    "2024-02-29T23:59:60Z +49 (0)30 1234-5678",
    "!!! ??? ... --- *** ### @@@",
    "[CLS] special [SEP] tokens [MASK] as [PAD] text [UNK]",
    "x" * 99 + " " + "y" * 101,
    LONG_WORD,
    "line one\nline two\n\nline four " * 12,
    " ".join(WORDS[index % len(WORDS)] for index in range(300)),
    " ".join(WORDS[index * index % len(WORDS)] for index in range(5000)),
)
