# Mail: eight connections a minute from each /24, and not one more.
iptables -A INPUT -p tcp --dport 25 -m recent --name mail --mask 24 --rcheck --seconds 60 --hitcount 8 -j REJECT
iptables -A INPUT -p tcp --dport 25 -m recent --name Mail --mask 24 --set
