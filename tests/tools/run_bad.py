#!/usr/bin/env python3
"""Checks that Pinch rejects a bad netlist with the expected message: `pinch check
NAME.cir`, run in the netlist's folder, must exit 2 and its messages must begin with the
lines of NAME.expected (all of them, exactly; a line "..." skips any number of lines). With a line
"*@ run" in the netlist it is run (`pinch -b -q NAME.cir`): what only running shows. "*@ run fails": the netlist is
right, and its analysis fails with exit status 3.

Usage: run_bad.py PINCH NETLIST"""

import os
import subprocess
import sys


def matches(expected, lines):
    """Whether `lines` begin with `expected`, in which "..." stands for any lines."""
    if not expected:
        return True
    if expected[0] == "...":
        return any(matches(expected[1:], lines[k:]) for k in range(len(lines) + 1))
    return bool(lines) and lines[0] == expected[0] and matches(expected[1:], lines[1:])


def main():
    pinch, netlist = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    folder, name = os.path.split(netlist)
    with open(os.path.splitext(netlist)[0] + ".expected") as file:
        expected = file.read().rstrip("\n").split("\n")
    with open(netlist, errors="replace") as file:
        runs = [line.split() for line in file if line.startswith("*@ run")]
    command, status = ["-b", "-q"] if runs else ["check"], 3 if runs and "fails" in runs[0] else 2
    done = subprocess.run([pinch, *command, name], cwd=folder, stdin=subprocess.DEVNULL, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    lines = done.stderr.splitlines()
    if done.returncode != status:
        print("exit status %d, not %d" % (done.returncode, status))
    if done.returncode == status and expected != [""] and matches(expected, lines):
        return
    print("---- expected:\n%s\n---- printed:\n%s%s" % ("\n".join(expected), done.stderr, done.stdout))
    sys.exit(1)


if __name__ == "__main__":
    main()
