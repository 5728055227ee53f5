#!/usr/bin/env python3
"""Checks that the reference pages under docs/reference/ are what Pinch writes now.

Usage: run_reference.py PINCH FOLDER"""

import filecmp
import os
import subprocess
import sys
import tempfile


def main():
    pinch, folder = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as fresh:
        subprocess.run([pinch, "reference", fresh], check=True, stdin=subprocess.DEVNULL)
        names = sorted(n for n in set(os.listdir(fresh)) | set(os.listdir(folder)) if n != "images")
        _, different, missing = filecmp.cmpfiles(fresh, folder, names, shallow=False)
    for name in different + missing:
        print("%s is stale: run 'build/pinch reference %s'" % (os.path.join(folder, name), folder))
    sys.exit(1 if different or missing or not names else 0)


if __name__ == "__main__":
    main()
