truth='ip_forward(): 1300 bytes with DF, the next device has an MTU of 1200; ip_exceeds_mtu() is true'
setup() { third; in_d2 'link set c0 mtu 1200'; }
send="into(udp4('10.77.0.1', '10.88.0.2', 3000, 7001, payload=bytes(1272), frag=0x4000))"
filter='dst host 10.88.0.2'
drop=ip_forward
cause='ip_forward /ip_exceeds_mtu/
ip_exceeds_mtu /skb->len <= mtu/
ip_exceeds_mtu /IP_DF/'
remedy() { in_d2 'link set c0 mtu 1500'; }
