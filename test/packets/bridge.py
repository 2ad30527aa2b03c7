"""Sends frames through a bridge and its ports in a fresh network namespace, under one ruleset after the other.

One job (JSON) on standard input, one answer on standard output; test/support/bridge.ts has the types of both. The
bridge br0 has the ports p1, p2 and vnet3 and the address ADDRESSES["host"]; eth0 is no port. All of them but br0 are
TAP devices of this process, so a frame is dealt with when its write returns. Rules are told apart by their comments:
the answer has the comments of the rules whose counters a packet moved, the devices it came out of, and the marks it
had when the hooks of IP were over.
"""
import ctypes
import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys

import frames
import netlink

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
SO_MARK = 36
GROUP = 64991
BRIDGE = "br0"
PORTS = ["p1", "p2", "vnet3"]
DEVICES = [*PORTS, "eth0"]
BRIDGE_MAC, ETH0_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
NOBODYS_MAC = "02:00:00:00:00:99"
GROUP_MACS = {4: "ff:ff:ff:ff:ff:ff", 6: "33:33:00:00:00:01"}
MACS = {name: "02:00:00:00:00:1%d" % place for place, name in enumerate(DEVICES)}
ADDRESSES = {
    4: {"host": "10.0.0.1", "p1": "10.0.0.10", "p2": "10.0.0.11", "vnet3": "10.0.0.12", "eth0": "10.9.0.13"},
    6: {"host": "fd00::1", "p1": "fd00::10", "p2": "fd00::11", "vnet3": "fd00::12", "eth0": "fd09::13"},
}
OWN_ON_ETH0 = {4: "10.9.0.1", 6: "fd09::1"}
LENGTHS = {4: 24, 6: 64}
NOBODY = {4: "10.0.0.99", 6: "fd00::99"}
ALL = {4: "10.0.0.255", 6: "ff02::1"}

# Behind everything else, as NFLOG has the mark of a packet.
OBSERVER = """table inet fwlint_observe {
	chain input { type filter hook input priority 2147483646; udp dport 9 log group %d prefix "input"; }
	chain postrouting { type filter hook postrouting priority 2147483646; udp dport 9 log group %d prefix "postrouting"; }
}
""" % (GROUP, GROUP)

LIBC = ctypes.CDLL(None, use_errno=True)
XTABLES_LOCK = "/tmp/fwlint-bridge-%d.lock" % os.getpid()


class LoadError(Exception):
    """A tool did not take what it was given; the text is what it wrote to standard error."""


def run(command, text=None):
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=20, env={**os.environ, "XTABLES_LOCKFILE": XTABLES_LOCK}
    )
    if done.returncode:
        raise LoadError("%s: %s" % (" ".join(command), done.stderr))
    return done.stdout


def write_setting(path, value):
    with open("/proc/sys/" + path.replace(".", "/"), "w") as file:
        file.write(value)


