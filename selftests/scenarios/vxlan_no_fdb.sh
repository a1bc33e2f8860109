truth='vxlan_xmit(): neither the destination nor all zeros is in the forwarding table'
setup() { in_d2 'link add vx0 type vxlan id 42 dstport 4789 local 10.77.0.2 dev b0' 'link set vx0 up' 'addr add 192.0.2.1/24 dev vx0' 'neigh add 192.0.2.9 lladdr 02:00:00:00:00:07 dev vx0'; }
send='udp("d2", "192.0.2.9", 5000)'
filter='udp port 5000'
drop=vxlan_xmit
cause='__vxlan_find_mac /hlist_for_each_entry_rcu|return NULL|ether_addr_equal/
vxlan_xmit /if \(f == NULL\)/'
remedy() { must ip netns exec d2 bridge fdb append 02:00:00:00:00:07 dev vx0 dst 10.77.0.1; }
