"""Classifiers of texts and of tokens, as published: what their config.json says of labels."""

from dataclasses import replace

from . import bert, distilbert, modernbert, roberta
from .recipe import Json, Recipe, Size, Vocabulary

NER = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
# without B- and I-, and without an outside
PARTS = ("NOUN", "VERB", "ADJ")


def relabelled(recipe: Recipe, network: str, *labels: str, **more: object) -> Recipe:
    """Return a recipe with another head, its labels, and what its config.json says `more`."""

    def config(words: Vocabulary, size: Size) -> Json:
        numbers = {str(index): label for index, label in enumerate(labels)}
        names = {label: index for index, label in enumerate(labels)}
        return {**recipe.config(words, size), "id2label": numbers, "label2id": names, **more}

    return replace(recipe, network=network, config=config, embedder=None)


BERT_NER = relabelled(bert.EMBED, "BertForTokenClassification", *NER)
ROBERTA_NER = relabelled(roberta.EMBED, "RobertaForTokenClassification", *PARTS)
CAMEMBERT_NER = relabelled(
    roberta.CAMEMBERT_EMBED, "CamembertForTokenClassification", "O", "I-LOC", "I-PER", "I-MISC", "I-ORG"
)
DISTILBERT_NER = relabelled(distilbert.EMBED, "DistilBertForTokenClassification", *NER)
MODERNBERT_NER = relabelled(modernbert.EMBED, "ModernBertForTokenClassification", *NER, classifier_bias=True)

ROBERTA_MULTI = relabelled(
    roberta.EMBED,
    "RobertaForSequenceClassification",
    *("admiration", "anger", "joy", "neutral"),
    problem_type="multi_label_classification",
)
DISTILBERT_REGRESSION = relabelled(
    distilbert.EMBED, "DistilBertForSequenceClassification", "quality", "length", problem_type="regression"
)
XLM_SINGLE = relabelled(
    roberta.XLM_EMBED,
    "XLMRobertaForSequenceClassification",
    *("de", "en", "fr"),
    problem_type="single_label_classification",
)
