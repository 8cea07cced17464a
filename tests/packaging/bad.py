"""What type checkers must find: every line that ends in `# wrong`, and no other. Nothing runs this file."""

import numpy as np
from numpy.typing import NDArray

import logitlab as ll
from logitlab import softmaxx  # wrong
from logitlab.llms import Olama  # wrong
from logitlab.sampling import Samplr  # wrong

single = np.zeros(3, np.float32)

ll.argtopk(single, 2)  # wrong
ll.llms.BuildIn()  # wrong
ll.Sampler(tempreature=1)  # wrong
ll.Sampler.defaults("ollama", topk=1)  # wrong
ll.Sampler().replace(tempreature=1)  # wrong
ll.compare(single, tempreature=1)  # wrong
ll.sample(single, tempreature=1)  # wrong
ll.sample([0.2, 0.3], size=3, tempreature=1)  # wrong
ll.softargmax(single, temperature=1)  # wrong
ll.top_k(single, 2.5)  # wrong
ll.softargmax(single, workers="2")  # wrong
ll.sample(single, n_jobs=2)  # wrong
ll.Sampler().probs(single, workers=1.5)  # wrong
ll.set_workers(None)  # wrong
ll.compar(single)  # wrong
wider: NDArray[np.float64] = ll.softargmax(single)  # wrong
logs: NDArray[np.float64] = ll.log_softargmax(single)  # wrong
ll.token_logprobs(single)  # wrong
ll.logsumexp(single, keepdims=True)  # wrong
ll.top_k(single, 2, order="desc")  # wrong
ll.argtop_k(single, 2, return_indices=True)  # wrong
pair: NDArray[np.float32] = ll.top_k(single, 2, return_indices=True)  # wrong
best: NDArray[np.float64] = ll.top_k(single, 2)  # wrong
text: str = ll.sample(single)  # wrong
many: int = ll.sample(single, size=3)  # wrong
drawn: int = ll.Sampler().sample(single, size=3)  # wrong
chances: NDArray[np.float64] = ll.Sampler().probs(single)  # wrong
ll.Sampler().sample(single, tempreature=1)  # wrong
ll.Sampler().probs(single, tempreature=1)  # wrong

# options of models: the misspelt ones of every method are in made files
ollama = ll.llms.Ollama("gemma:7b")
built_in = ll.llms.BuiltIn()
either = ll.connect("gemma:7b")
ollama.complete("Hi", xtc_probability=0.5)  # wrong: the built-in model has it
ollama.complete("Hi", trace=True)  # wrong
ollama.complete("Hi", host="127.0.0.1")  # wrong: for the constructor
ollama.complete("Hi", tools=[])  # wrong: for chat
ollama.chat([], raw=True)  # wrong: for complete
ollama.chat("Hi")  # wrong: complete takes a text
ollama.chat(["Hi"])  # wrong
ollama.complete(b"Hi")  # wrong
built_in.complete("Hi", keep_alive=60)  # wrong: a server has it
built_in.complete("Hi", repetition_penalty=1.1)  # wrong: repeat_penalty
built_in.chat([], raw=True)  # wrong
ll.llms.BuiltIn(num_gpu=0)  # wrong
ll.connect("gemma:7b", xtc_probability=0.5)  # wrong
either.complete("Hi", keep_alive=60)  # wrong: the built-in model may be the one that answers
either.complete("Hi", trace=True)  # wrong: a server may be the one that answers
ollama.embed("Hi", format="json")  # wrong
