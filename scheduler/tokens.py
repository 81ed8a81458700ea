"""What only the tokenizer does: texts to tokens, ids to texts; of any model, whatever its tasks."""

from collections.abc import Sequence

from vectord.core import SimpleToken
from vectord.errors import InvalidRequest

from .checks import check_texts
from .encoder import Encoder
from .prompt import Prompt
from .served import Served

# No model's limit holds here, but a text may have a token for each byte, which takes some 100 itself, and
# while the tokens of one text become objects nothing else runs.
MOST = 1_000_000
MOST_OF_ONE = 250_000


async def tokenize(
    served: Served, encoder: Encoder, texts: Sequence[str], special_tokens: bool, prompt: Prompt
) -> list[list[SimpleToken]]:
    """Return each text's tokens after the prompt. Raises `InvalidRequest`, `EmptyInput`."""
    check_texts(texts, "inputs")
    before = served.prompt(prompt)
    asked = [before + text for text in texts]
    check_size([len(text.encode()) for text in asked], "inputs", "bytes of text")
    return await encoder.tokens(served, asked, special_tokens)


async def decode(
    served: Served, encoder: Encoder, rows: Sequence[Sequence[int]], skip_special_tokens: bool
) -> list[str]:
    """Return the text of each row of token ids. Raises `InvalidRequest`, `EmptyInput`."""
    check_texts(rows, "ids")
    check_size([len(row) for row in rows], "ids", "token ids")
    return await encoder.decoded(served, list(rows), skip_special_tokens)


def check_size(sizes: Sequence[int], param: str, unit: str) -> None:
    """Refuse more than one request may have, or one of its inputs."""
    for what, size, most in (("one input", max(sizes), MOST_OF_ONE), ("all inputs", sum(sizes), MOST)):
        if size > most:
            raise InvalidRequest(f"{param}: {what} may hold {most} {unit}, not {size}", param=param)
