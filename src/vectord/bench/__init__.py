"""`vectord bench`: servers side by side, driven with the same requests from a process of its own."""
