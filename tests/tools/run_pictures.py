#!/usr/bin/env python3
"""Checks that the netlists and loops under docs/reference/images/ are what Pinch gives now: netlists word
for word, pictures number for number (half a pixel; processors round differently).

Usage: run_pictures.py PINCH FOLDER"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def paths(file):
    """The numbers of all drawn lines, in order."""
    with open(file) as text:
        drawn = re.findall(r"<path[^>]*\sd='([^']*)'", text.read())
    return [float(n) for d in drawn for n in NUMBER.findall(d)]


def same(a, b):
    if a.endswith(".svg"):
        p, q = paths(a), paths(b)
        return len(p) == len(q) and len(p) > 100 and all(abs(x - y) <= 1.0 for x, y in zip(p, q))
    with open(a) as x, open(b) as y:
        return x.read() == y.read()


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
