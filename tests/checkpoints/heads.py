"""Recipes of every head but the plain embedder's and the classifier's of one family each."""

from dataclasses import replace

from . import bert, labelled, late, multi, splade, yes_no
from .recipe import Embedder, PoolingMode, Recipe


def pooled(mode: PoolingMode) -> Recipe:
    """Return an embedder that pools so."""
    return replace(bert.EMBED, embedder=Embedder(mode, max_length=256))


POOLED = {
    "bert_max": pooled("max_tokens"),
    "bert_weighted_mean": pooled("weightedmean_tokens"),
    "bert_mean_sqrt": pooled("mean_sqrt_len_tokens"),
}
TOKEN_CLASSIFIERS = {
    "bert_ner": labelled.BERT_NER,
    "roberta_ner": labelled.ROBERTA_NER,
    "camembert_ner": labelled.CAMEMBERT_NER,
    "distilbert_ner": labelled.DISTILBERT_NER,
    "modernbert_ner": labelled.MODERNBERT_NER,
}
CLASSIFIERS = {
    "roberta_multi": labelled.ROBERTA_MULTI,
    "distilbert_regression": labelled.DISTILBERT_REGRESSION,
    "xlm_roberta_single": labelled.XLM_SINGLE,
}
SPLADE = {
    "bert_splade": splade.BERT,
    "bert_splade_untied": splade.BERT_UNTIED,
    "roberta_splade": splade.ROBERTA,
    "distilbert_splade": splade.DISTILBERT,
    "modernbert_splade": splade.MODERNBERT,
}
COLBERT = {
    "bert_colbert": late.STANFORD_BERT,
    "bert_pylate": late.PYLATE_BERT,
    "modernbert_pylate": late.PYLATE_MODERNBERT,
}
MULTI = {"bge_m3": multi.HALF, "bge_m3_full": multi.FULL}
YES_NO = {"qwen3_yes_no": yes_no.TIED, "qwen3_yes_no_untied": yes_no.UNTIED}
HEADS = {**POOLED, **TOKEN_CLASSIFIERS, **CLASSIFIERS, **SPLADE, **COLBERT, **MULTI, **YES_NO}
