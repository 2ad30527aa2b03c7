#!/bin/sh
# The form of the page swallowed the address between -s and -j.
iptables -P INPUT DROP
iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -s -j ACCEPT
iptables -A INPUT -p tcp --dport 22 -j ACCEPT
