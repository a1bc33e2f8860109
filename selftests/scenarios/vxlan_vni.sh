truth='vxlan_rcv(): no device has VNI 99: vxlan_vs_find_vni() is NULL'
setup() { must modprobe vxlan; in_d2 'link add vx0 type vxlan id 42 remote 10.77.0.1 dstport 4789' 'link set vx0 up'; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 4789, payload=bytes([8, 0, 0, 0, 0, 0, 99, 0]) + eth(BROADCAST, ETH_IP, bytes(40))))"
filter='dst port 4789'
drop='vxlan_rcv'
cause='vxlan_rcv /if \(!vxlan\)/
vxlan_vs_find_vni /./'
remedy() { in_d2 'link add vx1 type vxlan id 99 remote 10.77.0.1 dstport 4789' 'link set vx1 up'; }
