# The proxy 192.0.2.44 may open as many connections as it likes.
/sbin/iptables -A INPUT -p tcp --syn --dport 80 -d ! 192.0.2.44 -m connlimit --connlimit-above 20 -j REJECT --reject-with tcp-reset
