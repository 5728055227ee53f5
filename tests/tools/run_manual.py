#!/usr/bin/env python3
"""Runs the examples of one manual page: each block that opens with ```spice run is
written to a file and run by Pinch, which must exit 0 and write its results.

Usage: run_manual.py PINCH PAGE.md"""

import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```spice run\n(.*?)^```$", re.M | re.S)


def main():
    pinch, page = os.path.abspath(sys.argv[1]), sys.argv[2]
    with open(page) as file:
        text = file.read()
    failures = 0
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "example.cir"), "w") as file:
                file.write(block.group(1))
            done = subprocess.run([pinch, "-b", "-r", "example.raw", "example.cir"], cwd=folder,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace")
            wrote = os.path.exists(os.path.join(folder, "example.raw"))
        good = done.returncode == 0 and wrote
        print("%s %s:%d" % ("ok  " if good else "FAIL", page, line))
        if not good:
            print(done.stdout)
            failures += 1
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
