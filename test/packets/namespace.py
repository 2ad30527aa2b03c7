"""One network namespace with one ruleset in it: interfaces, routes, the observers, and sending a packet through.

Nothing leaves the namespace: every interface is a TAP device whose other end is a file descriptor of this process, and
the namespace disappears with the descriptors. See README.md for what is observed, and how.
"""
import atexit
import ctypes
import errno
import fcntl
import functools
import ipaddress
import os
import re
import socket
import struct
import subprocess
import tempfile

import frames
import netlink

CLONE_NEWNET = 0x40000000
OBSERVER_GROUP = 64990
SO_MARK = 36
TUNSETIFF, TUNSETPERSIST, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x400454CB, 0x0002, 0x1000
OUTSIDE_MAC = bytes.fromhex("02ff00000001")
MAIN_TABLE, FIRST_TABLE = 254, 100
LOAD_TIMEOUT = 20  # seconds for one iptables-restore or nft

# A lock of ours for iptables-legacy: rulesets of other namespaces have nothing to wait for.
XTABLES_LOCK = os.path.join(tempfile.gettempdir(), "fwlint-packets-%d.lock" % os.getpid())

LIBC = ctypes.CDLL(None, use_errno=True)


@atexit.register
def _remove_lock():
    if os.path.exists(XTABLES_LOCK):
        os.unlink(XTABLES_LOCK)


# Per namespace: no reverse path filter, every address routable, no answers held back by a rate limit, no announcements.
SETTINGS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/icmp_ratelimit": "0",
    "net/ipv4/icmp_ratemask": "0",
    "net/ipv4/icmp_msgs_per_sec": "1000000",
    "net/ipv4/icmp_msgs_burst": "1000000",
    "net/ipv4/icmp_echo_ignore_broadcasts": "0",
    "net/ipv4/igmp_link_local_mcast_reports": "0",
    "net/ipv4/igmp_max_memberships": "1000",
    "net/ipv6/icmp/ratelimit": "0",
    "net/ipv6/icmp/ratemask": "\n",
    "net/ipv6/conf/all/forwarding": "1",
}
SETTINGS_IPV4 = {
    "rp_filter": "0",
    "accept_local": "1",
    "route_localnet": "1",
    "log_martians": "0",
    "send_redirects": "0",
}
SETTINGS_IPV6 = {"accept_dad": "0", "router_solicitations": "0", "accept_ra": "0", "addr_gen_mode": "1"}
CONNTRACK_SETTINGS = {"net/netfilter/nf_conntrack_tcp_be_liberal": "1", "net/netfilter/nf_conntrack_acct": "1"}

# Router and neighbour discovery and listener reports of the kernel itself, recognised by their empty flow label.
NEIGHBOUR_NOISE = "icmpv6 type { 130, 131, 132, 133, 134, 135, 136, 143 } ip6 flowlabel 0 drop"


DEFAULT_PROGRAM = {"iptables-save": "%s-legacy-restore", "nft": "nft", "ipset": "ipset"}

FLUSH_RULESET = re.compile(r"(?m)^[ \t]*flush[ \t]+ruleset(?:[ \t]+(?:ip6?|inet|arp|bridge|netdev))?[ \t]*(?:;|$)")


class LoadError(Exception):
    """A tool did not take a ruleset; the text is what it wrote to standard error."""


def _system_call(name, *arguments):
    if getattr(LIBC, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (name, os.strerror(number)))


def write_setting(path, value):
    """Writes one sysctl of the current namespace; a kernel that does not have it, or not per namespace, is no error."""
    try:
        with open("/proc/sys/" + path, "w") as file:
            file.write(value)
    except OSError:
        pass


def identifications(packets):
    """Numbers for the combinations of mark and tracking that packets start with: {(mark, untracked): number}.

    A packet that comes in on an interface cannot carry a mark. It carries its number in the identification field (IPv4)
    or the flow label (IPv6), and the first chain of the namespace turns that into the mark.
    """
    combinations = {(0, False)}
    for packet in packets:
        combinations.add((packet.get("mark", 0), bool(packet.get("untracked"))))
    return {combination: number for number, combination in enumerate(sorted(combinations), start=1)}


