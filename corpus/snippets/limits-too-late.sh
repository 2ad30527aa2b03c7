# The firewall was there first; the limits were added at its end.
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT

# Four tries a minute for SSH ...
iptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh --rcheck --seconds 60 --hitcount 4 -j DROP
iptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh --set
# ... and ten pings a minute from one address.
iptables -A INPUT -p icmp --icmp-type echo-request -m recent --name ping --rcheck --seconds 60 --hitcount 10 -j DROP
iptables -A INPUT -p icmp --icmp-type echo-request -m recent --name ping --set
iptables -A INPUT -p icmp --icmp-type echo-request -j ACCEPT
iptables -P INPUT DROP
