truth='vlan_do_receive(): the device of the VLAN is down'
setup() { in_d2 'link add link b0 name b0.9 type vlan id 9'; }
send='into(vlan(9, ETH_IP, udp4("10.77.0.1", "10.77.0.2", 4000, 5000)), ethertype=ETH_VLAN)'
filter='udp port 5000 or (vlan and udp port 5000)'
drop=vlan_do_receive
cause='vlan_do_receive /vlan_dev->flags & IFF_UP/'
remedy() { in_d2 'link set b0.9 up'; }
