truth='__allowed_ingress(): the port has no VLAN 77: br_vlan_find() is NULL'
setup() { must modprobe bridge; in_d2 'addr flush dev b0' 'link add br0 type bridge vlan_filtering 1 vlan_default_pvid 1' 'link set b0 master br0' 'link set br0 up'; must_await 'the port to forward' port_forwards; }
port_forwards() { [[ $(ip netns exec d2 cat /sys/class/net/b0/brport/state) == 3 ]]; }
send="into(vlan(77, ETH_IP, udp4('10.79.0.1', '10.79.0.2', 3000, 7102)), ethertype=ETH_VLAN)"
filter='ether src 02:00:00:00:00:99'
drop='__allowed_ingress'
cause='__allowed_ingress /if \(!v/
br_vlan_find /./
br_vlan_lookup /./'
remedy() { must bridge -n d2 vlan add dev b0 vid 77; }
