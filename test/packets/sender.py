#!/usr/bin/env python3
"""Sends the same packets through several rulesets on the running kernel and says what became of each.

Reads one job (a JSON object) per line from standard input and writes one result (a JSON object) per line to standard
output, in the same order; test/support/packets.ts describes both. Python's standard library only. Needs root,
/dev/net/tun, `nft`, and the tools that load the rulesets of the job (iptables-legacy-restore, nft, ...).

Every side has its own network namespace. All descriptors are held by this one process, so a packet is written to side
after side within some microseconds, and a timed packet only when the kernel's tick is not about to move on: two
rulesets that count time in ticks then see the same time.
"""
import fcntl
import ipaddress
import json
import os
import re
import signal
import sys
import tempfile
import time
import traceback

import frames
import namespace

JOB_KEYS = {"sides", "packets", "family", "addresses", "settings", "conntrack", "dump", "timeout"}
SENDING_KEYS = {
    "t", "before", "path", "iif", "oif", "macSource", "macDestination", "mark", "untracked", "uid", "gid", "forget",
    "reply", "family",
}
RULESET_KEYS = {"kind", "text", "commands", "family", "binary"}
ICMP_REPLIES = {("icmp", 8): 0, ("icmp", 13): 14, ("icmp", 17): 18, ("icmpv6", 128): 129}
MONOTONIC_COARSE = 6  # CLOCK_MONOTONIC_COARSE of linux/time.h: moves once per tick
TICK = time.clock_getres(MONOTONIC_COARSE)  # seconds
BEFORE_TICK = min(0.0006, TICK / 3)  # no timed packet is sent this close to the next tick
LOG_SETTING = "/proc/sys/net/netfilter/nf_log_all_netns"


class BadJob(ValueError):
    """The job is not what test/support/packets.ts describes."""


class OutOfTime(Exception):
    """The job took longer than it may."""


def check_keys(thing, allowed, what):
    unknown = set(thing) - allowed
    if unknown:
        raise BadJob("unknown key in %s: %s" % (what, ", ".join(sorted(unknown))))


def complete(packet, defaults):
    """The packet with its family, path and interfaces filled in."""
    check_keys(packet, frames.FIELDS | SENDING_KEYS, "packet")
    packet = {**defaults, **packet}
    packet["family"] = ipaddress.ip_address(packet["src"]).version
    packet.setdefault("path", "in")
    if packet["path"] not in ("in", "fwd", "out", "lo"):
        raise BadJob("path is in, fwd, out or lo, not %r" % (packet["path"],))
    packet.setdefault("proto", "tcp")
    if packet["proto"] in ("icmp", "icmpv6"):
        packet["proto"] = "icmp" if packet["family"] == 4 else "icmpv6"
    if packet["path"] in ("in", "fwd"):
        packet.setdefault("iif", "eth0")
    if packet["path"] in ("fwd", "out"):
        packet.setdefault("oif", "eth1" if packet["path"] == "fwd" else "eth0")
    for key in ("iif", "oif"):
        if packet.get(key) == "lo":
            raise BadJob("packets of the loopback interface have the path lo")
        if len(packet.get(key, "").encode()) > 15:
            raise BadJob("interface name longer than 15 bytes: %r" % (packet[key],))
    return packet


def rulesets_of(side, family):
    rulesets = side if isinstance(side, list) else [side]
    for ruleset in rulesets:
        check_keys(ruleset, RULESET_KEYS, "ruleset")
    return [{"family": family, **ruleset} for ruleset in rulesets]


def text_of(rulesets):
    return "\n".join(
        ruleset.get("text", "") + "\n".join(" ".join(command) for command in ruleset.get("commands", []))
        for ruleset in rulesets
    )


def log_groups(text):
    """The NFLOG groups that rulesets log to."""
    groups = {int(number) for number in re.findall(r"(?:--nflog-group|\bgroup)[ =]+(\d+)", text)}
    if "NFLOG" in text:
        groups.add(0)
    return sorted(group for group in groups if group < 65536 and group != namespace.OBSERVER_GROUP)


def writes_kernel_log(text):
    return bool(re.search(r"\bLOG\b|\blog\b(?!\s+(?:prefix\s+\"[^\"]*\"\s+)?(?:group|snaplen))", text))


