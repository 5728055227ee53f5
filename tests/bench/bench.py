"""What the benchmarks share: running a program once and measuring it, numbers with their targets, and
the history in history.csv. Times are processor time (user + system), so that a busy machine disturbs little."""

import csv
import datetime
import os
import re
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

RESULT = re.compile(r"^\s*([a-z_]\w*)\s*=\s*([-+0-9.eE]+)", re.I)


class Run:
    """One finished process: seconds of processor time and by the clock, peak memory in MB, status,
    measurements."""

    def __init__(self, command, folder):
        with open(os.path.join(folder, "out.txt"), "w") as out:
            start = time.monotonic()
            process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.monotonic() - start
        self.status = os.waitstatus_to_exitcode(status)
        self.seconds = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024
        self.measured = {}
        with open(os.path.join(folder, "out.txt"), errors="replace") as out:
            for line in out:
                match = RESULT.match(line)
                if match:
                    self.measured[match.group(1).lower()] = float(match.group(2))


class Bench:
    def __init__(self, options):
        self.pinch = os.path.abspath(options.pinch)
        self.quick = options.quick
        self.rows = []

    def run(self, program, netlist, repeat=3, extra=()):
        """The fastest of some runs of a netlist."""
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "bench.cir"), "w") as file:
                file.write(netlist)
            command = [program, *extra, "bench.cir"]
            runs = [Run(command, folder) for _ in range(repeat)]
        best = min(runs, key=lambda run: run.seconds)
        best.wall = min(run.wall for run in runs)
        return best

    def ours(self, netlist, repeat=3):
        return self.run(self.pinch, netlist, repeat, ["-b"])

    def theirs(self, netlist, repeat=1):
        if self.quick:
            return None
        return self.run("ngspice", netlist, repeat, ["-n", "-b"])

    def number(self, name, value, target, good):
        """One line of the report. target: as text."""
        verdict = "" if good is None else "reached" if good else "MISSED"
        print("%-46s %12.6g   %-28s %s" % (name, value, target, verdict), flush=True)
        self.rows.append((name, value, target, verdict))

    def ratio(self, name, ours, theirs, least):
        self.number(name + ": pinch, s", ours.seconds, "", None)
        if theirs:
            self.number(name + ": ngspice, s", theirs.seconds, "", None)
            ratio = theirs.seconds / max(ours.seconds, 1e-3)
            self.number(name + ": times faster", ratio, ">= %g" % least, ratio >= least)

    def close(self, name, value, expected, tolerance):
        error = abs(value - expected)
        self.number(name, error, "<= %g" % tolerance, error <= tolerance)

    def save(self):
        path = os.path.join(HERE, "history.csv")
        commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                                stdout=subprocess.PIPE, text=True).stdout.strip()
        new = not os.path.exists(path)
        with open(path, "a", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            if new:
                out.writerow(["date", "commit", "number", "value", "target", "verdict"])
            date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")
            for name, value, target, verdict in self.rows:
                out.writerow([date, commit, name, "%.6g" % value, target, verdict])
