"""What happens to a text before it is cut into tokens, where other files speak beside tokenizer.json.

transformers makes the normalizer of WordPiece tokenizers anew from tokenizer_config.json, whatever
tokenizer.json says, and sentence-transformers may lower-case before it. A model was trained so.
"""

from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer, Lowercase, Normalizer, Sequence

from .config import Config
from .sentence import lower_cases

CONFIG = "tokenizer_config.json"
# tokenizer classes that are made anew, without "Fast", and the model types that mean one of them
WORD_PIECE = {"BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MPNetTokenizer"}
WORD_PIECE_TYPES = {"bert", "distilbert", "electra", "mpnet", "nomic_bert"}
# model types whose tokenizer.json is taken as it stands, whatever class is named
AS_STORED = {"modernbert"}


def set_normalizer(tokenizer: Tokenizer, path: Path) -> None:
    """Give the tokenizer of a checkpoint the normalizer that the library of record would."""
    config = tokenizer_config(path)
    if is_word_piece(config, Config.read(path / "config.json")):
        tokenizer.normalizer = word_piece(config)
    if lower_cases(path):
        before = [] if tokenizer.normalizer is None else [tokenizer.normalizer]
        tokenizer.normalizer = Sequence([Lowercase(), *before])


def tokenizer_config(path: Path) -> Config:
    """Return tokenizer_config.json; an empty one where it is absent."""
    file = path / CONFIG
    return Config.read(file) if file.exists() else Config({}, file)


def is_word_piece(config: Config, model: Config) -> bool:
    """Whether the class that tokenizer_config.json names, else config.json, is one that is made anew."""
    model_type = model.word("model_type")
    if model_type in AS_STORED:
        return False
    for file in (config, model):
        if file.has("tokenizer_class"):
            return file.word("tokenizer_class").removesuffix("Fast") in WORD_PIECE
    return model_type in WORD_PIECE_TYPES


def word_piece(config: Config) -> Normalizer:
    """Return BERT's normalizer as tokenizer_config.json asks for it, with its class's defaults."""
    return BertNormalizer(
        clean_text=True,
        handle_chinese_chars=config.switch("tokenize_chinese_chars", True),
        strip_accents=config.switch("strip_accents", False) if config.has("strip_accents") else None,
        lowercase=config.switch("do_lower_case", True),
    )
