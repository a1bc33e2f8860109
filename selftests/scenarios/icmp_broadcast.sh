truth='icmp_rcv(): an echo request to 10.77.0.255, and icmp_echo_ignore_broadcasts is 1'
send="into(ip4('10.77.0.1', '10.77.0.255', 1, bytes([8, 0, 0xf7, 0xfe, 0, 0, 0, 1])), BROADCAST)"
filter='icmp and src host 10.77.0.1'
drop=icmp_rcv
cause='icmp_rcv /sysctl_icmp_echo_ignore_broadcasts/
icmp_rcv /icmph->type == ICMP_ECHO/'
remedy() { set_in d2 net.ipv4.icmp_echo_ignore_broadcasts=0; }
