"""The few netlink requests the packet runner makes itself, because a process per request is too slow.

Interfaces, addresses and routes (rtnetlink(7)), packets logged by nfnetlink_log, and emptying the connection table.
Numbers without a name in the standard library are from linux/rtnetlink.h, linux/fib_rules.h, linux/if_link.h,
linux/netfilter/nfnetlink_log.h and linux/netfilter/nfnetlink_conntrack.h.
"""
import errno
import os
import socket
import struct

NLM_F_REQUEST, NLM_F_ACK = 0x1, 0x4
NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE = 0x100, 0x200, 0x400
NLMSG_ERROR = 2
NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12
RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWRULE = 16, 20, 24, 25, 32
IFF_UP, IFF_NOARP = 0x1, 0x80
RTN_UNICAST, RTN_LOCAL = 1, 2
SO_RCVBUFFORCE = 33


def attribute(kind, value):
    """One netlink attribute: length, type, value, padded to four bytes."""
    return struct.pack("HH", len(value) + 4, kind) + value + b"\0" * (-len(value) % 4)


def address_family(family):
    """4 or 6 -> AF_INET or AF_INET6."""
    return socket.AF_INET if family == 4 else socket.AF_INET6


class Requests:
    """A netlink socket that sends one request at a time and waits for its acknowledgement.

    The socket stays bound to the network namespace in which it was made.
    """

    def __init__(self, protocol):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.socket.bind((0, 0))
        self.sequence = 0

    def request(self, kind, flags, body, ignore=()):
        """Raises OSError with the kernel's error number, unless that number is in `ignore`."""
        self.sequence += 1
        header = struct.pack("IHHII", 16 + len(body), kind, flags | NLM_F_REQUEST | NLM_F_ACK, self.sequence, 0)
        self.socket.send(header + body)
        while True:
            answer = self.socket.recv(65536)
            _, answer_kind, _, sequence, _ = struct.unpack("IHHII", answer[:16])
            if sequence != self.sequence or answer_kind != NLMSG_ERROR:
                continue
            number = -struct.unpack("i", answer[16:20])[0]
            if number and number not in ignore:
                raise OSError(number, "netlink request %d: %s" % (kind, os.strerror(number)))
            return

    def close(self):
        self.socket.close()


class Routing(Requests):
    """Links, addresses, policy rules and default routes of one namespace."""

    def __init__(self):
        super().__init__(NETLINK_ROUTE)

    def bring_up(self, index, mac=None, group=0):
        """Sets the interface up; with a hardware address also NOARP, so that no neighbour is ever asked for."""
        flags = IFF_UP | (IFF_NOARP if mac else 0)
        body = struct.pack("BxHiII", socket.AF_UNSPEC, 0, index, flags, flags)
        if mac:
            body += attribute(1, mac)  # IFLA_ADDRESS
        if group:
            body += attribute(27, struct.pack("I", group))  # IFLA_GROUP
        self.request(RTM_NEWLINK, 0, body)

    def add_address(self, family, packed, prefix_length, index):
        """An address without duplicate address detection (IFA_F_NODAD)."""
        no_detection = 0x02 if family == 6 else 0
        body = struct.pack("BBBBi", address_family(family), prefix_length, no_detection, 0, index)
        body += attribute(1, packed) + attribute(2, packed)  # IFA_ADDRESS, IFA_LOCAL
        if family == 4 and prefix_length < 31:
            host_bits = 2 ** (32 - prefix_length) - 1
            broadcast = struct.pack("!I", struct.unpack("!I", packed)[0] | host_bits)
            body += attribute(4, broadcast)  # IFA_BROADCAST
        self.request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, body)

    def add_rule(self, family, interface, table, priority):
        """Packets that came in on `interface` are routed by `table`."""
        body = struct.pack("BBBBBBBBI", address_family(family), 0, 0, 0, table, 0, 0, 1, 0)  # FR_ACT_TO_TBL
        body += attribute(3, interface.encode() + b"\0")  # FRA_IIFNAME
        body += attribute(6, struct.pack("I", priority))  # FRA_PRIORITY
        self.request(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, body)

    def local_address(self, family, packed, index, add):
        """Makes an address one of this machine's for the routing code, or takes that back."""
        body = struct.pack("BBBBBBBBI", address_family(family), len(packed) * 8, 0, 0, 255, 4, 254, RTN_LOCAL, 0)
        body += attribute(1, packed) + attribute(4, struct.pack("i", index))  # RTA_DST, RTA_OIF
        if add:
            self.request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, body)
        else:
            self.request(RTM_DELROUTE, 0, body, ignore=(errno.ESRCH,))

    def default_route(self, family, table, local, index, add=True):
        """The default route of `table`: to this machine, or out of the interface with this index."""
        kind, scope = (RTN_LOCAL, 254) if local else (RTN_UNICAST, 253)
        if family == 6:
            scope = 0
        body = struct.pack("BBBBBBBBI", address_family(family), 0, 0, 0, table, 4, scope, kind, 0)  # RTPROT_STATIC
        body += attribute(4, struct.pack("i", index))  # RTA_OIF
        if family == 6:
            body += attribute(6, struct.pack("I", 512))  # RTA_PRIORITY
        if add:
            self.request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, body)
        else:
            self.request(RTM_DELROUTE, 0, body, ignore=(errno.ESRCH,))


