"""Packets as bytes: builds one from its description, and reads the fields of one back.

A description is a dictionary with the keys of FIELDS (test/support/packets.ts explains them); `describe` returns the
same keys, so that a packet can be compared with what came out, field by field.
"""
import ipaddress
import struct

PROTOCOLS = {
    "icmp": 1,
    "igmp": 2,
    "ipip": 4,
    "tcp": 6,
    "udp": 17,
    "dccp": 33,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "icmpv6": 58,
    "ipcomp": 108,
    "sctp": 132,
    "udplite": 136,
}
PROTOCOL_NAMES = {number: name for name, number in PROTOCOLS.items()}
WITH_PORTS = {6, 17, 33, 132, 136}
FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ECE": 64, "CWR": 128}
ICMP_ERRORS = {1: {3, 4, 5, 11, 12}, 58: {1, 2, 3, 4}}
# Keys that say what the bytes of the packet are; sender.py adds those that say how it is sent.
FIELDS = {
    "src", "dst", "proto", "sport", "dport", "flags", "seq", "ack", "window", "options", "icmp", "icmpId", "quote",
    "spi", "dccpType", "ttl", "tos", "id", "dontFragment", "fragment", "ipOptions", "extensions", "length", "payload",
}


class BadPacket(ValueError):
    """A description that no packet can be built from."""


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC32C = _crc32c_table()


