#!/bin/sh
# A small server done well: fwlint has nothing to say about it.
set -eu

for family in iptables ip6tables; do
  "$family" -F INPUT
  "$family" -A INPUT -i lo -j ACCEPT
  "$family" -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  "$family" -A INPUT -m conntrack --ctstate INVALID -j DROP
done

iptables -A INPUT -p icmp -j ACCEPT
ip6tables -A INPUT -p ipv6-icmp -j ACCEPT

for family in iptables ip6tables; do
  "$family" -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh --rcheck --seconds 60 --hitcount 6 -j REJECT --reject-with tcp-reset
  "$family" -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh --set
  "$family" -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT
  "$family" -A INPUT -p tcp -m multiport --dports 80,443 -m conntrack --ctstate NEW -j ACCEPT
  "$family" -P INPUT DROP
  "$family" -P FORWARD DROP
done
