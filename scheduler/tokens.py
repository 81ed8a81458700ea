"""What only the tokenizer does: texts to tokens, ids to texts; of any model, whatever its tasks."""

from collections.abc import Sequence, Sized

from vectord.core import SimpleToken
from vectord.errors import InvalidRequest

from .checks import check_texts
from .encoder import Encoder
from .prompt import Prompt
from .served import Served

# a text may have a token for each character, and each token takes some 100 bytes
MOST = 1_000_000


async def tokenize(
    served: Served, encoder: Encoder, texts: Sequence[str], special_tokens: bool, prompt: Prompt
) -> list[list[SimpleToken]]:
    """Return each text's tokens after the prompt. Raises `InvalidRequest`, `EmptyInput`."""
    check_texts(texts, "inputs")
    before = served.prompt(prompt)
    asked = [before + text for text in texts]
    check_size(asked, "inputs", "characters")
    return await encoder.tokens(served, asked, special_tokens)


async def decode(
    served: Served, encoder: Encoder, rows: Sequence[Sequence[int]], skip_special_tokens: bool
) -> list[str]:
    """Return the text of each row of token ids. Raises `InvalidRequest`, `EmptyInput`."""
    check_texts(rows, "ids")
    check_size(rows, "ids", "token ids")
    return await encoder.decoded(served, list(rows), skip_special_tokens)


def check_size(inputs: Sequence[Sized], param: str, unit: str) -> None:
    """Refuse more than one request may have: no model's limit holds here."""
    size = sum(map(len, inputs))
    if size > MOST:
        raise InvalidRequest(f"{param} hold {size} {unit}; one request takes at most {MOST}", param=param)
