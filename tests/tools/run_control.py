#!/usr/bin/env python3
"""Runs one netlist with a control section in ngspice and in Pinch and compares what they print, number by
number, and the files they write. The netlist says how closely, and which files:

    *@ control tol=1e-6 [words] [out.txt ...]

Results are lines "name = value" (the name may carry its plot), rows of tables (they begin with their
number), and words of `echo` lines that begin with "::". Tables of different width hold the same columns in
the same order, so rows are joined by their number before they are compared.

Usage: run_control.py PINCH NGSPICE NETLIST"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

NUMBER = re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
SCALAR = re.compile(r"^\s*(\S.*?)\s* = \s*([-+0-9.eE]+(,[-+0-9.eE]+)?)\s*$")
MEASURE = re.compile(r"^(\w+)\s+=\s+([-+0-9.eE]+)(\s+(at|from|targ)\b.*)?$")
ROW = re.compile(r"^(\d+)\t(.*)$")


def tolerance_of(path):
    with open(path) as file:
        for line in file:
            if line.startswith("*@ control"):
                words = line.split()[2:]
                return float(words[0].partition("=")[2]), words[1:]
    raise SystemExit("%s: no *@ control line" % path)


def numbers(text):
    return [float(w) for w in re.split(r"[\s,]+", text) if NUMBER.match(w)]


def results(text):
    """What was printed, as lists of numbers: one for each scalar, one for each table row."""
    found, table, last = [], [], -1

    def finish():
        found.extend(("row", row) for row in table)
        table.clear()

    for line in text.splitlines():
        row, scalar = ROW.match(line), SCALAR.match(line) or MEASURE.match(line)
        if row:
            index, values = int(row.group(1)), numbers(row.group(2))
            if index == 0 and last >= 0:
                finish()
            table.append(values)
            last = index
        elif line.startswith("::"):
            finish()
            found.append(("echo", line.split()))
            last = -1
        elif scalar:
            finish()
            found.append((scalar.group(1).split("=")[0].strip(), numbers(scalar.group(2))))
            last = -1
    finish()
    return found


def near(a, b, tolerance):
    return abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-9)


def same(a, b, tolerance):
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if isinstance(x, str) or isinstance(y, str):
            if NUMBER.match(str(x)) and NUMBER.match(str(y)):
                if not near(float(x), float(y), max(tolerance, 1e-5)):
                    return False
            elif x != y:
                return False
        elif not near(x, y, tolerance):
            return False
    return True


def compare(what, theirs, ours, tolerance):
    good = len(theirs) == len(ours)
    if not good:
        print("FAIL %s: %d results in ngspice, %d in pinch" % (what, len(theirs), len(ours)))
    for (name, a), (other, b) in zip(theirs, ours):
        if not same(a, b, tolerance):
            print("FAIL %s: %s %s in ngspice, %s %s in pinch" % (what, name, a, other, b))
            good = False
    print("%s %s: %d results within %g" % ("ok  " if good else "FAIL", what, len(theirs), tolerance))
    return good


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace")
    return done.returncode, done.stdout, done.stderr


def file_rows(folder, name):
    with open(os.path.join(folder, name)) as file:
        return [("row", numbers(line)) for line in file if numbers(line)]


def main():
    pinch, ngspice, netlist = sys.argv[1:4]
    if not shutil.which(ngspice):
        print("ngspice is not installed: skipped")
        sys.exit(77)
    netlist = os.path.abspath(netlist)
    tolerance, files = tolerance_of(netlist)
    with tempfile.TemporaryDirectory() as theirs, tempfile.TemporaryDirectory() as ours:
        scripts = os.path.join(os.path.dirname(netlist), "scripts")
        os.symlink(scripts, os.path.join(theirs, "scripts"))  # ngspice sources from the present folder
        status, their_text, noise = run([ngspice, "-n", "-b", netlist], theirs)
        their_text = "\n".join(l for l in their_text.splitlines() if "TEMP =" not in l)
        status, our_text, errors = run([os.path.abspath(pinch), "-b", netlist], ours)
        if status != 0:
            raise SystemExit("pinch exited %d:\n%s%s" % (status, our_text, errors))
        a, b = results(their_text), results(our_text)
        if not a and not files:
            raise SystemExit("ngspice printed nothing to compare:\n%s%s" % (their_text, noise))
        good = compare("printed", a, b, tolerance)
        for name in files:
            good = compare(name, file_rows(theirs, name), file_rows(ours, name), tolerance) and good
    if not good:
        print("---- ngspice:\n%s---- pinch:\n%s" % (their_text, our_text))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
