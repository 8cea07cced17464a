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
ll.compar(single)  # wrong
wider: NDArray[np.float64] = ll.softargmax(single)  # wrong
logs: NDArray[np.float64] = ll.log_softargmax(single)  # wrong
best: NDArray[np.float64] = ll.top_k(single, 2)  # wrong
text: str = ll.sample(single)  # wrong
many: int = ll.sample(single, size=3)  # wrong
