truth='arp_rcv(): ar_hln is 8, the address of the device has 6 bytes'
send="frame('d1', 'a0', eth(BROADCAST, ETH_ARP, arp('10.77.0.31', '10.77.0.2', hln=8)))"
send_well="frame('d1', 'a0', eth(BROADCAST, ETH_ARP, arp('10.77.0.31', '10.77.0.2')))"
filter='arp'
drop=arp_rcv
cause='arp_rcv /arp->ar_hln != dev->addr_len/'
