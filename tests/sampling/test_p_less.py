"""p_less keeps what is as likely as two draws that agree."""

from logitlab import reference
from logitlab.sampling import PLess

from .oracle import row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(PLess, reference.p_less)
