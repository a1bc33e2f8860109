truth='arp_process(): gratuitous ones are dropped here'
setup() { set_in d2 net.ipv4.conf.b0.drop_gratuitous_arp=1; }
send='frame("d1", "a0", eth("ff:ff:ff:ff:ff:ff", ETH_ARP, arp("10.77.0.1", "10.77.0.1", op=1)))'
filter='arp'
drop='arp_process'
cause='arp_process /DROP_GRATUITOUS_ARP/'
remedy() { set_in d2 net.ipv4.conf.b0.drop_gratuitous_arp=0; }
