"""mirostat_v2 holds the surprisal of the tokens near tau."""

from logitlab import reference
from logitlab.sampling import MirostatV2

from .oracle import surprisal_tests

test_short_rows, test_long_rows, test_the_state_is_found_and_needed = surprisal_tests(
    MirostatV2, reference.mirostat_v2
)
