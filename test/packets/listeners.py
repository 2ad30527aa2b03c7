"""Opens sockets on the ports 80 to 83 of the addresses given, and keeps them until the program that ran this has ended.

80: bound to the address. 81: to any address. 82, 83: the same, and transparent (IP_TRANSPARENT), with the socket marks 5 and 6.
"""

import os
import socket
import sys
import time

IP_TRANSPARENT = 19
IPV6_TRANSPARENT = 75
SO_MARK = 36
LONGEST_LIFE = 60


def open_sockets(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    anywhere = "::" if family == socket.AF_INET6 else "0.0.0.0"
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        for port, bound, mark in ((80, address, 0), (81, anywhere, 0), (82, address, 5), (83, anywhere, 6)):
            opened = socket.socket(family, kind)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if mark:
                level, option = (socket.IPPROTO_IPV6, IPV6_TRANSPARENT) if family == socket.AF_INET6 else (socket.SOL_IP, IP_TRANSPARENT)
                opened.setsockopt(level, option, 1)
                opened.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
            opened.bind((bound, port))
            if kind == socket.SOCK_STREAM:
                opened.listen(1)
            yield opened


def main():
    sockets = [opened for address in sys.argv[1:] for opened in open_sockets(address)]
    caller = os.getppid()
    if os.fork() == 0:
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        end = time.monotonic() + LONGEST_LIFE
        while os.path.exists(f"/proc/{caller}") and time.monotonic() < end:
            time.sleep(0.1)
        os._exit(len(sockets) == 0)


main()