class ConnectionTable(Requests):
    """Empties the connection table of one namespace, as `conntrack -F` does."""

    def __init__(self):
        super().__init__(NETLINK_NETFILTER)

    def flush(self):
        for family in (socket.AF_INET, socket.AF_INET6):
            # NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE
            self.request(1 << 8 | 2, 0, struct.pack("!BBH", family, 0, 0), ignore=(errno.ENOENT,))


class LogReader:
    """Packets that rules of one namespace send to NFLOG groups, in the order in which they were logged.

    With a threshold of one packet the kernel hands a packet over while the rule is evaluated
    (net/netfilter/nfnetlink_log.c, nfulnl_log_packet), so what became of a packet is known when the write of
    that packet returns.
    """

    def __init__(self, groups):
        self.requests = Requests(NETLINK_NETFILTER)
        self.socket = self.requests.socket
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        for group in groups:
            self._configure(group, attribute(1, b"\x01"))  # NFULA_CFG_CMD: NFULNL_CFG_CMD_BIND
            self._configure(group, attribute(2, struct.pack("!IBB", 0xFFFF, 2, 0)))  # NFULNL_COPY_PACKET
            self._configure(group, attribute(5, struct.pack("!I", 1)))  # NFULA_CFG_QTHRESH
        self.socket.setblocking(False)

    def _configure(self, group, attributes):
        # NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG; the group is the resource id of the nfgenmsg header
        self.requests.request(4 << 8 | 1, 0, struct.pack("!BBH", 0, 0, group) + attributes)

    def read(self):
        """Everything logged since the last call: a list of (group, prefix, packet, mark, in index, out index)."""
        messages = []
        while True:
            try:
                data = self.socket.recv(1 << 17)
            except BlockingIOError:
                return messages
            offset, end = 0, len(data)
            while offset + 16 <= end:
                length, kind = struct.unpack_from("IH", data, offset)
                if length < 16:
                    break
                if kind == 4 << 8:  # NFULNL_MSG_PACKET
                    messages.append(self._message(data, offset, offset + length))
                offset += (length + 3) & ~3

    @staticmethod
    def _message(data, start, end):
        group = struct.unpack_from("!H", data, start + 18)[0]
        prefix, packet, mark, index_in, index_out = "", b"", 0, 0, 0
        at = start + 20
        while at + 4 <= end:
            length, kind = struct.unpack_from("HH", data, at)
            if length < 4:
                break
            kind &= 0x3FFF
            if kind == 9:  # NFULA_PAYLOAD
                packet = data[at + 4 : at + length]
            elif kind == 10:  # NFULA_PREFIX
                prefix = data[at + 4 : at + length].rstrip(b"\0").decode("latin1")
            elif kind == 2:  # NFULA_MARK
                mark = struct.unpack_from("!I", data, at + 4)[0]
            elif kind == 4:  # NFULA_IFINDEX_INDEV
                index_in = struct.unpack_from("!I", data, at + 4)[0]
            elif kind == 5:  # NFULA_IFINDEX_OUTDEV
                index_out = struct.unpack_from("!I", data, at + 4)[0]
            at += (length + 3) & ~3
        return group, prefix, packet, mark, index_in, index_out

    def close(self):
        self.requests.close()