def crc32c(data):
    """The checksum of SCTP (RFC 9260, appendix A)."""
    value = 0xFFFFFFFF
    for byte in data:
        value = _CRC32C[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def protocol_number(name):
    if isinstance(name, int):
        return name
    if name not in PROTOCOLS:
        raise BadPacket("unknown protocol %r" % (name,))
    return PROTOCOLS[name]


def flag_bits(flags):
    """'SYN,ACK' or a number -> the flag byte of TCP; '' and 'NONE' are no flag at all."""
    if isinstance(flags, int):
        return flags
    bits = 0
    for name in flags.split(","):
        if name in ("", "NONE"):
            continue
        if name not in FLAGS:
            raise BadPacket("unknown TCP flag %r" % (name,))
        bits |= FLAGS[name]
    return bits


def flag_names(bits):
    return ",".join(name for name, bit in FLAGS.items() if bits & bit) or "NONE"


def _pseudo_header(source, destination, protocol, length):
    if len(source) == 4:
        return source + destination + struct.pack("!BBH", 0, protocol, length)
    return source + destination + struct.pack("!IHBB", length, 0, 0, protocol)


def _with_checksum(segment, at, source, destination, protocol):
    value = checksum(_pseudo_header(source, destination, protocol, len(segment)) + segment)
    if value == 0 and protocol in (17, 136):
        value = 0xFFFF
    return segment[:at] + struct.pack("!H", value) + segment[at + 2 :]


def _payload(packet):
    payload = packet.get("payload", 0)
    if isinstance(payload, int):
        return b"x" * payload
    return payload.encode("latin1")


def _transport(packet, protocol, source, destination, payload):
    """The transport header with its checksum, and the payload."""
    ports = struct.pack("!HH", packet.get("sport", 0), packet.get("dport", 0))
    if protocol == 6:
        options = bytes.fromhex(packet.get("options", ""))
        options += b"\0" * (-len(options) % 4)
        header = ports + struct.pack(
            "!IIBBHHH",
            packet.get("seq", 1000),
            packet.get("ack", 0),
            (5 + len(options) // 4) << 4,
            flag_bits(packet.get("flags", "SYN")),
            packet.get("window", 64240),
            0,
            0,
        )
        return _with_checksum(header + options + payload, 16, source, destination, 6)
    if protocol == 17:
        header = ports + struct.pack("!HH", 8 + len(payload), 0)
        return _with_checksum(header + payload, 6, source, destination, 17)
    if protocol == 136:
        header = ports + struct.pack("!HH", 8 + len(payload), 0)
        return _with_checksum(header + payload, 6, source, destination, 136)
    if protocol in (1, 58):
        kind, code = packet.get("icmp", (8, 0) if protocol == 1 else (128, 0))
        if "quote" in packet:
            quoted = build(packet["quote"])[:528]
            packet_too_big = (protocol, kind, code) in ((1, 3, 4), (58, 2, 0))
            body = struct.pack("!I", 1400 if packet_too_big else 0) + quoted
        else:
            body = struct.pack("!HH", packet.get("icmpId", 0x2222), 1) + payload
        segment = struct.pack("!BBH", kind, code, 0) + body
        if protocol == 58:
            return _with_checksum(segment, 2, source, destination, 58)
        return segment[:2] + struct.pack("!H", checksum(segment)) + segment[4:]
    if protocol == 132:
        chunk = payload or struct.pack("!BBHIIHHI", 1, 0, 20, 0x1234, 65535, 5, 5, 99)  # INIT
        header = ports + struct.pack("!II", 0, 0)
        return header[:8] + struct.pack("<I", crc32c(header + chunk)) + chunk
    if protocol == 33:
        # As long as a DCCP-Request: with extended sequence numbers and a service code (RFC 4340, section 5.1)
        kind = packet.get("dccpType", 0) << 1 | 1
        header = ports + struct.pack("!BBHBBHII", 5, 0, 0, kind, 0, 0, 7, 0x2A)
        return _with_checksum(header + payload, 6, source, destination, 33)
    if protocol == 50:
        return struct.pack("!II", packet.get("spi", 256), 1) + (payload or b"e" * 24)
    if protocol == 51:
        return struct.pack("!BBHII", 59, 4, 0, packet.get("spi", 256), 1) + b"\0" * 12 + payload
    if protocol == 47:
        return struct.pack("!HH", 0, 0x0800) + (payload or b"g" * 20)
    if protocol == 108:
        return struct.pack("!BBH", 59, 0, packet.get("spi", 256) & 0xFFFF) + (payload or b"c" * 12)
    if protocol == 2:
        segment = struct.pack("!BBHI", 0x11, 10, 0, 0)
        return segment[:2] + struct.pack("!H", checksum(segment)) + segment[4:]
    return payload or b"x" * 16


def build(packet):
    """The bytes of a packet from its IP header on. Raises BadPacket."""
    try:
        source = ipaddress.ip_address(packet["src"]).packed
        destination = ipaddress.ip_address(packet["dst"]).packed
        if len(source) != len(destination):
            raise BadPacket("addresses of two families")
        protocol = protocol_number(packet.get("proto", "tcp"))
        raw = _assemble(packet, protocol, source, destination, _payload(packet))
        if "length" in packet:
            missing = packet["length"] - len(raw)
            if missing < 0:
                raise BadPacket("length %d is less than the headers, %d" % (packet["length"], len(raw)))
            if missing:
                raw = _assemble(packet, protocol, source, destination, _payload(packet) + b"x" * missing)
            if len(raw) != packet["length"]:
                raise BadPacket("a packet of protocol %d cannot be given a length" % protocol)
        return raw
    except (KeyError, TypeError, ValueError, struct.error) as error:
        if isinstance(error, BadPacket):
            raise
        raise BadPacket("%s: %s in %r" % (type(error).__name__, error, packet)) from None


def _assemble(packet, protocol, source, destination, payload):
    body = _transport(packet, protocol, source, destination, payload)
    fragment = packet.get("fragment")
    identification = packet.get("id", 1)
    if fragment:
        if fragment["offset"]:
            body = payload or b"f" * 24
        if fragment["more"]:
            body += b"\0" * (-len(body) % 8)
    if len(source) == 4:
        options = bytes.fromhex(packet.get("ipOptions", ""))
        options += b"\0" * (-len(options) % 4)
        bits = 0x4000 if packet.get("dontFragment", not fragment) else 0
        if fragment:
            bits |= (fragment["offset"] // 8) | (0x2000 if fragment["more"] else 0)
        header = struct.pack(
            "!BBHHHBBH",
            0x45 + len(options) // 4,
            packet.get("tos", 0),
            20 + len(options) + len(body),
            identification & 0xFFFF,
            bits,
            packet.get("ttl", 64),
            protocol,
            0,
        )
        header += source + destination + options
        return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + body
    extensions = [(kind, bytes.fromhex(rest)) for kind, rest in packet.get("extensions", [])]
    if fragment:
        bits = fragment["offset"] & ~7 | (1 if fragment["more"] else 0)
        extensions.append((44, struct.pack("!BHI", 0, bits, identification)))
    following = protocol
    for kind, rest in reversed(extensions):
        body = bytes([following]) + rest + body
        following = kind
    first_word = 6 << 28 | packet.get("tos", 0) << 20 | identification & 0xFFFFF
    header = struct.pack("!IHBB", first_word, len(body), following, packet.get("ttl", 64))
    return header + source + destination + body


def describe(raw):
    """The fields of a packet, with `badChecksum` naming checksums that are wrong and `data` the rest, in hex."""
    try:
        return _describe(raw)
    except (IndexError, struct.error):
        return {"truncated": raw.hex()}


def _describe(raw):
    if raw[0] >> 4 == 4:
        header_length = (raw[0] & 15) * 4
        length, identification, bits = struct.unpack_from("!HHH", raw, 2)
        source, destination = raw[12:16], raw[16:20]
        protocol = raw[9]
        fields = {
            "src": str(ipaddress.IPv4Address(source)),
            "dst": str(ipaddress.IPv4Address(destination)),
            "proto": PROTOCOL_NAMES.get(protocol, protocol),
            "ttl": raw[8],
            "tos": raw[1],
            "id": identification,
            "length": length,
            "dontFragment": bool(bits & 0x4000),
        }
        if header_length > 20:
            fields["ipOptions"] = raw[20:header_length].hex()
        if bits & 0x3FFF:
            fields["fragment"] = {"offset": (bits & 0x1FFF) * 8, "more": bool(bits & 0x2000)}
        if checksum(raw[:header_length]):
            fields["badChecksum"] = "ip"
        body = raw[header_length:length]
        later_fragment = bits & 0x1FFF
    else:
        word, payload_length, following, ttl = struct.unpack_from("!IHBB", raw, 0)
        source, destination = raw[8:24], raw[24:40]
        body = raw[40 : 40 + payload_length]
        fields = {
            "src": str(ipaddress.IPv6Address(source)),
            "dst": str(ipaddress.IPv6Address(destination)),
            "ttl": ttl,
            "tos": word >> 20 & 0xFF,
            "id": word & 0xFFFFF,
            "length": 40 + payload_length,
        }
        extensions, later_fragment = [], 0
        while following in (0, 43, 44, 60) and len(body) >= 8 and not later_fragment:
            size = 8 if following == 44 else (body[1] + 1) * 8
            extensions.append([following, body[1:size].hex()])
            if following == 44:
                later_fragment = struct.unpack_from("!H", body, 2)[0] >> 3
            following, body = body[0], body[size:]
        if extensions:
            fields["extensions"] = extensions
        protocol = following
        fields["proto"] = PROTOCOL_NAMES.get(protocol, protocol)
    if later_fragment:
        fields["data"] = body.hex()
        return fields
    if protocol in WITH_PORTS and len(body) >= 4:
        fields["sport"], fields["dport"] = struct.unpack_from("!HH", body, 0)
    rest = body
    if protocol == 6 and len(body) >= 20:
        header_length = (body[12] >> 4) * 4
        fields["seq"], fields["ack"] = struct.unpack_from("!II", body, 4)
        fields["flags"] = flag_names(body[13])
        fields["window"] = struct.unpack_from("!H", body, 14)[0]
        fields["options"] = body[20:header_length].hex()
        rest = body[header_length:]
    elif protocol in (17, 136):
        rest = body[8:]
    elif protocol in (1, 58) and len(body) >= 8:
        fields["icmp"] = [body[0], body[1]]
        rest = body[8:]
        if body[0] in ICMP_ERRORS[protocol]:
            fields["icmpRest"] = body[4:8].hex()
            quoted = describe(rest)
            fields["quote"] = {key: quoted[key] for key in ("src", "dst", "proto", "sport", "dport") if key in quoted}
            rest = b""
        else:
            fields["icmpId"] = struct.unpack_from("!H", body, 4)[0]
    elif protocol in (50, 51) and len(body) >= 8:
        fields["spi"] = struct.unpack_from("!I", body, 0 if protocol == 50 else 4)[0]
    if not fields.get("fragment") and not _checksum_holds(protocol, source, destination, body):
        fields["badChecksum"] = " ".join(filter(None, (fields.get("badChecksum"), "transport")))
    fields["data"] = rest.hex()
    return fields


def _checksum_holds(protocol, source, destination, body):
    if protocol == 1:
        return checksum(body) == 0
    if protocol == 17 and body[6:8] == b"\0\0":
        return True
    if protocol in (6, 17, 58):
        return checksum(_pseudo_header(source, destination, protocol, len(body)) + body) == 0
    return True
