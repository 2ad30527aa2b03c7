#!/usr/bin/env python3
"""Runs programs that change a firewall in throw-away network namespaces, many cases in one process.

Reads one JSON object from standard input:

    {"sessions": [[{"argv": [...], "stdin": "..."}, ...], ...], "workers": 2, "kernelLog": false, "timeout": 20}

Every session gets a fresh network namespace, in which its steps run one after the other. Writes one JSON object:

    {"sessions": [[{"status": 0, "stdout": "...", "stderr": "...", "kernelLog": [...]}, ...], ...]}

`status` is the exit status; minus the signal if a signal ended the program; 127 if it could not be started; 124 if it
ran longer than `timeout` seconds. With `kernelLog`, the lines the kernel wrote while a step ran are added; the kernel
has one log for everybody, so there is one worker then, and one such run at a time on the machine. Python's standard
library only; needs root.
"""
import ctypes
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import traceback

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def fresh_namespace():
    """Leaves the current namespace, which is gone with that, for a new one."""
    if LIBC.unshare(CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, "unshare: " + os.strerror(number))


def run_step(step, environment, timeout):
    text = step.get("stdin")
    try:
        done = subprocess.run(
            step["argv"],
            input=None if text is None else text.encode("utf8", "surrogateescape"),
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            timeout=timeout,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return {"status": 124, "stdout": "", "stderr": "not done after %s seconds" % timeout}
    except (OSError, ValueError) as error:
        # ValueError: a NUL byte in an argument
        return {"status": 127, "stdout": "", "stderr": str(error)}
    return {
        "status": done.returncode,
        "stdout": done.stdout.decode("utf8", "replace"),
        "stderr": done.stderr.decode("utf8", "replace"),
    }


def open_kernel_log():
    descriptor = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(descriptor, 0, os.SEEK_END)
    return descriptor


def read_kernel_log(descriptor):
    lines = []
    while True:
        try:
            record = os.read(descriptor, 8192).decode("utf8", "replace")
        except BlockingIOError:
            return lines
        except BrokenPipeError:
            continue  # overwritten before it was read; the next record follows
        lines.append(record.partition(";")[2].split("\n")[0])


def run_sessions(sessions, kernel_log, timeout):
    with tempfile.NamedTemporaryFile(prefix="fwlint-xtables-") as lock:
        # Namespaces have nothing to wait for from each other, so neither has the lock of iptables-legacy.
        environment = {**os.environ, "LC_ALL": "C", "XTABLES_LOCKFILE": lock.name}
        messages = open_kernel_log() if kernel_log else None
        results = []
        for steps in sessions:
            fresh_namespace()
            outcomes = []
            for step in steps:
                if messages is not None:
                    read_kernel_log(messages)
                outcome = run_step(step, environment, timeout)
                if messages is not None:
                    outcome["kernelLog"] = read_kernel_log(messages)
                outcomes.append(outcome)
            results.append(outcomes)
        return results


def start_worker(sessions, timeout):
    """A child process that runs these sessions; returns its id and the pipe its results come through."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    os.close(reader)
    try:
        answer = {"results": run_sessions(sessions, False, timeout)}
    except BaseException:
        answer = {"error": traceback.format_exc()}
    with os.fdopen(writer, "w") as pipe:
        json.dump(answer, pipe)
    os._exit(0)


def main():
    job = json.load(sys.stdin)
    sessions, timeout = job["sessions"], job.get("timeout", 20)
    if job.get("kernelLog"):
        path = os.path.join(tempfile.gettempdir(), "fwlint-kernel-log.lock")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        json.dump({"sessions": run_sessions(sessions, True, timeout)}, sys.stdout)
        return
    count = max(1, min(job.get("workers", 2), len(sessions)))
    workers = [start_worker(sessions[number::count], timeout) for number in range(count)]
    results = [None] * len(sessions)
    for number, (child, reader) in enumerate(workers):
        with os.fdopen(reader) as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        answer = json.loads(text) if text else {"error": "a worker ended without a word"}
        if "error" in answer:
            raise RuntimeError(answer["error"])
        results[number::count] = answer["results"]
    json.dump({"sessions": results}, sys.stdout)


if __name__ == "__main__":
    main()