def set_up(settings):
    """The bridge, in a namespace that this process enters; the descriptors of the TAP devices by name."""
    if LIBC.unshare(CLONE_NEWNET) == -1:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, value in {
        "net/ipv4/ip_forward": "1",
        # Answers of the kernel are held back by no rate.
        "net/ipv4/icmp_ratelimit": "0",
        "net/ipv4/icmp_ratemask": "0",
        "net/ipv4/icmp_msgs_per_sec": "1000000",
        "net/ipv4/icmp_msgs_burst": "1000000",
        "net/ipv6/icmp/ratelimit": "0",
        "net/ipv6/conf/all/forwarding": "1",
        "net/ipv6/conf/default/accept_dad": "0",
        "net/ipv6/conf/default/router_solicitations": "0",
        "net/ipv6/conf/default/addr_gen_mode": "1",
        "net/ipv4/conf/default/rp_filter": "0",
        "net/ipv4/conf/all/rp_filter": "0",
        "net/ipv4/conf/all/send_redirects": "0",
        "net/ipv4/conf/default/send_redirects": "0",
    }.items():
        write_setting(name, value)
    taps = {}
    for name in DEVICES:
        taps[name] = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(taps[name], TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    lines = ["link set lo up", "link add %s address %s type bridge forward_delay 0 mcast_snooping 0" % (BRIDGE, BRIDGE_MAC)]
    lines += ["link set %s master %s" % (name, BRIDGE) for name in PORTS]
    lines += ["link set eth0 address %s" % ETH0_MAC, *("link set %s up" % name for name in [*DEVICES, BRIDGE])]
    for family, addresses in ADDRESSES.items():
        option = " nodad" if family == 6 else " brd +"
        lines.append("addr add %s/%d dev %s%s" % (addresses["host"], LENGTHS[family], BRIDGE, option))
        lines.append("addr add %s/%d dev eth0%s" % (OWN_ON_ETH0[family], LENGTHS[family], option))
        lines += [
            "neigh add %s lladdr %s dev %s" % (addresses[name], MACS[name], BRIDGE if name in PORTS else name)
            for name in DEVICES
        ]
    run(["ip", "-batch", "-"], "\n".join(lines) + "\n")
    run(["bridge", "-batch", "-"], "".join("fdb replace %s dev %s master static\n" % (MACS[name], name) for name in PORTS))
    for name, value in settings.items():
        write_setting(name, value)
    return taps


def load(side, family):
    if side["kind"] == "nft":
        run([side.get("binary", "nft"), "-f", "-"], side["text"])
        return
    run(["iptables-legacy-restore" if family == 4 else "ip6tables-legacy-restore"], side["text"])


def unload(side, family):
    """Takes the ruleset away; what other sides made stays gone already."""
    if side["kind"] == "nft":
        run(["nft", "flush ruleset"])
        return
    program = "iptables-legacy" if family == 4 else "ip6tables-legacy"
    tables = re.findall(r"(?m)^\*(\S+)", side["text"])
    chains = "".join("*%s\n%s-F\n-X\nCOMMIT\n" % (table, builtin_chains(table)) for table in tables)
    run([program + "-restore"], chains)


def builtin_chains(table):
    names = {
        "raw": ["PREROUTING", "OUTPUT"],
        "nat": ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
        "mangle": ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    }.get(table, ["INPUT", "FORWARD", "OUTPUT"])
    return "".join(":%s ACCEPT\n" % name for name in names)


def counts(side, family):
    """Packets by the comment of their rule, the rules of the same comment together."""
    found = {}
    if side["kind"] == "nft":
        listing = run([side.get("binary", "nft"), "list", "ruleset"])
        rules = re.findall(r'counter packets (\d+) .*comment "([^"]*)"', listing)
    else:
        listing = run(["iptables-legacy-save" if family == 4 else "ip6tables-legacy-save", "-c"])
        rules = re.findall(r'^\[(\d+):\d+\] .*--comment "?([^"\s]+)', listing, re.MULTILINE)
    for packets, comment in rules:
        found[comment] = found.get(comment, 0) + int(packets)
    return found


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def address_of(end, family):
    return {**ADDRESSES[family], "nobody": NOBODY[family], "all": ALL[family]}[end]


def send(packet, family, taps, place):
    """Hands one packet to the kernel, which is done with it then."""
    source, destination = packet["from"], packet["to"]
    if source == "host":
        sender = socket.socket(netlink.address_family(family), socket.SOCK_DGRAM)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.setsockopt(socket.SOL_SOCKET, SO_MARK, packet.get("mark", 0))
        sender.bind(("", 20000 + place))
        try:
            sender.sendto(b"x", (address_of(destination, family), 9))
        except PermissionError:
            pass  # how the kernel tells the sender that a rule dropped its packet
        sender.close()
        return
    fields = {"src": address_of(source, family), "dst": address_of(destination, family), "proto": "udp", "dport": 9}
    if destination == "host" and source == "eth0":
        fields["dst"] = OWN_ON_ETH0[family]
    raw = frames.build({"id": 1 + place, "sport": 20000 + place, **fields, **packet.get("fields", {})})
    routed = packet.get("routed", source == "eth0" or destination in ("host", "eth0"))
    default = (BRIDGE_MAC if source != "eth0" else ETH0_MAC) if routed else MACS.get(destination, GROUP_MACS[family] if destination == "all" else NOBODYS_MAC)
    tag = bytes.fromhex("8100%04x" % packet["vlan"]) if "vlan" in packet else b""
    kind = b"\x08\x00" if family == 4 else b"\x86\xdd"
    if packet.get("pppoe"):
        # PPPoE session 1; the protocol of PPP is 0x21 or 0x57 (RFC 2516, RFC 1332, RFC 5072).
        tag += b"\x88\x64" + struct.pack("!BBHH", 0x11, 0, 1, len(raw) + 2)
        kind = b"\x00\x21" if family == 4 else b"\x00\x57"
    os.write(taps[source], mac(packet.get("mac", default)) + mac(MACS[source]) + tag + kind + raw)


def came_out(taps):
    """The devices that a packet of ours left by since the last call."""
    seen = []
    for name, descriptor in taps.items():
        try:
            while True:
                frame = os.read(descriptor, 65536)
                if b"\x00\x09" in frame[34:]:
                    seen.append(name)
        except BlockingIOError:
            pass
    return sorted(seen)


def try_side(side, job, taps, log, connections):
    family = job["family"]
    run(["nft", "-f", "-"], OBSERVER)
    try:
        load(side, family)
    except LoadError as error:
        run(["nft", "flush ruleset"])
        return {"error": str(error), "packets": []}
    answers = []
    before = counts(side, family)
    for place, packet in enumerate(job["packets"]):
        came_out(taps)
        log.read()
        send(packet, family, taps, place)
        after = counts(side, family)
        moved = {comment: number - before.get(comment, 0) for comment, number in after.items() if number != before.get(comment, 0)}
        before = after
        marks = sorted({event[3] for event in log.read()})
        answers.append({"counts": moved, "out": came_out(taps), "marks": marks})
    unload(side, family)
    run(["nft", "flush ruleset"])
    connections.flush()
    return {"packets": answers}


def main():
    job = json.load(sys.stdin)
    taps = set_up(job.get("settings", {}))
    log = netlink.LogReader([GROUP])
    connections = netlink.ConnectionTable()
    try:
        json.dump([try_side(side, job, taps, log, connections) for side in job["sides"]], sys.stdout)
    finally:
        if os.path.exists(XTABLES_LOCK):
            os.unlink(XTABLES_LOCK)


main()