def observers(numbers, conntrack, priority_bits):
    """The nft tables that mark packets on their way in and log them on their way out, around the ruleset under test."""
    marked = [(number, mark) for (mark, _), number in numbers.items() if mark]
    untracked = [number for (_, skipped), number in numbers.items() if skipped]
    first = []
    maps = []
    for family, key in (("4", "ip id"), ("6", "ip6 flowlabel")):
        if marked:
            elements = ", ".join("%d : %d" % pair for pair in marked)
            maps.append("map marks%s { typeof %s : meta mark; elements = { %s }; }" % (family, key, elements))
            first.append("meta mark set %s map @marks%s" % (key, family))
        if untracked:
            first.append("%s { %s } notrack" % (key, ", ".join(map(str, untracked))))
    log = "log group %d prefix " % OBSERVER_GROUP
    untracked_log = ["ct state untracked " + log + '"u"'] if conntrack else []
    # Overwriting the mark is harmless here: nothing reads it between this chain and the wire.
    copies = ["ct mark != 0 meta mark set ct mark " + log + '"c"'] if conntrack else []
    if priority_bits:
        copies += ["meta mark set 0"]
        for bit in range(32):
            handle = "%x:%x" % ((1 << bit) >> 16, (1 << bit) & 0xFFFF)
            copies.append("meta priority & %s == %s meta mark set meta mark | %d" % (handle, handle, 1 << bit))
        copies += ["meta mark != 0 " + log + '"p"']

    def chain(name, hook, priority, rules, policy="accept"):
        lines = ["type filter hook %s priority %d; policy %s;" % (hook, priority, policy), *rules]
        return "chain %s {\n%s\n}" % (name, "\n".join(lines))

    # The delivered packet is dropped after conntrack has confirmed its connection, so that the local stack never
    # answers. Of hooks with the same priority the one registered later comes first (nf_hook_entries_grow): this table
    # has to be there before anything that uses conntrack.
    swallow = "table inet fwlint_swallow {\n%s\n}" % chain("input", "input", 2147483647, [], "drop")
    observe = [
        *maps,
        chain("mark_in", "prerouting", -450, ['iifname "lo" return', *first]),
        chain("noise", "output", -600, [NEIGHBOUR_NOISE, "ip protocol igmp ip ttl 1 drop"]),
        chain("output", "output", -500, [log + '"O"']),
        chain("mark_out", "output", -450, [rule for rule in first if rule.endswith("notrack")]),
        chain("input", "input", 2147483646, [log + '"I"', *untracked_log, *copies]),
        chain(
            "postrouting",
            "postrouting",
            2147483646,
            [log + '"P"', *untracked_log, 'oifname "lo" return', *copies],
        ),
    ]
    return swallow + "\ntable inet fwlint_observe {\n%s\n}\n" % "\n".join(observe)


