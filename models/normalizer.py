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
# tokenizer classes that are made anew, without "Fast"
WORD_PIECE = {"BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MPNetTokenizer"}
# the class that transformers means by a model type where no file names one, and whether a named one counts
MEANT = {
    "bert": "BertTokenizer",
    "distilbert": "DistilBertTokenizer",
    "electra": "ElectraTokenizer",
    "mpnet": "MPNetTokenizer",
    "nomic_bert": "BertTokenizer",
}
AS_STORED = frozenset({"modernbert"})  # taken as it stands, whatever class is named


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
    meant = model.word("model_type")
    if meant in AS_STORED:
        return False
    named = (file.word("tokenizer_class") for file in (config, model) if file.has("tokenizer_class"))
    return next(named, MEANT.get(meant, "")).removesuffix("Fast") in WORD_PIECE


def word_piece(config: Config) -> Normalizer:
    """Return BERT's normalizer as tokenizer_config.json asks for it, with its class's defaults."""
    return BertNormalizer(
        clean_text=True,
        handle_chinese_chars=config.switch("tokenize_chinese_chars", True),
        strip_accents=config.switch("strip_accents", False) if config.has("strip_accents") else None,
        lowercase=config.switch("do_lower_case", True),
    )
