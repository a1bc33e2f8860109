truth='vxlan_rcv(): reserved bits are set'
setup() { in_d2 'link add vx0 type vxlan id 42 dstport 4789 local 10.77.0.2 dev b0' 'link set vx0 up'; }
send='into(udp4("10.77.0.1", "10.77.0.2", 4000, 4789, payload=struct.pack("!II", 0x08000000, 42 << 8 | 5) + eth("02:00:00:00:00:07", ETH_IP, udp4("192.0.2.1", "192.0.2.2", 1, 2))))'
filter='udp port 4789'
drop=vxlan_rcv
cause='vxlan_rcv /unparsed.vx_flags \|\| unparsed.vx_vni/'
