"""Thirty processes with the built-in model at once: they map one file, and the memory holds it once."""

import re
import subprocess
import sys
from pathlib import Path

KERNELS = 30
CODE = """
import sys
from logitlab.llms import BuiltIn
print(int(BuiltIn().next_logits("My favourite colour is").argmax()), flush=True)
sys.stdin.read()
"""


def mapped(process):
    """{inode: (its size in this process's share, in bytes)} of the files of weights that a process has mapped."""
    found = {}
    smaps = Path(f"/proc/{process.pid}/smaps").read_text()
    for header, body in re.findall(r"^([0-9a-f]+-[0-9a-f]+ .*)\n((?:^[A-Z].*\n)+)", smaps, re.MULTILINE):
        if header.endswith(".weights"):
            share = int(re.search(r"^Pss: +(\d+) kB", body, re.MULTILINE)[1]) * 1024
            dirty = int(re.search(r"^Private_Dirty: +(\d+) kB", body, re.MULTILINE)[1])
            assert dirty == 0, header
            inode = header.split()[4]
            found[inode] = found.get(inode, 0) + share
    return found


def main():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([sys.executable, "-c", CODE], **pipes) for _ in range(KERNELS)]
    try:
        tokens = {process.stdout.readline() for process in processes}
        assert len(tokens) == 1, tokens
        assert tokens != {""}
        maps = [mapped(process) for process in processes]
        (inode,) = {inode for each in maps for inode in each}
        assert all(set(each) == {inode} for each in maps)
        held = sum(each[inode] for each in maps)
        assert held < 110e6, held
        print(f"{KERNELS} processes hold one file of weights once: {held / 1e6:.0f} MB together")
    finally:
        for process in processes:
            process.communicate("")


if __name__ == "__main__":
    main()
