#!/bin/sh
# What a reader does in the container, as a user who owns nothing there: two shells, one of them with the server.
set -eu
export PATH=/opt/logitlab/bin:$PATH OLLAMA_HOST=127.0.0.1:11500 HOME=/tmp
ollama --version
ollama serve &
server=$!
trap 'kill $server' EXIT
python - <<'CODE'
import time
import numpy as np
from logitlab import softargmax, top_k
from logitlab.llms import Ollama
from llama_index.core.llms import ChatMessage  # LlamaIndex is there as well

logits = np.array([0.2, 0.3, 0.1, 0.4])
assert str(softargmax(logits, T=0.1)) == "[0.08714432 0.23688282 0.0320586  0.64391426]"
assert top_k(logits, k=2).tolist() == [0.3, 0.4]
llm = Ollama(model="gemma:7b")
for attempt in range(50):
    try:
        answer = llm.complete("What is Singapore?", temperature=0.8, top_k=50)
        break
    except ConnectionError:
        time.sleep(0.1)
assert str(answer) == "A city.", answer
print("numbers and answer are right", ChatMessage.__module__)
CODE
python -m logitlab info | grep -E 'server|numpy'
jupyter lab --version