class KernelLog:
    """Lines of LOG rules, from /dev/kmsg.

    The kernel keeps what other namespaces log to itself unless nf_log_all_netns is set, which is a setting of the whole
    machine: it is set while a job with such rules runs, by one job at a time, and set back.
    """

    def __init__(self):
        path = os.path.join(tempfile.gettempdir(), "fwlint-kernel-log.lock")
        self.lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        with open(LOG_SETTING) as file:
            self.setting = file.read()
        with open(LOG_SETTING, "w") as file:
            file.write("1")
        self.messages = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.messages, 0, os.SEEK_END)

    def read(self):
        """[{level, line}] written since the last call. The level is that of syslog, 0 to 7."""
        lines = []
        while True:
            try:
                record = os.read(self.messages, 8192).decode("latin1")
            except BlockingIOError:
                return lines
            except BrokenPipeError:
                continue  # overwritten before it was read; the next record follows
            head, _, message = record.partition(";")
            line = message.split("\n")[0]
            if " OUT=" in line and "IN=" in line:
                lines.append({"level": int(head.split(",")[0]) & 7, "line": line.rstrip()})

    def close(self):
        with open(LOG_SETTING, "w") as file:
            file.write(self.setting)
        os.close(self.messages)
        os.close(self.lock)


def reply_to(packet, seen):
    """The packet that answers what came out: addresses and ports as seen on the wire, the way back."""
    fields = frames.describe(seen)
    reply = {key: packet[key] for key in ("proto", "family", "payload") if key in packet}
    reply["src"], reply["dst"] = fields["dst"], fields["src"]
    if "sport" in fields:
        reply["sport"], reply["dport"] = fields["dport"], fields["sport"]
    if "flags" in fields:
        flags = frames.flag_bits(fields["flags"])
        reply["flags"] = "SYN,ACK" if flags & frames.FLAGS["SYN"] else "ACK"
        reply["seq"], reply["ack"] = (fields["ack"] or 5000), fields["seq"] + 1
    if "icmp" in fields:
        kind, code = fields["icmp"]
        reply["icmp"] = [ICMP_REPLIES.get((packet["proto"], kind), kind), code]
        reply["icmpId"] = fields.get("icmpId", 0)
    reply["path"] = {"in": "out", "out": "in", "fwd": "fwd", "lo": "lo"}[packet["path"]]
    if packet["path"] == "in":
        reply["oif"] = packet["iif"]
    elif packet["path"] == "out":
        reply["iif"] = packet["oif"]
    elif packet["path"] == "fwd":
        reply["iif"], reply["oif"] = packet["oif"], packet["iif"]
    return reply


def wait_until(deadline):
    """Sleeps, and spins over the last millisecond."""
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return -left
        if left > 0.002:
            time.sleep(left - 0.001)


def coarse():
    """The monotonic clock as of the last tick, seconds."""
    return time.clock_gettime(MONOTONIC_COARSE)


def tick_lag():
    """
    How far `coarse` is behind at the very moment it moves, seconds: it moves in steps of a tick, and where its steps lie against the
    ticks themselves is anything from nothing to a tick, and drifts in the course of hours.
    """
    least = TICK
    for _ in range(3):
        last = coarse()
        end = time.monotonic() + 3 * TICK
        while coarse() == last and time.monotonic() < end:
            pass
        least = min(least, time.monotonic() - coarse())
    return least


def clear_of_tick(lag):
    """Waits, at most one tick, until the next tick is far enough away; returns the time of the last one. `lag` as of tick_lag."""
    last = coarse()
    # An idle processor has no ticks; one that is late for its tick has seen it when `coarse` moves.
    end = time.monotonic() + 2 * TICK
    while TICK - (time.monotonic() - last - lag) < BEFORE_TICK and time.monotonic() < end:
        last = coarse()
    return last


def send(sides, packet, kernel_log, lag=None):
    """One packet through all sides; with `lag`, well between two ticks. Returns the outcomes, whether the tick moved on in between, and the tick and time it was sent at."""
    for side in sides:
        side.prepare(packet)
        side.set_routes(packet)
        if packet.get("forget"):
            side.connections.flush()
        side.log.read()
    straddled = False
    errors, lines = [], []
    if kernel_log:
        kernel_log.read()
    timed = lag is not None
    tick = clear_of_tick(lag) if timed else None
    sent = time.monotonic()
    for side in sides:
        errors.append(side.write(packet))
        if kernel_log:
            lines.append(kernel_log.read())
    if timed:
        straddled = coarse() != tick
    outcomes = []
    previous = None
    for position, side in enumerate(sides):
        events = side.observed()
        # Interfaces have the same numbers in every namespace, so the same events mean the same outcome.
        if previous and previous[0] == events and previous[1] == errors[position]:
            outcome, seen = dict(previous[2]), previous[3]
        else:
            outcome, seen = side.outcome(packet, events, errors[position])
        previous = (events, errors[position], dict(outcome), seen)
        if kernel_log and lines[position]:
            outcome["log"] = lines[position]
        if packet.get("reply") and seen is not None:
            outcome["reply"] = send([side], complete(reply_to(packet, seen), {}), kernel_log)[0][0]
        outcomes.append(outcome)
    return outcomes, straddled, (tick, sent)


