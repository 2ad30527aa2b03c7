# Forget what is older than a minute, then count SYNs and send whoever comes too often to the denylist.
iptables -A INPUT \
  -m recent --rcheck --name synflood --seconds 60 --reap
iptables -A INPUT -p tcp \ # chain and protocol
  -m tcp --syn \ # only the first packet of a connection
  -m recent --set --name synflood \ # remember the address
  -m recent --rcheck --seconds 60 --hitcount 100 \
  -j add_to_denylist # too many
