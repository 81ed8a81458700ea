"""Networks that no family declares, run by what others made for them; pooling and the rest are ours."""
