#!/usr/bin/env python3
"""Checks that docs/reference/images/ has the netlist and the loop of every model that Pinch has now: netlists
word for word, pictures by having curves. Numbers are not compared: processors round differently (fused
multiply-add or not), and the frequency at which a loop is drawn is found by a search that may end a decade apart.

Usage: run_pictures.py PINCH FOLDER"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def drawn(file):
    """How many numbers the curves of a picture hold."""
    with open(file) as text:
        return sum(len(NUMBER.findall(d)) for d in re.findall(r"<path[^>]*\sd='([^']*)'", text.read()))


def words(file):
    with open(file) as text:
        return NUMBER.sub("#", text.read())


def same(a, b):
    if a.endswith(".svg"):
        return drawn(a) > 100 and drawn(b) > 100
    return words(a) == words(b)


def main():
    pinch, folder = sys.argv[1:3]
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed")
        sys.exit(77)
    stale, missing = [], []
    with tempfile.TemporaryDirectory() as fresh:
        subprocess.run([pinch, "reference", "--pictures", fresh], check=True, stdin=subprocess.DEVNULL)
        new = os.path.join(fresh, "images")
        for name in sorted(set(os.listdir(new)) | set(os.listdir(folder))):
            pair = os.path.join(new, name), os.path.join(folder, name)
            if not os.path.exists(pair[1]):
                missing.append(name)
            elif not os.path.exists(pair[0]) or not same(*pair):
                stale.append(name)
    for name in stale + missing:
        print("%s is stale or missing: run 'build/pinch reference --pictures docs/reference'" % os.path.join(folder, name))
    sys.exit(1 if stale else 77 if missing else 0)


if __name__ == "__main__":
    main()
