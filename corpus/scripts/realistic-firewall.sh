#!/bin/sh
# A small server: web for everybody, SSH with a limit, nothing else.
iptables -P INPUT DROP
iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -s 198.51.100.0/24 -j ACCEPT
iptables -A INPUT -p tcp --dport 22 -m state --state NEW -m recent --name ssh \
 --update --seconds 60 --hitcount 6 -j REJECT
iptables -A INPUT -p tcp --dport 22 -m state --state NEW -m recent --name ssh --set
iptables -A INPUT -p tcp --dport 22 -j ACCEPT
iptables -A INPUT -p tcp --dport 80 -j ACCEPT
