#!/usr/bin/env python3
"""What a packet of a flood costs: dropped by a plain rule, by `-m recent` of iptables-legacy, and by what fwlint makes of it.

    python3 bench/flood.py                          every form, 4 to 255 hits
    python3 bench/flood.py 19 'rcheck,set' 1,2000   one of them, from one source and from 2000

Needs root, /dev/net/tun, iptables-legacy-restore, nft, and dist/fwlint.cjs (`npm run build`). The three rulesets stand in network
namespaces of their own and get the same packets in turns; the time is that of the processor for writing a packet to a TUN device,
which takes it through the rules, the least of several rounds. Read the ratios: times depend on the machine. A list of xt_recent
remembers 100 sources, so that with more it blocks nobody. `spoofed` sends each packet from a source of its own.
"""
import ctypes
import fcntl
import os
import struct
import subprocess
import sys
import tempfile
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
LIBC = ctypes.CDLL(None, use_errno=True)
FWLINT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dist", "fwlint.cjs")
HERE = 0x64640001  # 100.100.0.1
FIRST_SOURCE = 0xC6120000  # 198.18.0.0, for benchmarks
ROUNDS, PER_ROUND, SPOOFED = 7, 20000, 8000
MATCH = "-A INPUT -p udp -m udp --dport 9 -m recent --name flood"
FORMS = {
    "update,set": ("--update --seconds 60 --hitcount %d -j DROP", "--set"),
    "rcheck,set": ("--rcheck --seconds 60 --hitcount %d -j DROP", "--set"),
    "set,update": ("--set", "--update --seconds 60 --hitcount %d -j DROP"),
    "set,rcheck": ("--set", "--rcheck --seconds 60 --hitcount %d -j DROP"),
}


def dump(*rules):
    return "\n".join(["*filter", ":INPUT DROP [0:0]", *rules, "COMMIT", ""])


def translate(text):
    with tempfile.NamedTemporaryFile("w", suffix=".save") as file:
        file.write(text)
        file.flush()
        command = ["node", FWLINT, "translate", "--rates", "exact", file.name]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def open_side(program, ruleset):
    """A namespace with a ruleset and a TUN device; the device's other end."""
    if LIBC.unshare(CLONE_NEWNET) != 0:
        sys.exit("a network namespace cannot be made: root is needed")
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN | IFF_NO_PI))
    for command in ("link set tun0 up", "addr add 100.100.0.1/16 dev tun0"):
        subprocess.run(["ip", *command.split()], check=True)
    for name in ("all", "tun0"):
        with open("/proc/sys/net/ipv4/conf/%s/rp_filter" % name, "w") as setting:
            setting.write("0")
    subprocess.run(program, input=ruleset, text=True, check=True)
    return device


def packet(number):
    """A UDP datagram to port 9 from the source with a number."""
    header = struct.pack("!BBHHHBBHII", 0x45, 0, 28, 1, 0, 64, 17, 0, FIRST_SOURCE + number, HERE)
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return header[:10] + struct.pack("!H", ~total & 0xFFFF) + header[12:] + struct.pack("!HHHH", 1000, 9, 8, 0)


def send(device, packets, count):
    """Nanoseconds of the processor for a packet."""
    write, turns = os.write, max(1, count // len(packets))
    start = time.thread_time_ns()
    for _ in range(turns):
        for one in packets:
            write(device, one)
    return (time.thread_time_ns() - start) / (turns * len(packets))


def measure(rulesets, sources, hits):
    """Nanoseconds a packet for each ruleset; `sources` None: each packet has one of its own."""
    devices = [open_side(program, text) for program, text in rulesets]
    best = [float("inf")] * len(devices)
    if sources is not None:
        packets = [packet(number) for number in range(sources)]
        for device in devices:
            send(device, packets, max(2 * PER_ROUND, sources * (hits + 3)))
    for turn in range(ROUNDS):
        if sources is None:
            packets = [packet(turn * SPOOFED + number) for number in range(SPOOFED)]
        for side, device in enumerate(devices):
            best[side] = min(best[side], send(device, packets, PER_ROUND if sources is not None else SPOOFED))
    for device in devices:
        os.close(device)
    return best


def main():
    hits = [int(word) for word in (sys.argv[1] if len(sys.argv) > 1 else "4,10,19,20,100,255").split(",")]
    forms = sys.argv[2].split(";") if len(sys.argv) > 2 else list(FORMS)
    sources = (sys.argv[3] if len(sys.argv) > 3 else "1,90,2000,spoofed").split(",")
    for count in hits:
        for form in forms:
            rules = [MATCH + " " + (use % count if "%d" in use else use) for use in FORMS[form]]
            text = dump(*rules)
            rulesets = [
                (["iptables-legacy-restore"], dump("-A INPUT -p udp -m udp --dport 9 -j DROP")),
                (["iptables-legacy-restore"], text),
                (["nft", "-f", "-"], translate(text)),
            ]
            for word in sources:
                plain, recent, nft = measure(rulesets, None if word == "spoofed" else int(word), count)
                row = (form, count, word, plain / 1e3, recent / 1e3, nft / 1e3, nft / recent)
                print("%-10s  %3d hits  %7s sources   drop %.2f  recent %.2f  nft %.2f us   x %.2f" % row, flush=True)


main()