def run(job):
    check_keys(job, JOB_KEYS, "job")
    family = job.get("family", 4)
    given = job.get("packets", [])
    packets = [complete(packet, {}) for packet in given]
    all_rulesets = [rulesets_of(side, family) for side in job["sides"]]
    text = "\n".join(map(text_of, all_rulesets))
    if "cpu" in text:
        # Which processor a packet is handled on must not change between the sides.
        processors = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {processors[os.getpid() % len(processors)]})
    interfaces = ["eth0", "eth1", *job.get("addresses", {})]
    for packet in packets:
        interfaces += [packet[key] for key in ("iif", "oif") if key in packet]
    interfaces = list(dict.fromkeys(name for name in interfaces if name != "lo"))
    if len(interfaces) > 100:
        raise BadJob("more than 100 interfaces")
    numbers = namespace.identifications(packets)
    conntrack = job.get("conntrack", True)
    if any(packet.get("untracked") for packet in packets) and not conntrack:
        raise BadJob("untracked packets in a job without conntrack")
    started = time.monotonic()
    kernel_log = KernelLog() if writes_kernel_log(text) else None
    sides = []
    try:
        for _ in all_rulesets:
            sides.append(
                namespace.Namespace(
                    interfaces=interfaces,
                    packets=packets,
                    numbers=numbers,
                    addresses=job.get("addresses", {}),
                    settings=job.get("settings", {}),
                    conntrack=conntrack,
                    groups=log_groups(text),
                    priority_bits="CLASSIFY" in text or "priority set" in text,
                )
            )
        before = [send(sides, packet, None)[0] for packet in packets if packet.get("before")]
        loads = []
        for side, rulesets in zip(sides, all_rulesets):
            try:
                loads.append({"loaded": True, "stderr": side.load(rulesets)})
            except namespace.LoadError as error:
                loads.append({"loaded": False, "stderr": str(error)})
        result = {"sides": loads, "packets": [], "before": before, "tick": TICK, "late": 0.0}
        result["setup"] = time.monotonic() - started
        if not all(load["loaded"] for load in loads):
            return result
        after = [(number, packet) for number, packet in enumerate(packets) if not packet.get("before")]
        for side in sides:
            for _, packet in after:
                side.prepare(packet)
        timed_job = any("t" in packet for _, packet in after)
        if timed_job:
            _ask_for_the_processor(True)
        lag = tick_lag() if timed_job else None
        start = time.monotonic()
        first_tick = coarse()
        for number, packet in after:
            timed = "t" in packet
            if timed:
                result["late"] = max(result["late"], wait_until(start + packet["t"]))
            outcomes, straddled, (tick, sent) = send(sides, packet, kernel_log, lag if timed else None)
            entry = {"index": number, "sides": outcomes}
            if timed:
                entry["at"] = {"tick": round((tick - first_tick) / TICK), "seconds": sent - start}
            if straddled:
                entry["straddled"] = True
            result["packets"].append(entry)
        result["seconds"] = time.monotonic() - start
        if timed_job:
            _ask_for_the_processor(False)
        if job.get("dump"):
            for load, side, rulesets in zip(loads, sides, all_rulesets):
                load["dump"] = side.dump(rulesets)
        return result
    finally:
        for side in sides:
            side.close()
        if kernel_log:
            kernel_log.close()


def _ask_for_the_processor(wanted):
    """Real-time scheduling while timed packets are sent; the process sleeps between them. Not having it is no error."""
    try:
        if wanted:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        else:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except OSError:
        pass


def seconds_allowed(job):
    last = max((packet.get("t", 0) for packet in job.get("packets", [])), default=0)
    return int(job.get("timeout", 60) + last + 1)


def out_of_time(_signal, _frame):
    raise OutOfTime


def end_orderly(_signal, _frame):
    """A setting of the machine may have to be put back (KernelLog.close)."""
    sys.exit(1)


def main():
    signal.signal(signal.SIGALRM, out_of_time)
    signal.signal(signal.SIGTERM, end_orderly)
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            job = json.loads(line)
            signal.alarm(seconds_allowed(job))
            result = run(job)
        except OutOfTime:
            result = {"error": "the job was not done in the %d seconds it has" % seconds_allowed(job)}
        except (BadJob, frames.BadPacket, ValueError) as error:
            result = {"error": "%s: %s" % (type(error).__name__, error)}
        except Exception:  # a result per job, whatever happens
            result = {"error": traceback.format_exc()}
        finally:
            signal.alarm(0)
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
