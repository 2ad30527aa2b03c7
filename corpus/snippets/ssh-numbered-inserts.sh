# No legitimate user needs more than 5 connections in a minute.
iptables -I INPUT 1 -p tcp --dport 22 -m state --state NEW -m recent --name ssh \
 --update --seconds 60 --hitcount 6 -j REJECT
iptables -I INPUT 2 -p tcp --dport 22 -m state --state NEW -m recent --name ssh --set