class Namespace:
    """A fresh namespace. Building one leaves the process in the namespace it was in before."""

    def __init__(self, interfaces, packets, numbers, addresses, settings, conntrack, groups, priority_bits):
        self.numbers = numbers
        self.interfaces = interfaces
        self.taps = {}
        self.macs = {}
        self.routes = {}
        self.local = set()
        self.own = set()
        self.broadcasts = {"255.255.255.255"}
        self.sockets = {}
        self.memberships = []
        self.prepared = {}
        self.since_drain = 0
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            _system_call("unshare", CLONE_NEWNET)
            self.handle = os.open("/proc/self/ns/net", os.O_RDONLY)
            self._configure(packets, addresses, settings, conntrack, groups, priority_bits)
        finally:
            _system_call("setns", home, CLONE_NEWNET)
            os.close(home)

    # ---- setting up

    def _configure(self, packets, addresses, settings, conntrack, groups, priority_bits):
        for path, value in SETTINGS.items():
            write_setting(path, value)
        for version, per_interface in (("ipv4", SETTINGS_IPV4), ("ipv6", SETTINGS_IPV6)):
            for name, value in per_interface.items():
                write_setting("net/%s/conf/all/%s" % (version, name), value)
                write_setting("net/%s/conf/default/%s" % (version, name), value)
        for name in self.interfaces:
            descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            self.taps[name] = descriptor
            fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
            # Otherwise closing it waits 40 ms for the device to be gone. This way it goes with the namespace, later.
            fcntl.ioctl(descriptor, TUNSETPERSIST, 1)
        self.routing = netlink.Routing()
        self.index = {name: socket.if_nametoindex(name) for name in [*self.interfaces, "lo"]}
        self.name = {index: name for name, index in self.index.items()}
        self.routing.bring_up(self.index["lo"])
        for position, name in enumerate(self.interfaces):
            index = self.index[name]
            self.macs[name] = bytes([2, 0, 0, 0, 0, position])
            self.routing.bring_up(index, self.macs[name])
            for address in addresses.get(name, ["100.100.%d.1/24" % position, "fd66:77:%x::1/64" % position]):
                interface = ipaddress.ip_interface(address)
                self.routing.add_address(interface.version, interface.packed, interface.network.prefixlen, index)
                self.own.add(str(interface.ip))
                if interface.version == 4 and interface.network.prefixlen < 31:
                    self.broadcasts.add(str(interface.network.broadcast_address))
            for family in (4, 6):
                self.routing.add_rule(family, name, FIRST_TABLE + position, FIRST_TABLE + position)
            write_setting("net/ipv4/conf/%s/rp_filter" % name, "0")
        self.log = netlink.LogReader([OBSERVER_GROUP, *groups])
        self._run(["nft", "-f", "-"], observers(self.numbers, conntrack, priority_bits))
        if conntrack:
            for path, value in CONNTRACK_SETTINGS.items():
                write_setting(path, value)
        for name, value in settings.items():
            # Asked for by the job: failing to set it is an error.
            with open("/proc/sys/" + name.replace(".", "/"), "w") as file:
                file.write(value)
        self._join_groups(packets)
        self.connections = netlink.ConnectionTable()

    def _join_groups(self, packets):
        """Multicast that nobody on the machine listens to is dropped by the routing code, before INPUT."""
        wanted = {(packet["dst"], packet["iif"]) for packet in packets if packet["path"] == "in"}
        for destination, name in sorted(wanted):
            address = ipaddress.ip_address(destination)
            if not address.is_multicast:
                continue
            member = socket.socket(netlink.address_family(address.version), socket.SOCK_DGRAM)
            self.memberships.append(member)
            if address.version == 4:
                request = address.packed + bytes(4) + struct.pack("i", self.index[name])
                member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
            else:
                request = address.packed + struct.pack("i", self.index[name])
                member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)

    def _run(self, command, text=None):
        """Runs a tool in the current namespace. Raises LoadError with its standard error."""
        try:
            done = subprocess.run(
                command,
                input=None if text is None else text.encode("utf8", "surrogateescape"),
                stdin=subprocess.DEVNULL if text is None else None,
                capture_output=True,
                timeout=LOAD_TIMEOUT,
                env={**os.environ, "XTABLES_LOCKFILE": XTABLES_LOCK},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise LoadError(str(error)) from None
        error_text = done.stderr.decode("utf8", "replace")
        if done.returncode:
            raise LoadError(error_text or "%s: exit status %d" % (command[0], done.returncode))
        return done.stdout.decode("utf8", "replace"), error_text

    def inside(self, action):
        """Runs `action()` with the process in this namespace."""
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            _system_call("setns", self.handle, CLONE_NEWNET)
            return action()
        finally:
            _system_call("setns", home, CLONE_NEWNET)
            os.close(home)

    # ---- the ruleset under test

    def load(self, rulesets):
        """Loads the rulesets of a side in order; returns what the tools wrote to standard error. Raises LoadError."""
        return "".join(self.inside(lambda ruleset=ruleset: self._load(ruleset)) for ruleset in rulesets)

    def _load(self, ruleset):
        kind = ruleset["kind"]
        if kind == "commands":
            return "".join(self._run(command)[1] for command in ruleset["commands"])
        if kind not in DEFAULT_PROGRAM:
            raise LoadError("unknown kind of ruleset: %r" % (kind,))
        text = ruleset.get("text", "")
        if text and not text.endswith("\n"):
            text += "\n"
        default = DEFAULT_PROGRAM[kind].replace("%s", "iptables" if ruleset.get("family", 4) == 4 else "ip6tables")
        program = ruleset.get("binary", default)
        if kind == "iptables-save":
            return self._run([program], text)[1]
        if kind == "nft":
            # The namespace is fresh: flushing all of it would only remove the observers.
            text = FLUSH_RULESET.sub("", text)
            return self._run([program, "-f", "-"], text)[1]
        return self._run([program, "restore"], text)[1]

    def dump(self, rulesets):
        """The rulesets as the kernel has them now, with counters, in the order of `rulesets`."""
        texts = []
        for ruleset in rulesets:
            program = "iptables" if ruleset.get("family", 4) == 4 else "ip6tables"
            if ruleset["kind"] == "commands":
                program = ruleset["commands"][0][0] if ruleset["commands"] else program + "-legacy"
                kind = "nft" if os.path.basename(program) == "nft" else "iptables-save"
                program = program if kind == "nft" else program + "-restore"
            else:
                kind = ruleset["kind"]
                program = ruleset.get("binary", DEFAULT_PROGRAM[kind].replace("%s", program))
            if kind == "iptables-save":
                command = [re.sub("-restore$", "-save", program), "-c"]
            else:
                command = [program, *(["list", "ruleset"] if kind == "nft" else ["save"])]
            try:
                text = self.inside(lambda command=command: self._run(command))[0]
            except LoadError as error:
                text = str(error)
            texts.append(_without_observers(text))
        return texts

    # ---- one packet

    def prepare(self, packet):
        """Everything about a packet that does not need its turn: bytes, route, the descriptor it is written to."""
        known = self.prepared.get(id(packet))
        if known:
            return known[1]
        path = packet["path"]
        family = packet["family"]
        number = self.numbers[(packet.get("mark", 0), bool(packet.get("untracked")))]
        raw = frames.build({"id": number, **packet})
        if path in ("in", "fwd"):
            name = packet["iif"]
            table = FIRST_TABLE + self.interfaces.index(name)
            routes = (
                (family, table, path == "in", self.index["lo" if path == "in" else packet["oif"]]),
                (family, MAIN_TABLE, False, self.index[name]),
            )
            destination_mac = _mac(packet.get("macDestination")) or self._destination_mac(packet, name)
            ethertype = b"\x08\x00" if family == 4 else b"\x86\xdd"
            frame = destination_mac + (_mac(packet.get("macSource")) or OUTSIDE_MAC) + ethertype + raw
            prepared = (routes, self.taps[name], frame, raw, None)
        else:
            routes = ((family, MAIN_TABLE, False, self.index[packet["oif"]]),) if path == "out" else ()
            destination = (packet["dst"], 0) if family == 4 else (packet["dst"], 0, 0, 0)
            prepared = (routes, None, raw, raw, destination)
        # With the packet itself, so that no later one can have its id.
        self.prepared[id(packet)] = (packet, prepared)
        return prepared

    def _destination_mac(self, packet, name):
        """Where the frame goes to: this machine, or the group that its destination is (RFC 1112, RFC 2464)."""
        address = ipaddress.ip_address(packet["dst"])
        if address.is_multicast:
            if address.version == 4:
                return b"\x01\x00\x5e" + bytes([address.packed[1] & 0x7F]) + address.packed[2:]
            return b"\x33\x33" + address.packed[12:]
        return b"\xff" * 6 if packet["dst"] in self.broadcasts else self.macs[name]

    def set_routes(self, packet):
        for family, table, local, index in self.prepare(packet)[0]:
            known = self.routes.get((family, table))
            if known == (local, index):
                continue
            if known and family == 6:  # NLM_F_REPLACE does not replace a route of another type
                self.routing.default_route(family, table, *known, add=False)
            self.routing.default_route(family, table, local, index)
            self.routes[(family, table)] = (local, index)
        for address, wanted in _local_ends(packet):
            if (address in self.local) == wanted or address in self.own or address in self.broadcasts:
                continue
            if not _unicast(address):
                continue
            if wanted:
                self.local.add(address)
            else:
                self.local.discard(address)
            packed = ipaddress.ip_address(address).packed
            self.routing.local_address(packet["family"], packed, self.index["lo"], wanted)

    def write(self, packet):
        """Hands the packet to the kernel, which is done with it when this returns. Returns an error name or None."""
        _, descriptor, data, _, destination = self.prepared[id(packet)][1]
        try:
            if descriptor is not None:
                os.write(descriptor, data)
                return None
            sender = self._raw_socket(packet["family"], packet.get("uid", 0), packet.get("gid", 0))
            sender.setsockopt(socket.SOL_SOCKET, SO_MARK, struct.pack("I", packet.get("mark", 0)))
            sender.sendto(data, destination)
            return None
        except PermissionError:
            return None  # how the kernel tells the sender that a rule dropped its packet
        except OSError as error:
            return errno.errorcode.get(error.errno, str(error.errno))

    def _raw_socket(self, family, uid, gid):
        key = (family, uid, gid)
        if key not in self.sockets:

            def make():
                LIBC.setfsgid(gid)
                LIBC.setfsuid(uid)
                try:
                    # CAP_NET_RAW is a capability of the process and survives a change of the file system user
                    return socket.socket(netlink.address_family(family), socket.SOCK_RAW, socket.IPPROTO_RAW)
                finally:
                    LIBC.setfsuid(0)
                    LIBC.setfsgid(0)

            made = self.inside(make)
            if family == 6:
                made.setsockopt(socket.IPPROTO_IPV6, 36, 1)  # IPV6_HDRINCL
            made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            self.sockets[key] = made
        return self.sockets[key]

    def observed(self):
        """What was logged since the last call; now and then it also empties the TAP devices."""
        self.since_drain += 1
        if self.since_drain >= 64:
            self.since_drain = 0
            for descriptor in self.taps.values():
                try:
                    while True:
                        os.read(descriptor, 65536)
                except BlockingIOError:
                    pass
        return self.log.read()

    def outcome(self, packet, events, error):
        """What became of the packet, from the events of its turn: a Fate of test/support/packets.ts."""
        path = packet["path"]
        sent = self.prepared[id(packet)][1][3]
        accepted = None  # (to, event, extras)
        generated = []
        looped = []
        extras = None
        nflog = []
        own_turn = path in ("in", "fwd")
        seen_own = own_turn
        for event in events:
            group, prefix, raw, mark, index_in, index_out = event
            if group != OBSERVER_GROUP:
                nflog.append({"group": group, "prefix": prefix, "length": len(raw)})
                continue
            if prefix == "O":
                own_turn = not seen_own
                seen_own = True
                if not own_turn:
                    looped.append(raw)
            elif prefix == "P":
                own = index_in != 0 if path in ("in", "fwd") else own_turn
                extras = {}
                if not own:
                    generated.append(_generated(raw, self.name.get(index_out), mark))
                elif path != "lo" or self.name.get(index_out) != "lo":
                    accepted = (self.name.get(index_out), raw, mark, extras)
            elif prefix == "I":
                extras = {}
                if raw not in looped and (path in ("in", "fwd")) == (self.name.get(index_in) != "lo"):
                    accepted = ("local", raw, mark, extras)
            elif extras is not None:
                extras[{"u": "untracked", "c": "ctMark", "p": "priority"}[prefix]] = True if prefix == "u" else mark
        result = {"verdict": "dropped"}
        if accepted:
            to, raw, mark, extras = accepted
            result = {"verdict": "accepted", "to": to, **extras}
            if mark:
                result["mark"] = mark
            changed = _changed(sent, raw, path == "fwd" and to != "local")
            if changed:
                result["changed"] = changed
        if generated:
            result["generated"] = generated
            rejection = None if accepted else _rejection(generated)
            if rejection:
                result["verdict"] = "rejected"
                result["rejection"] = rejection
        if nflog:
            result["nflog"] = nflog
        if error:
            result["error"] = error
        return result, accepted[1] if accepted else None

    def close(self):
        for descriptor in self.taps.values():
            os.close(descriptor)
        for opened in [*self.sockets.values(), *self.memberships]:
            opened.close()
        self.routing.close()
        self.connections.close()
        self.log.close()
        os.close(self.handle)


def _local_ends(packet):
    """Which ends of the packet are addresses of this machine, as REJECT, addrtype and NAT have to see them."""
    path = packet["path"]
    return (packet["src"], path in ("out", "lo")), (packet["dst"], path in ("in", "lo"))


@functools.lru_cache(maxsize=65536)
def _unicast(text):
    address = ipaddress.ip_address(text)
    return not (address.is_multicast or address.is_unspecified or address.is_loopback or text == "255.255.255.255")


def _mac(text):
    return bytes.fromhex(text.replace(":", "")) if text else None


def _without_observers(listing):
    """`nft list ruleset` without the tables of this runner."""
    return re.sub(r"(?ms)^table inet fwlint_\w+ \{$.*?^\}\n", "", listing)


def _changed(sent, seen, forwarded):
    """Fields of the packet that are not as sent; {} if none. One hop less is what forwarding does."""
    if sent == seen:
        return {}
    if forwarded:
        if sent[0] >> 4 == 4:
            if sent[:8] == seen[:8] and sent[8] == seen[8] + 1 and sent[9] == seen[9] and sent[12:] == seen[12:]:
                return {}
        elif sent[:7] == seen[:7] and sent[7] == seen[7] + 1 and sent[8:] == seen[8:]:
            return {}
    before, after = frames.describe(sent), frames.describe(seen)
    if forwarded and "ttl" in before:
        before["ttl"] -= 1
    return {key: after.get(key) for key in sorted({*before, *after}) if before.get(key) != after.get(key)}


def _generated(raw, to, mark):
    """A packet that the rules, or the stack because of them, sent on their own."""
    fields = frames.describe(raw)
    keys = ("src", "dst", "proto", "sport", "dport", "flags", "seq", "ack", "icmp", "quote", "tos", "ttl")
    kept = {key: fields[key] for key in keys if key in fields}
    kept["to"] = to
    if fields.get("flags") == "SYN,ACK":
        kept.pop("seq")  # SYNPROXY draws it at random
    if mark:
        kept["mark"] = mark
    return kept


def _rejection(generated):
    for answer in generated:
        if answer.get("proto") == "tcp" and "RST" in answer.get("flags", ""):
            return {"kind": "tcp-reset"}
        if "quote" in answer and "icmp" in answer:
            return {"kind": answer["proto"], "type": answer["icmp"][0], "code": answer["icmp"][1]}
    return None
