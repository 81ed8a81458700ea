"""What stands before a text: named by a request in one of the ways that clients have for it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from vectord.core import ModelCard
from vectord.errors import InvalidRequest

Role = Literal["query", "document"]

# the names under which checkpoints keep a role's prompt, as sentence-transformers looks them up
ROLE_NAMES: dict[Role, tuple[str, ...]] = {"query": ("query",), "document": ("document", "passage", "corpus")}
# Jina's name for a role, which its models' adapters carry too
ROLE_TASKS: dict[Role, str] = {"query": "retrieval.query", "document": "retrieval.passage"}
TASK_ROLES = {task: role for role, task in ROLE_TASKS.items()}
# what Voyage's and Cohere's `input_type` says of inputs, and the names that prompts for it go by
INPUT_ROLES: dict[str, Role] = {
    "query": "query",
    "search_query": "query",
    "document": "document",
    "search_document": "document",
    "passage": "document",
}
INPUT_TASKS: dict[str, tuple[str, ...]] = {
    "classification": ("classification",),
    "clustering": ("clustering", "separation"),
    "image": (),
}
NO_ADAPTER = -1


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a request says of the text before its inputs. The first that is not None counts.

    `text` is the prompt itself, `name` one of the checkpoint's, `task` one of its adapters (which has an
    instruction of its own) or of its prompts, `role` what the inputs are in a search, and `input_type` what
    they are in the words of Voyage and Cohere. With none of them the server's default prompt stands.
    """

    text: str | None = None
    name: str | None = None
    task: str | None = None
    role: Role | None = None
    input_type: str | None = None


UNPROMPTED = Prompt()


def adapter_of(card: ModelCard, prompt: Prompt) -> int:
    """Return the index of the adapter that a prompt asks for, -1 for none. Raises `InvalidRequest`."""
    adapters, prompt = card.network.adapters, settled(card, prompt)
    task = prompt.task or (ROLE_TASKS[prompt.role] if prompt.role else None)
    if adapters is None or task is None:
        return NO_ADAPTER
    if task in adapters.names:
        return adapters.names.index(task)
    if prompt.task is None:
        return NO_ADAPTER
    raise unknown(card, "task", adapters.names)


def text_of(card: ModelCard, prompt: Prompt, default: str | None) -> str:
    """Return the text to put before inputs, `default` naming the prompt of those that ask for none.

    A role without a prompt has none: the default one may be the other role's. Raises `InvalidRequest`
    that lists the known names.
    """
    prompt = settled(card, prompt)
    if prompt.text is not None:
        return prompt.text
    if prompt.name is not None:
        return named(card, prompt.name, "prompt_name")
    adapter = adapter_of(card, prompt)
    if adapter != NO_ADAPTER and card.network.adapters is not None:
        return card.network.adapters.instructions[adapter]
    if prompt.task is not None and (prompt.task in card.prompts or prompt.task not in TASK_ROLES):
        return named(card, prompt.task, "task")
    role = prompt.role if prompt.task is None else TASK_ROLES[prompt.task]
    if role is not None:
        return next((card.prompts[name] for name in ROLE_NAMES[role] if name in card.prompts), "")
    return "" if default is None else named(card, default, "prompt_name")


def settled(card: ModelCard, prompt: Prompt) -> Prompt:
    """Return the prompt with its `input_type` in the checkpoint's terms: none, where it has no prompt for it.

    Raises `InvalidRequest` that lists the known ones.
    """
    word = prompt.input_type
    said = (prompt.text, prompt.name, prompt.task, prompt.role)
    if word is None or any(one is not None for one in said):
        return replace(prompt, input_type=None) if word is not None else prompt
    if word in INPUT_ROLES:
        return in_role(card, word, INPUT_ROLES[word])
    if word in INPUT_TASKS:
        return for_task(card, INPUT_TASKS[word])
    if word in card.prompts:
        return Prompt(name=word)
    known = ", ".join(dict.fromkeys([*INPUT_ROLES, *INPUT_TASKS, *card.prompts]))
    raise InvalidRequest(f"{card.name} knows no such input_type; it knows: {known}", param="input_type")


def in_role(card: ModelCard, word: str, role: Role) -> Prompt:
    """Return the prompt of queries or documents, by the name that comes nearest to the word."""
    if card.network.adapters is not None:
        return Prompt(role=role)
    alike = (word, *(other for other, its in INPUT_ROLES.items() if its == role), ROLE_TASKS[role])
    return Prompt(name=next((name for name in alike if name in card.prompts), None), role=role)


def for_task(card: ModelCard, words: Iterable[str]) -> Prompt:
    """Return the adapter or the prompt of a task; checkpoints differ in capitals."""
    adapters = card.network.adapters
    for word in words:
        if adapters is not None and word in adapters.names:
            return Prompt(task=word)
        for name in card.prompts:
            if name.lower() == word:
                return Prompt(name=name)
    return Prompt(text="")


def late_role(card: ModelCard, prompt: Prompt) -> Role:
    """Return the role in which a ColBERT model reads inputs: documents, unless the prompt says otherwise.

    A prompt's name or task may say it, too. Raises `InvalidRequest` for one that is no role's.
    """
    prompt = settled(card, prompt)
    said = prompt.name if prompt.task is None else prompt.task
    if prompt.role is not None or said is None:
        return prompt.role or "document"
    for role, names in ROLE_NAMES.items():
        if said in (*names, ROLE_TASKS[role]):
            return role
    param = "prompt_name" if prompt.task is None else "task"
    raise unknown(card, param, [name for names in ROLE_NAMES.values() for name in names])


def named(card: ModelCard, name: str, param: str) -> str:
    """Return one of the checkpoint's prompts."""
    if name not in card.prompts:
        raise unknown(card, param, card.prompts)
    return card.prompts[name]


def unknown(card: ModelCard, param: str, known: Iterable[str]) -> InvalidRequest:
    """Return the refusal of a name that the checkpoint does not have."""
    what = "prompt" if param == "prompt_name" else param
    listed = ", ".join(known) or "none"
    return InvalidRequest(f"{card.name} has no {what} of that name; it has: {listed}", param=param)
