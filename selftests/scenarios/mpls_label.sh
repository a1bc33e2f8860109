truth='mpls_forward(): no route for label 99: mpls_route_input_rcu() is NULL'
setup() { must modprobe mpls_router; set_in d2 net.mpls.platform_labels=1000 net.mpls.conf.b0.input=1; }
send="into(struct.pack('!I', 99 << 12 | 0x100 | 64) + udp4('10.77.0.1', '10.77.0.2', 3000, 7002), ethertype=0x8847)"
filter='ether proto 0x8847'
drop=mpls_forward
cause='mpls_forward /if \(!rt\)/
mpls_route_input_rcu /./'
