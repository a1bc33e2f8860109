truth='vxlan_rcv(): the VNI flag is not set'
setup() { must modprobe vxlan; in_d2 'link add vx0 type vxlan id 42 remote 10.77.0.1 dstport 4789' 'link set vx0 up'; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 4789, payload=bytes([0, 0, 0, 0, 0, 0, 42, 0]) + eth(BROADCAST, ETH_IP, bytes(40))))"
send_well="into(udp4('10.77.0.1', '10.77.0.2', 3000, 4789, payload=bytes([8, 0, 0, 0, 0, 0, 42, 0]) + eth(BROADCAST, ETH_IP, bytes(40))))"
filter='dst port 4789'
drop='vxlan_rcv'
cause='vxlan_rcv /VXLAN_HF_VNI\)/'
