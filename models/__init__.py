"""What a checkpoint is: where it lies, what it declares, its tokenizer and its weights."""
