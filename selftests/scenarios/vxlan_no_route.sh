truth='vxlan_xmit_one(): ip_route_output_key() finds no way to 192.0.2.99: fib_table_lookup() has none'
setup() { must modprobe vxlan; in_d1 'link add vx0 type vxlan id 42 remote 192.0.2.99 dstport 4789' 'addr add 10.81.0.1/24 dev vx0' 'link set vx0 up' 'neigh add 10.81.0.2 lladdr 02:00:00:00:00:08 dev vx0'; }
send="udp('d1', '10.81.0.2', 7103, sport=3106)"
filter='src port 3106'
drop=vxlan_xmit_one
cause='ip_route_output_key_hash_rcu /fib_lookup/
ip_route_output_key_hash_rcu /if \(err\)/
fib_lookup /./
fib_table_lookup /./'
remedy() { in_d1 'route add 192.0.2.99 via 10.77.0.2'; }
