truth='geneve_udp_encap_recv(): version 1'
setup() { in_d2 'link add gn0 type geneve id 42 remote 10.77.0.1' 'link set gn0 up'; }
send='into(udp4("10.77.0.1", "10.77.0.2", 4000, 6081, payload=struct.pack("!BBHI", 0x40, 0, 0x6558, 42 << 8) + eth("02:00:00:00:00:07", ETH_IP, udp4("192.0.2.1", "192.0.2.2", 1, 2))))'
filter='udp port 6081'
drop='geneve_udp_encap_recv'
cause='geneve_udp_encap_recv /geneveh->ver != GENEVE_VER/'
