iptables -N add_to_denylist
iptables -A add_to_denylist -j DROP
# The list is stamped by every TCP packet: -m recent stands before --syn.
iptables -A INPUT -p tcp \
  -m recent --update --name synflood --seconds 60 --hitcount 100 \
  -m tcp --syn -j add_to_denylist
iptables -A INPUT -p tcp \
  -m recent --set --name synflood -m tcp --syn
