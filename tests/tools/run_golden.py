#!/usr/bin/env python3
"""Runs one netlist in Pinch and compares its measurements with the expected values that
stand in it, one comment line each:

    *@ expect NAME VALUE rel|abs TOLERANCE source "where the value comes from"

and, where it needs some, options of the command: *@ options --dialect=xyce

Usage: run_golden.py PINCH NETLIST"""

import os
import re
import subprocess
import sys
import tempfile

EXPECT = re.compile(r'^\*@\s*expect\s+(\S+)\s+(\S+)\s+(rel|abs)\s+(\S+)\s+source\s+"(.+)"\s*$', re.I)
RESULT = re.compile(r"^\s*([A-Za-z_][\w.\[\]]*)\s*=\s*([-+0-9.eEnaif]+)")


def expectations(path):
    found = []
    with open(path) as file:
        for number, line in enumerate(file, 1):
            if line.startswith("*@ expect"):
                match = EXPECT.match(line)
                if not match:
                    raise SystemExit("%s:%d: not an expectation: %s" % (path, number, line.strip()))
                name, value, kind, tolerance, source = match.groups()
                found.append((name.lower(), float(value), kind.lower(), float(tolerance), source))
    return found


def options(path):
    with open(path) as file:
        for line in file:
            if line.startswith("*@ options"):
                return line.split()[2:]
    return []


def check(name, expected, kind, tolerance, source, results):
    """One expectation; prints its line and returns whether it holds."""
    if name not in results:
        print("FAIL %-16s was not measured (%s)" % (name, source))
        return False
    value = results[name]
    error = abs(value - expected)
    if kind == "rel":
        error /= abs(expected)
    good = error <= tolerance
    print("%s %-16s %.9g, expected %.9g, %s error %.2g of %.2g (%s)"
          % ("ok  " if good else "FAIL", name, value, expected, kind, error, tolerance, source))
    return good


def main():
    pinch, netlist = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    expected = expectations(netlist)
    if not expected:
        raise SystemExit("%s: no *@ expect line" % netlist)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([pinch, "-b", *options(netlist), netlist], cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.stdout.write(done.stdout + done.stderr)
        raise SystemExit("pinch exited %d" % done.returncode)
    results = {}
    for line in done.stdout.splitlines():
        match = RESULT.match(line)
        if match:
            try:
                results[match.group(1).lower()] = float(match.group(2))
            except ValueError:
                pass
    good = [check(*e, results) for e in expected]
    if not all(good):
        sys.stdout.write("---- pinch printed:\n" + done.stdout + done.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
