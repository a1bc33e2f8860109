truth='__allowed_ingress(): the port has no VLAN for untagged frames'
setup() { in_d2 'link add br0 type bridge vlan_filtering 1' 'link set b0 master br0' 'link set br0 up'; must ip netns exec d2 bridge vlan del dev b0 vid 1; }
send='into(udp4("10.77.0.1", "10.77.0.2", 4000, 5000))'
filter='udp port 5000'
drop='__allowed_ingress|br_allowed_ingress|br_handle_frame_finish'
cause='__allowed_ingress /if \(!pvid\)/
br_get_pvid /.*/'
remedy() { must ip netns exec d2 bridge vlan add dev b0 vid 1 pvid untagged; }
