"""`python -m logitlab COMMAND`: what people want at a shell prompt, without a script.

Each command is a module here with four names: `SUMMARY` (its line in the list), `USAGE`, `arguments` (adds them to a
parser) and `run`. Results go to standard output, everything else to standard error. A command imports what it needs
when it runs.
"""
