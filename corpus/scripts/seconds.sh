#!/bin/bash
# Drops an address that tries more than 10 connections in 100 seconds.
IPT=/sbin/iptables
# length of the window
SECONDS=100
# tries in it
BLOCKCOUNT=10
DACTION="DROP"

$IPT -A INPUT -p tcp --dport 80 -i eth0 -m state --state NEW -m recent --set
$IPT -A INPUT -p tcp --dport 80 -i eth0 -m state --state NEW -m recent --update --seconds ${SECONDS} --hitcount ${BLOCKCOUNT} -j ${DACTION}
