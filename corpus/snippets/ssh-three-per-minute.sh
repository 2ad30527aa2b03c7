# No more than three SSH connections a minute from one address; the fourth is dropped.
iptables -I INPUT -p tcp --dport 22 -m state --state NEW \
  -m recent --set
iptables -I INPUT -p tcp --dport 22 -m state --state NEW \
  -m recent --update --seconds 60 --hitcount 3 -j DROP
